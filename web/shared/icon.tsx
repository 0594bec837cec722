/** Own strokes on a 16 px grid, one path each. For verbs only; status has marks. */
const paths = {
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.2 3.2',
  check: 'M3 8.5l3.2 3.2L13 4.8',
  checks: 'M1.5 8.5l3 3L10 5.3M8 11l.7.7L15 5.3',
  clock: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.3',
  close: 'M4 4l8 8M12 4l-8 8',
  back: 'M9.5 3.5L5 8l4.5 4.5',
  send: 'M2.5 8h10M8.5 4l4 4-4 4',
  replay: 'M3.5 8a4.5 4.5 0 1 0 1.5-3.4M4.8 2v2.8h2.8',
  theme: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11',
}

export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
