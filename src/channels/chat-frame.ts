/** Frames of the chat socket as they come from a page: read, or refused with what is wrong. */
import type { ChatClientFrame } from '../definition/index.ts'
import { attachmentsIn, invalid, nameIn, numberIn, objectIn, textIn, unknownType } from './frame-fields.ts'

/** A well-formed frame, or MESSAGE_INVALID with what is wrong and the message's `id` where it has one. Unknown fields are let be; unknown types are refused. */
export function readChatFrame(data: string): ChatClientFrame {
  const frame = objectIn(data, 'chat frame')
  switch (frame['type']) {
    case 'hello': {
      const { token, after = 0 } = frame
      if (typeof token !== 'string') throw invalid('hello: token must be a string')
      return { type: 'hello', token, after: numberIn({ type: 'hello', after }, 'after') }
    }
    case 'message': {
      const id = nameIn(frame, 'id')
      const attachments = attachmentsIn(frame, { id })
      const text = textIn(frame, 'text', { id }, attachments.length > 0)
      return { type: 'message', id, text, ...(attachments.length === 0 ? {} : { attachments }) }
    }
    case 'typing':
      return { type: 'typing', on: frame['on'] === true }
    case 'seen':
      return { type: 'seen', seq: numberIn(frame, 'seq') }
    default:
      throw unknownType(frame, 'hello, message, typing or seen')
  }
}
