/** The sign: the dash that opens a line of dialogue, a note on the beat, the bar line. */
export function Sign({ height = 16 }: { height?: number }) {
  return (
    <svg width={(height / 16) * 30} height={height} viewBox="0 0 30 16" aria-hidden="true" fill="currentColor" stroke="currentColor">
      <path d="M1 8h11" stroke-width="2" />
      <circle cx="18" cy="8" r="4" stroke="none" />
      <path d="M26 0v16" stroke-width="1" />
      <path d="M29 0v16" stroke-width="2" />
    </svg>
  )
}
