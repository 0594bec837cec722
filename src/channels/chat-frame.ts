/** Frames of the chat socket as they come from a page: read, or refused with what is wrong. */
import { BattutaError, limits } from '../base/index.ts'
import type { ChatClientFrame } from '../definition/index.ts'

/** A well-formed frame, or MESSAGE_INVALID with what is wrong and the message's `id` where it has one. Unknown fields are let be; unknown types are refused. */
export function readFrame(data: string): ChatClientFrame {
  const frame = objectIn(data)
  const { type, token, after = 0, id, text } = frame
  switch (type) {
    case 'hello':
      if (typeof token !== 'string') throw invalid('hello: token must be a string')
      if (!isSeq(after)) throw invalid('hello: after must be a sequence number from 0')
      return { type, token, after }
    case 'message':
      if (typeof id !== 'string' || id === '' || id.length > limits.idCharsMax)
        throw invalid(`message: id must be a string of 1 to ${limits.idCharsMax} characters`)
      if (typeof text !== 'string') throw invalid('message: text must be a string', id)
      if (text.trim() === '') throw invalid('message: text is empty', id)
      if (text.length > limits.messageCharsMax)
        throw invalid(`message: text has ${text.length} characters; at most ${limits.messageCharsMax} can be sent at once`, id)
      return { type, id, text }
    case 'typing':
      return { type, on: frame['on'] === true }
    case 'seen':
      if (!isSeq(frame['seq'])) throw invalid('seen: seq must be a sequence number from 0')
      return { type, seq: frame['seq'] }
    default:
      throw invalid(`unknown frame type ${type === undefined ? 'nothing' : JSON.stringify(type).slice(0, shownCharsMax)}: send hello, message, typing or seen`)
  }
}

/** Characters of an unknown type that are said back. */
const shownCharsMax = 40

function objectIn(data: string): Record<string, unknown> {
  let frame: unknown
  try {
    frame = JSON.parse(data)
  } catch {
    frame = null
  }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) throw invalid('a chat frame is one JSON object')
  return frame as Record<string, unknown>
}

function isSeq(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function invalid(message: string, id?: string): BattutaError {
  return new BattutaError('MESSAGE_INVALID', message, id === undefined ? {} : { details: { id } })
}
