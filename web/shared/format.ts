/** How figures are written: units with a space, durations in two parts at most, the clock with 24 hours. */

/** Keeps a number with its unit on one line. */
const space = '\u00a0'
const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })
const fine = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 })

export function count(value: number): string {
  return whole.format(value)
}

/** `60 µs`, `3.4 ms`, `221 ms`, `12.3 s` */
export function duration(ms: number): string {
  if (ms < 0.9995) return `${whole.format(ms * 1_000)}${space}µs`
  if (ms < 9_999.5) return `${plainMs(ms)}${space}ms`
  return `${(ms / 1_000).toFixed(1)}${space}s`
}

/** As `duration`, without a decimal that nobody reads: `3.4 ms`, `44 ms`, `205 ms` */
export function shortDuration(ms: number): string {
  return ms >= 9.95 && ms < 9_999.5 ? `${whole.format(ms)}${space}ms` : duration(ms)
}

/** A limit that somebody chose, as they would say it: `5 ms`, `220 ms`, `5 s` */
export function limit(ms: number): string {
  return ms >= 1_000 ? `${fine.format(ms / 1_000)}${space}s` : ms < 1 ? duration(ms) : `${fine.format(ms)}${space}ms`
}

/** Milliseconds without the unit, where the heading has it: `3.4`, `46.8`, `221` */
export function plainMs(ms: number): string {
  return ms < 99.95 ? ms.toFixed(1) : whole.format(ms)
}

/** Events per second: `0`, `2.9`, `1,284` */
export function rate(perS: number): string {
  if (perS === 0) return '0'
  return perS < 99.95 ? perS.toFixed(1) : whole.format(perS)
}

/** `55.7 %`; never rounded up to all of it, nor down to nothing. */
export function share(part: number, decimals = 1): string {
  const step = 10 ** -decimals
  const percent = part * 100
  const held = part < 1 && percent > 100 - step ? 100 - step : part > 0 && percent < step ? step : percent
  return `${held === 100 || held === 0 ? held : held.toFixed(decimals)}${space}%`
}

/** `10:42:08`, in the reader's time zone */
export function clock(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}

/** `10:42:08.114` */
export function clockMs(at: number): string {
  return `${clock(at)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`
}

/** `14 Nov 10:42:08`, without the day when it is the day of `now` */
export function moment(at: number, now: number): string {
  const date = new Date(at)
  if (date.toDateString() === new Date(now).toDateString()) return clock(at)
  return `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${clock(at)}`
}

const units = [
  { ms: 86_400_000, word: 'd' },
  { ms: 3_600_000, word: 'h' },
  { ms: 60_000, word: 'min' },
  { ms: 1_000, word: 's' },
] as const

/** `42 s`, `6 min 12 s`, `3 h 12 min`, `2 d 4 h` */
export function age(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}${space}ms`
  const first = units.findIndex((unit) => ms >= unit.ms)
  const large = units[first] ?? units[3]
  const small = units[first + 1]
  const parts = Math.floor(ms / large.ms)
  const rest = small ? Math.floor((ms % large.ms) / small.ms) : 0
  return `${parts}${space}${large.word}${small && rest > 0 ? ` ${rest}${space}${small.word}` : ''}`
}

/** A feature's or a payload's value, as a person would write it. */
export function value(held: unknown): string {
  if (held === null || held === undefined) return 'none'
  if (typeof held === 'number') return Number.isFinite(held) ? fine.format(held) : String(held)
  if (typeof held === 'string') return held
  if (typeof held === 'boolean') return held ? 'yes' : 'no'
  return JSON.stringify(held)
}

/** `0.87`: a confidence or a score. */
export function score(held: number): string {
  return held.toFixed(2)
}
