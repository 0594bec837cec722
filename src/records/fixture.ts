/** Commits for the contract suite, the crash test and the benchmark: whole and plausible, with whatever a test changes. */
import type { Timer, World } from '../base/index.ts'
import type { ConversationRow, DecisionRow, DeliveryRow, LaneCommit, OutboxRow } from './port.ts'

export type StepPart = Pick<LaneCommit, 'partition' | 'generation' | 'lane' | 'previousOffset' | 'offset'>

/** A step that folds an event and decides nothing. */
export function foldOnly(part: StepPart): LaneCommit {
  return { ...part, state: `{"offset":${part.offset}}`, conversation: null, deliveries: [], decision: null, outbox: [], alias: null }
}

/** A step that answers a message: two entries of the conversation's sequence, a decision and one effect. */
export function answered(part: StepPart, more: { epoch?: number; seq?: number; record?: string; at?: number } = {}): LaneCommit {
  const { partition, offset, lane } = part
  const { epoch = 1, seq = 1, record = '{}', at = 1_700_000_000_000 + offset } = more
  const conversation: ConversationRow = {
    id: `conv_${lane}`,
    customer: lane,
    channel: 'chat',
    owner: 'bot',
    epoch,
    seq: seq + 1,
    messages: seq,
    status: 'open',
    openedAt: 1_700_000_000_000,
    updatedAt: at,
  }
  const key = `${partition}:${offset}:0`
  return {
    ...foldOnly(part),
    conversation,
    deliveries: [entryOf(conversation, seq, { author: 'customer', messageId: `m${seq}` }), entryOf(conversation, seq + 1, { key })],
    decision: decisionOf(part, { conversation: conversation.id, record, at }),
    outbox: [effectOf(key)],
  }
}

export function entryOf({ id, epoch, updatedAt }: ConversationRow, seq: number, more: Partial<DeliveryRow> = {}): DeliveryRow {
  return { conversation: id, seq, epoch, author: 'bot', text: `entry ${seq}`, key: null, messageId: null, at: updatedAt, ...more }
}

export function decisionOf({ partition, offset, lane }: StepPart, more: Partial<DecisionRow> = {}): DecisionRow {
  return {
    id: `dec_${partition}_${String(offset).padStart(8, '0')}`,
    partition,
    offset,
    at: 1_700_000_000_000 + offset,
    policy: 'inbound',
    customer: lane,
    conversation: null,
    eventType: 'message.received',
    act: 'bot',
    name: 'declined',
    because: 'a card was declined',
    budgetMs: 300,
    status: 'on-beat',
    appVersion: 'abcdef012345',
    record: '{}',
    ...more,
  }
}

export function effectOf(key: string): OutboxRow {
  return { key, kind: 'deliver', hash: `hash of ${key}`, content: `{"key":"${key}"}` }
}

/** A world whose timers fire when a test says so. */
export interface HandWound extends World {
  readonly timers: readonly { readonly delayMs: number }[]
  fire(): void
}

export function handWound(world: World): HandWound {
  let timers: { delayMs: number; callback: () => void }[] = []
  return {
    ...world,
    get timers() {
      return timers
    },
    setTimer: (delayMs: number, callback: () => void): Timer => {
      const timer = { delayMs, callback }
      timers.push(timer)
      return { cancel: () => (timers = timers.filter((held) => held !== timer)) }
    },
    fire: () => {
      const due = timers
      timers = []
      for (const timer of due) timer.callback()
    },
  }
}
