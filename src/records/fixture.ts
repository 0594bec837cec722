/** Commits for the contract suite, the crash test and the benchmark: whole and plausible, with whatever a test changes. */
import type { Timer, World } from '../base/index.ts'
import type { ConversationRow, DecisionRow, DeliveryRow, LaneCommit, NoteRow, OutboxRow, ReservationRow, TaskRow, TimerRow, WorkerRow } from './port.ts'

export type StepPart = Pick<LaneCommit, 'partition' | 'generation' | 'lane' | 'previousOffset' | 'offset'>

/** A step that folds an event and decides nothing. */
export function foldOnly(part: StepPart): LaneCommit {
  return { ...part, state: `{"offset":${part.offset}}`, conversation: null, deliveries: [], decision: null, outbox: [], alias: null, extra: null }
}

/** A step that answers a message: two entries of the conversation's sequence, a decision and one effect. */
export function answered(part: StepPart, more: { epoch?: number; seq?: number; record?: string; at?: number; memory?: string } = {}): LaneCommit {
  const { partition, offset, lane } = part
  const { epoch = 1, seq = 1, record = '{}', at = 1_700_000_000_000 + offset, memory = '{}' } = more
  const conversation: ConversationRow = {
    id: `conv_${lane}`,
    customer: lane,
    channel: 'chat',
    owner: 'bot',
    worker: null,
    queue: null,
    task: null,
    epoch,
    seq: seq + 1,
    messages: seq,
    status: 'open',
    openedAt: 1_700_000_000_000,
    updatedAt: at,
    memory,
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
  return { conversation: id, seq, epoch, author: 'bot', text: `entry ${seq}`, key: null, messageId: null, at: updatedAt, extra: null, ...more }
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

export function timerOf({ partition, lane }: StepPart, id: string, more: Partial<TimerRow> = {}): TimerRow {
  return { id, partition, lane, dueAt: 1_700_000_000_000, kind: 'turn', data: '{}', ...more }
}

export function noteOf(conversation: string, id: string, more: Partial<NoteRow> = {}): NoteRow {
  return { id, conversation, afterSeq: 1, at: 1_700_000_000_000, worker: 'ada', text: `note ${id}`, ...more }
}

export function taskOf({ lane }: StepPart, id: string, more: Partial<TaskRow> = {}): TaskRow {
  return {
    id,
    lane,
    conversation: `conv_${id}`,
    customer: 'user:1',
    channel: 'chat',
    queue: 'cards',
    priority: 0,
    goal: 'A card was declined',
    because: null,
    state: 'pending',
    onlyWorker: null,
    exceptWorker: null,
    worker: null,
    queuedAt: 1_700_000_000_000,
    assignedAt: null,
    endedAt: null,
    wrapUpCode: null,
    ...more,
  }
}

export function reservationOf({ lane }: StepPart, id: string, more: Partial<ReservationRow> = {}): ReservationRow {
  return {
    id,
    lane,
    task: `task of ${id}`,
    worker: 'ada',
    state: 'pending',
    offeredAt: 1_700_000_000_000,
    expiresAt: 1_700_000_020_000,
    endedAt: null,
    ...more,
  }
}

export function workerOf({ lane }: StepPart, id: string, more: Partial<WorkerRow> = {}): WorkerRow {
  return {
    id,
    lane,
    name: 'Ada',
    kind: 'human',
    presence: 'available',
    connected: true,
    skills: '["cards"]',
    capacity: 3,
    since: 1_700_000_000_000,
    idleSince: 1_700_000_000_000,
    ...more,
  }
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
