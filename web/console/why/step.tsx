import { createContext } from 'preact'
import type { ComponentChildren } from 'preact'
import { useContext } from 'preact/hooks'

/** Headings are one level lower when the whole stands in a dialog. */
export const InDialog = createContext(false)

/** One stage of the path: the time it began in the margin, a note on the rail, what it did. */
export function Step({ fromMs, title, note, children }: { fromMs: number | null; title: string; note?: ComponentChildren; children: ComponentChildren }) {
  return (
    <li class="step">
      <span class="step-time mono">
        {fromMs === null ? '' : fromMs.toFixed(1)}
        <span class="aside-text"> ms</span>
      </span>
      <span class="step-rail" aria-hidden="true" />
      <div class="step-body">
        <StepTitle>
          {title} {note !== undefined && <span class="step-note">{note}</span>}
        </StepTitle>
        {children}
      </div>
    </li>
  )
}

function StepTitle({ children }: { children: ComponentChildren }) {
  return useContext(InDialog) ? <h3 class="step-title">{children}</h3> : <h2 class="step-title">{children}</h2>
}
