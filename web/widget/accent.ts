/** The one colour a host page gives: brought to where the text on it can be read, and no further. */

/** WCAG 2.2, 1.4.3. */
export const textContrastMin = 4.5
/** From here black text on a light accent reads better than white text on a darkened one (WCAG 2.2, 1.4.6). */
const blackContrastMin = 7
/** Dark accents are lifted until a bubble stands out from dark paper. */
const liftedContrastMin = 1.9
const darkPaper = 0x14191c
const accentDefault = 0x12181a

export interface Accent {
  /** `#rrggbb` */
  readonly fill: string
  readonly text: '#ffffff' | '#000000'
}

/**
 * The accent as it is drawn on a light page. White text where it passes 4.5:1; black text where the accent is light
 * enough for 7:1; what lies between is darkened, all channels alike so that the hue stays, until white text passes.
 * @example
 * accentOf('#12304d') // { fill: '#12304d', text: '#ffffff' }
 */
export function accentOf(given: string): Accent {
  const color = readColor(given) ?? accentDefault
  const light = luminance(color)
  if (contrast(light, 1) >= textContrastMin) return { fill: hex(color), text: '#ffffff' }
  if (contrast(light, 0) >= blackContrastMin) return { fill: hex(color), text: '#000000' }
  return { fill: hex(scaled(color, luminanceOfContrast(1, textContrastMin) / light)), text: '#ffffff' }
}

/** The accent as it is drawn on a dark page: never so dark that it sinks into the paper. */
export function accentOnDark(given: string): Accent {
  const accent = accentOf(given)
  const color = readColor(accent.fill) ?? accentDefault
  const paper = luminance(darkPaper)
  const wanted = (paper + flare) * liftedContrastMin - flare
  if (luminance(color) >= wanted) return accent
  return { fill: hex(lifted(color, wanted)), text: accent.text }
}

/** Whether an accent is so close to white paper that it needs an edge to be seen on it. */
export function isPale({ fill }: Accent): boolean {
  return contrast(luminance(readColor(fill) ?? accentDefault), 1) < liftedContrastMin
}

/** `#rgb` or `#rrggbb` as a number; null for anything else. */
export function readColor(text: string): number | null {
  const found = /^#?(?:([\da-f]{3})|([\da-f]{6}))$/i.exec(text.trim())
  if (!found) return null
  return parseInt(found[2] ?? (found[1] as string).replace(/./g, '$&$&'), 16)
}

/** WCAG 2.2: what the screen reflects, added to both sides of a ratio. */
const flare = 0.05

export function contrast(one: number, other: number): number {
  return (Math.max(one, other) + flare) / (Math.min(one, other) + flare)
}

/** Relative luminance, 0 to 1 (WCAG 2.2, after IEC 61966-2-1). */
export function luminance(color: number): number {
  return luminanceOf(channels(color))
}

function luminanceOf([red = 0, green = 0, blue = 0]: readonly number[]): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** The luminance that has this contrast below `lighter`. */
function luminanceOfContrast(lighter: number, ratio: number): number {
  return (lighter + flare) / ratio - flare
}

function channels(color: number): [number, number, number] {
  return [linear(color >> 16), linear((color >> 8) & 255), linear(color & 255)]
}

function linear(byte: number): number {
  const share = byte / 255
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
}

function encoded(light: number): number {
  return 255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055)
}

/** Rounded down, so that what must pass still passes in whole bytes. */
function scaled(color: number, factor: number): number {
  return joined(channels(color).map((light) => Math.floor(encoded(light * factor))))
}

/** Brightened with its hue, and mixed with white only for what a full channel cannot give; rounded up for the same reason. */
function lifted(color: number, wanted: number): number {
  const light = luminance(color)
  const bright = channels(color).map((channel) => Math.min(1, light === 0 ? 0 : (channel * wanted) / light))
  const reached = luminanceOf(bright)
  const share = Math.max(0, (wanted - reached) / (1 - reached))
  return joined(bright.map((channel) => Math.ceil(encoded(channel + share * (1 - channel)))))
}

function joined(bytes: readonly number[]): number {
  return bytes.reduce((color, byte) => color * 256 + byte, 0)
}

function hex(color: number): string {
  return `#${color.toString(16).padStart(6, '0')}`
}
