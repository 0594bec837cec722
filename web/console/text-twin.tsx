import type { ComponentChildren } from 'preact'
import './text-twin.css'

/** A plot's twin in words: a table that is hidden until the keyboard reaches it. */
export function TextTwin({ of, head, rows }: { of: string; head: readonly string[]; rows: readonly (readonly ComponentChildren[])[] }) {
  return (
    <details class="twin">
      <summary>{of} as a table</summary>
      <div class="twin-scroll" tabIndex={0} role="region" aria-label={`${of} as a table`}>
        <table>
          <thead>
            <tr>
              {head.map((name) => (
                <th scope="col">{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((cells) => (
              <tr>{cells.map((cell, index) => (index === 0 ? <th scope="row">{cell}</th> : <td>{cell}</td>))}</tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
