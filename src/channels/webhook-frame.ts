/** What other systems say over a webhook: read, or refused with what is wrong. */
import type { HandoffTarget } from '../definition/index.ts'
import { agreedIn, targetIn } from './desk-frame.ts'
import { nameIn, numberIn, objectIn, optionalNameIn, textIn, unknownType } from './frame-fields.ts'
import type { Fields } from './frame-fields.ts'

/** A customer says something over another system. */
export interface ChannelFrame {
  readonly type: 'message'
  readonly id: string
  readonly customer: string
  readonly text: string
  readonly conversation: string | null
}

/** Another desk acts in a conversation it has. */
export type WorkerFrame =
  | { readonly type: 'message'; readonly id: string; readonly conversation: string; readonly epoch: number; readonly text: string }
  | { readonly type: 'note'; readonly id: string; readonly conversation: string; readonly text: string }
  | {
      readonly type: 'handoff'
      readonly conversation: string
      readonly epoch: number
      readonly to: HandoffTarget
      readonly agreed: readonly string[]
      readonly because: string | null
    }
  | { readonly type: 'resolve'; readonly conversation: string; readonly epoch: number; readonly wrapUpCode: string }

export function readChannelFrame(body: string): ChannelFrame {
  const frame = objectIn(body, 'webhook call')
  if (frame['type'] !== 'message') throw unknownType(frame, 'message')
  const conversation = optionalNameIn(frame, 'conversation') ?? null
  return { type: 'message', id: nameIn(frame, 'id'), customer: nameIn(frame, 'customer'), text: textIn(frame, 'text'), conversation }
}

export function readWorkerFrame(body: string): WorkerFrame {
  const frame = objectIn(body, 'webhook call')
  const conversation = (): string => nameIn(frame, 'conversation')
  switch (frame['type']) {
    case 'message':
      return { type: 'message', id: nameIn(frame, 'id'), conversation: conversation(), epoch: numberIn(frame, 'epoch'), text: textIn(frame, 'text') }
    case 'note':
      return { type: 'note', id: nameIn(frame, 'id'), conversation: conversation(), text: textIn(frame, 'text') }
    case 'handoff':
      return { type: 'handoff', conversation: conversation(), epoch: numberIn(frame, 'epoch'), to: targetIn(frame, {}), ...saidOf(frame) }
    case 'resolve':
      return { type: 'resolve', conversation: conversation(), epoch: numberIn(frame, 'epoch'), wrapUpCode: nameIn(frame, 'wrapUpCode') }
    default:
      throw unknownType(frame, 'message, note, handoff or resolve')
  }
}

function saidOf(frame: Fields): { readonly agreed: readonly string[]; readonly because: string | null } {
  return {
    agreed: frame['agreed'] === undefined ? [] : agreedIn(frame, {}),
    because: frame['because'] === undefined ? null : textIn(frame, 'because'),
  }
}
