/** Own strokes on a 16 px grid, one path each, as on every Battuta screen. For verbs only; who speaks has marks. */
const paths = {
  chat: 'M2.5 3.5h11v7.5h-6L4.5 13.5V11h-2z',
  check: 'M3 8.5l3.2 3.2L13 4.8',
  checks: 'M1.5 8.5l3 3L10 5.3M8 11l.7.7L15 5.3',
  clip: 'M11.5 6.5l-4.3 4.3a1.8 1.8 0 0 1-2.6-2.6l5-5a2.8 2.8 0 0 1 4 4l-5.2 5.2',
  clock: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.3',
  close: 'M4 4l8 8M12 4l-8 8',
  document: 'M4 2h5.5L12 4.5V14H4zM9.5 2v2.5H12M6 7.5h4M6 10h4',
  down: 'M8 3v9.5M4 8.5l4 4 4-4',
  minimise: 'M3.5 8h9',
  send: 'M2.5 8h10M8.5 4l4 4-4 4',
}

/** `send` points the way the line runs. */
export function Glyph({ of }: { of: keyof typeof paths }) {
  return (
    <svg class={`glyph glyph-${of}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[of]} />
    </svg>
  )
}
