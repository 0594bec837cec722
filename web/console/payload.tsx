import { value } from '../shared/format.ts'
import './payload.css'

/** An event's payload: a message as it was said, anything else field by field; sealed personal data as its type only. */
export function Payload({ data }: { data: unknown }) {
  if (typeof data !== 'object' || data === null) return <p class="small dim">{data === undefined || data === null ? 'No payload.' : <Held value={data} />}</p>
  const { text, ...rest } = data as Record<string, unknown>
  const fields = Object.entries(text === undefined ? data : rest)
  return (
    <>
      {text !== undefined && (
        <blockquote class="quote">
          <Held value={text} />
        </blockquote>
      )}
      {fields.length > 0 && (
        <dl class="fields small">
          {fields.map(([name, held]) => (
            <div>
              <dt class="mono">{name}</dt>
              <dd>
                <Held value={held} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}

/** One value; `{ pii: 'IBAN_CODE' }` is what the server sends instead of personal data. */
export function Held({ value: held }: { value: unknown }) {
  const type = piiType(held)
  return type === null ? <>{value(held)}</> : <span class="sealed">{type} sealed</span>
}

export function piiType(held: unknown): string | null {
  if (typeof held !== 'object' || held === null) return null
  const { pii } = held as Record<string, unknown>
  return typeof pii === 'string' ? pii : null
}
