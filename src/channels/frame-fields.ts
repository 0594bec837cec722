/** Fields of frames as they come over a socket: read, or refused with what is wrong and the `id` or `ref` the sender knows it by. */
import { BattutaError, limits } from '../base/index.ts'

/** Attachments of one message. */
export const attachmentsMax = 10
/** Characters of an unknown type that are said back. */
const shownCharsMax = 40

export type Fields = Readonly<Record<string, unknown>>

/** What an answer to a refused frame carries, so that the sender knows which one it was. */
export interface FrameMark {
  readonly id?: string
  readonly ref?: string
}

export function objectIn(data: string, what: string): Fields {
  let frame: unknown
  try {
    frame = JSON.parse(data)
  } catch {
    frame = null
  }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) throw invalid(`a ${what} is one JSON object`)
  return frame as Fields
}

/** A short name: an id, a reference, a conversation. */
export function nameIn(frame: Fields, field: string, mark: FrameMark = {}): string {
  const value = frame[field]
  if (typeof value !== 'string' || value === '' || value.length > limits.idCharsMax)
    throw invalid(`${frame['type']}: ${field} must be a string of 1 to ${limits.idCharsMax} characters`, mark)
  return value
}

export function optionalNameIn(frame: Fields, field: string, mark: FrameMark = {}): string | undefined {
  return frame[field] === undefined ? undefined : nameIn(frame, field, mark)
}

/** A text that says something. */
export function textIn(frame: Fields, field: string, mark: FrameMark = {}, mayBeEmpty = false): string {
  const value = frame[field]
  if (typeof value !== 'string') throw invalid(`${frame['type']}: ${field} must be a string`, mark)
  if (value.trim() === '' && !mayBeEmpty) throw invalid(`${frame['type']}: ${field} is empty`, mark)
  if (value.length > limits.messageCharsMax)
    throw invalid(`${frame['type']}: ${field} has ${value.length} characters; at most ${limits.messageCharsMax} can be sent at once`, mark)
  return value
}

/** A sequence number or an epoch. */
export function numberIn(frame: Fields, field: string, mark: FrameMark = {}): number {
  const value = frame[field]
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw invalid(`${frame['type']}: ${field} must be a whole number from 0`, mark)
  return value as number
}

/** Ids of attachments that were put up before. */
export function attachmentsIn(frame: Fields, mark: FrameMark): readonly string[] {
  const value = frame['attachments'] ?? []
  const fits =
    Array.isArray(value) && value.length <= attachmentsMax && value.every((id) => typeof id === 'string' && id !== '' && id.length <= limits.idCharsMax)
  if (!fits) throw invalid(`${frame['type']}: attachments must be at most ${attachmentsMax} ids`, mark)
  return value as readonly string[]
}

export function unknownType({ type }: Fields, known: string): BattutaError {
  return invalid(`unknown frame type ${type === undefined ? 'nothing' : JSON.stringify(type).slice(0, shownCharsMax)}: send ${known}`)
}

export function invalid(message: string, mark: FrameMark = {}): BattutaError {
  return new BattutaError('MESSAGE_INVALID', message, { details: { ...mark } })
}
