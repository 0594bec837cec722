import type { ComponentChildren } from 'preact'

const marks = {
  p50: <circle class="note-p50" cx="4.5" cy="4.5" r="2.6" />,
  p99: <circle class="note-p99" cx="4.5" cy="4.5" r="2.6" />,
  'p99.9': <path class="note-p999" d="M1.5 4.5h6" />,
}

/** A note of the score with what it stands for: its name, or a figure. */
export function Key({ of, name = true, children }: { of: keyof typeof marks; name?: boolean; children?: ComponentChildren }) {
  return (
    <span class="score-key-item">
      <svg width="9" height="9" aria-hidden="true">
        {marks[of]}
      </svg>
      {name ? of : <span class="aside-text">{of} </span>}
      {children}
    </span>
  )
}
