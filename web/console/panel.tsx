import type { ComponentChildren } from 'preact'
import type { BattutaClientError } from '../../src/client/index.ts'
import { Mark } from '../shared/mark.tsx'
import './panel.css'

/** A titled sheet of paper. `note` stands at its right, faint. */
export function Panel({ title, note, children, class: extra = '' }: { title: string; note?: ComponentChildren; children: ComponentChildren; class?: string }) {
  const id = `panel-${title.toLowerCase().replaceAll(/\W+/g, '-')}`
  return (
    <section class={`panel ${extra}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {note !== undefined && <span class="panel-note">{note}</span>}
      </header>
      {children}
    </section>
  )
}

/** What a door refused: what, value, mend, one action, and the code to look up. */
export function Refusal({ title, error, action }: { title: string; error: BattutaClientError; action?: ComponentChildren }) {
  return (
    <section class="panel refusal" role="alert">
      <header class="strained">
        <Mark of="broken" />
        <h2>{title}</h2>
        <code class="panel-note">{error.code}</code>
      </header>
      <div class="panel-body">
        <p>{error.detail}</p>
        {action}
      </div>
    </section>
  )
}

/** A plot that has nothing to draw yet: the bare stave, and a sentence that says why. */
export function BareStave({ children }: { children: ComponentChildren }) {
  return (
    <div class="bare-stave">
      <div class="stave-lines" aria-hidden="true" />
      <p class="small dim">{children}</p>
    </div>
  )
}
