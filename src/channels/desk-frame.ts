/** Frames of the desk's socket as they come from a page: read, or refused with what is wrong. */
import type { DeskClientFrame, HandoffTarget } from '../definition/index.ts'
import { attachmentsIn, invalid, nameIn, numberIn, objectIn, optionalNameIn, textIn, unknownType } from './frame-fields.ts'
import type { Fields, FrameMark } from './frame-fields.ts'

/** Lines of what was agreed, in one hand-over. */
export const agreedMax = 20
/** Slots that a hand-over to a flow may fill. */
const slotsMax = 50

type Of<Type extends DeskClientFrame['type']> = Extract<DeskClientFrame, { readonly type: Type }>

const readers: { readonly [Type in DeskClientFrame['type']]: (frame: Fields) => Of<Type> } = {
  hello(frame) {
    const key = optionalNameIn(frame, 'key')
    const worker = optionalNameIn(frame, 'worker')
    return { type: 'hello', ...(key === undefined ? {} : { key }), ...(worker === undefined ? {} : { worker }) }
  },
  presence({ state }) {
    if (state !== 'available' && state !== 'busy' && state !== 'away') throw invalid('presence: state must be available, busy or away')
    return { type: 'presence', state }
  },
  accept: (frame) => ({ type: 'accept', reservation: nameIn(frame, 'reservation', refOf(frame)), ...refOf(frame) }),
  reject(frame) {
    const ref = refOf(frame)
    const reason = frame['reason'] === undefined ? {} : { reason: textIn(frame, 'reason', ref) }
    return { type: 'reject', reservation: nameIn(frame, 'reservation', ref), ...reason, ...ref }
  },
  complete(frame) {
    const ref = refOf(frame)
    return { type: 'complete', reservation: nameIn(frame, 'reservation', ref), wrapUpCode: nameIn(frame, 'wrapUpCode', ref), ...ref }
  },
  watch(frame) {
    if (frame['conversation'] === null) return { type: 'watch', conversation: null }
    return { type: 'watch', conversation: nameIn(frame, 'conversation'), ...(frame['after'] === undefined ? {} : { after: numberIn(frame, 'after') }) }
  },
  message(frame) {
    const mark = { id: nameIn(frame, 'id') }
    const conversation = nameIn(frame, 'conversation', mark)
    const epoch = numberIn(frame, 'epoch', mark)
    const attachments = attachmentsIn(frame, mark)
    const text = textIn(frame, 'text', mark, attachments.length > 0)
    return { type: 'message', conversation, epoch, text, ...mark, ...(attachments.length === 0 ? {} : { attachments }) }
  },
  note(frame) {
    const mark = { id: nameIn(frame, 'id') }
    return { type: 'note', conversation: nameIn(frame, 'conversation', mark), text: textIn(frame, 'text', mark), ...mark }
  },
  typing: (frame) => ({ type: 'typing', conversation: nameIn(frame, 'conversation'), on: frame['on'] === true }),
  handoff(frame) {
    const ref = refOf(frame)
    const because = frame['because'] === undefined ? {} : { because: textIn(frame, 'because', ref) }
    const agreed = frame['agreed'] === undefined ? {} : { agreed: agreedIn(frame, ref) }
    const conversation = nameIn(frame, 'conversation', ref)
    return { type: 'handoff', conversation, epoch: numberIn(frame, 'epoch', ref), to: targetIn(frame, ref), ...because, ...agreed, ...ref }
  },
  resolve(frame) {
    const ref = refOf(frame)
    const conversation = nameIn(frame, 'conversation', ref)
    return { type: 'resolve', conversation, epoch: numberIn(frame, 'epoch', ref), wrapUpCode: nameIn(frame, 'wrapUpCode', ref), ...ref }
  },
}

/** A well-formed frame, or MESSAGE_INVALID with what is wrong and the frame's `id` or `ref`. Unknown fields are let be; unknown types are refused. */
export function readDeskFrame(data: string): DeskClientFrame {
  const frame = objectIn(data, 'desk frame')
  const { type } = frame
  if (typeof type !== 'string' || !Object.hasOwn(readers, type)) throw unknownType(frame, Object.keys(readers).join(', '))
  return readers[type as DeskClientFrame['type']](frame)
}

/** Where a conversation is handed to; `slots` is checked by the flow that gets them. */
export function targetIn(frame: Fields, mark: FrameMark): HandoffTarget {
  const wrong = invalid(`${frame['type']}: to must be { kind: 'queue', queue }, { kind: 'worker', worker } or { kind: 'bot', flow?, slots? }`, mark)
  const to = frame['to']
  if (typeof to !== 'object' || to === null) throw wrong
  const target = { ...to, type: `${frame['type']}: to` } as Fields
  if (target['kind'] === 'queue') return { kind: 'queue', queue: nameIn(target, 'queue', mark) }
  if (target['kind'] === 'worker') return { kind: 'worker', worker: nameIn(target, 'worker', mark) }
  if (target['kind'] !== 'bot') throw wrong
  const { slots } = target
  const fits = slots === undefined || (typeof slots === 'object' && slots !== null && !Array.isArray(slots) && Object.keys(slots).length <= slotsMax)
  if (!fits) throw wrong
  const flow = optionalNameIn(target, 'flow', mark)
  return { kind: 'bot', ...(flow === undefined ? {} : { flow }), ...(slots === undefined ? {} : { slots: slots as Record<string, unknown> }) }
}

export function agreedIn(frame: Fields, mark: FrameMark): readonly string[] {
  const { agreed } = frame
  if (!Array.isArray(agreed) || agreed.length > agreedMax) throw invalid(`${frame['type']}: agreed must be at most ${agreedMax} lines`, mark)
  return agreed.map((line: unknown) => textIn({ type: frame['type'], 'a line of agreed': line }, 'a line of agreed', mark))
}

function refOf(frame: Fields): { readonly ref?: string } {
  const ref = optionalNameIn(frame, 'ref')
  return ref === undefined ? {} : { ref }
}
