/** Plain JSON: what a flow's state and a tool's input and output are made of, since they outlive the process. */
import { limits } from '../base/index.ts'
import { flowFailed } from './failure.ts'

const depthMax = 32

/** A copy that shares nothing with the value. Throws FLOW_FAILED where JSON cannot hold it; properties that are undefined are left out. */
export function plainJson(value: unknown, depth = 0): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value
  if (depth >= depthMax) throw flowFailed(`a value is nested deeper than ${depthMax}, or holds itself`)
  if (Array.isArray(value)) return Array.from(value as unknown[], (item) => plainJson(item, depth + 1))
  if (typeof value === 'object' && isPlain(value)) {
    const entries = Object.entries(value).filter(([, held]) => held !== undefined)
    return Object.fromEntries(entries.map(([key, held]) => [key, plainJson(held, depth + 1)]))
  }
  throw flowFailed(`${kindOf(value)} is no JSON: give numbers, texts, true, false, null, lists and plain objects`)
}

function isPlain(value: object): boolean {
  const made: unknown = Object.getPrototypeOf(value)
  return made === null || made === Object.prototype
}

function kindOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `an object of ${value.constructor?.name ?? 'a class'}`
  return typeof value === 'number' ? String(value) : typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`
}

/** A value as people read it. */
export function shownValue(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** A text that a message can hold. A pair of surrogates is never cut in two. */
export function shortened(text: string, charsMax: number = limits.messageCharsMax): string {
  if (text.length <= charsMax) return text
  const cut = text.slice(0, charsMax - 1)
  const last = cut.charCodeAt(cut.length - 1)
  return `${last >= 0xd800 && last <= 0xdbff ? cut.slice(0, -1) : cut}…`
}
