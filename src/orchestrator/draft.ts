/**
 * What a step of a customer's lane changes, gathered before it becomes one commit. Plain memory: a draft that is thrown away
 * leaves nothing behind.
 *
 * Owns: keys, places in the sequence and ids, all fixed by the event's own place in the log. Does not own: why anything is said.
 */
import { assert } from '../base/index.ts'
import { extraJson, noticeText, readMemory } from '../context/index.ts'
import type { ConversationMemory } from '../context/index.ts'
import { effectHash } from '../decide/index.ts'
import type { ChatAuthor, DeliverEffect, EntryExtra, Notice, RecordedEffect } from '../definition/index.ts'
import type { ConversationRow, DeliveryRow, NoteRow, TimerRow } from '../records/index.ts'
import type { Refusal } from '../route/index.ts'
import type { Arrival } from './arrival.ts'
import { effectKey } from './marks.ts'

export class Draft {
  readonly arrival: Arrival
  /** The conversation as it becomes. */
  row: ConversationRow | null
  /** The conversation with its customer's words in place, before anything is decided: the same in every version of the app. */
  undecided: ConversationRow | null
  memory: ConversationMemory
  /** What the customer said, at its place; what is sent to them is among the effects. */
  entry: DeliveryRow | null = null
  readonly effects: RecordedEffect[] = []
  readonly timersSet: TimerRow[] = []
  readonly timersCleared: string[] = []
  readonly notes: NoteRow[] = []
  /** Set when the event changes nothing: who asked for it is told why. */
  refusal: Refusal | null = null
  /** Somebody was assigned, or was too late. */
  assigned: { readonly reservation: string; readonly epoch: number | null } | null = null

  constructor(arrival: Arrival, row: ConversationRow | null) {
    this.arrival = arrival
    this.row = row
    this.undecided = row
    this.memory = readMemory(row?.memory ?? '{}')
  }

  get at(): number {
    return this.arrival.event.received
  }

  /** An id of something that begins here. */
  id(kind: string): string {
    return `${kind}_${this.arrival.partition}_${this.arrival.offset}`
  }

  get open(): ConversationRow {
    assert(this.row !== null, 'the step has a conversation')
    return this.row
  }

  refuse(code: Refusal['code'], message: string): void {
    this.refusal = { code, message }
  }

  /** Says something in the conversation, under the epoch it has now. */
  deliver(text: string, author: ChatAuthor, extra: EntryExtra = {}): void {
    const row = this.open
    const seq = row.seq + 1
    const whose = author === 'bot' ? {} : { author }
    const more = extraJson(extra) === null ? {} : { extra }
    this.#effect({ kind: 'deliver', conversation: row.id, seq, epoch: row.epoch, text, ...whose, ...more })
    this.row = { ...row, seq, updatedAt: this.at }
  }

  /** `by` is the colleague whose doing it is; colleagues read it, customers do not. */
  notice(kind: Notice['kind'], team: string | null, by?: string): void {
    const notice = { kind, team }
    this.deliver(noticeText(notice), 'system', { notice, ...(by === undefined ? {} : { by }) })
  }

  emit(lane: string, type: string, data: Readonly<Record<string, unknown>>): void {
    this.#effect({ kind: 'emit', lane, type, data: withoutNothing(data) })
  }

  call(call: {
    readonly flow: string
    readonly call: string
    readonly tool: string
    readonly input: unknown
    readonly undoes?: { readonly output: unknown }
  }): void {
    const row = this.open
    this.#effect({ kind: 'call', conversation: row.id, epoch: row.epoch, idempotencyKey: `${row.id}/${call.call}`, ...call })
  }

  /** Sets a timer; its id comes back. */
  timer(kind: string, dueAt: number, data: Readonly<Record<string, unknown>>): string {
    const id = `tmr_${this.arrival.partition}_${this.arrival.offset}_${this.timersSet.length}`
    this.timersSet.push({ id, partition: this.arrival.partition, lane: this.arrival.event.customer, dueAt, kind, data: JSON.stringify(data) })
    return id
  }

  clearTimer(id: string): void {
    this.timersCleared.push(id)
  }

  #effect(content: Parameters<typeof effectHash>[0]): void {
    const key = effectKey(this.arrival.partition, this.arrival.offset, this.effects.length)
    this.effects.push({ key, ...content, hash: effectHash(content) })
  }
}

/** The row of a deliver effect in the conversation's sequence. */
export function deliveryRow({ conversation, seq, epoch, author = 'bot', text, key, extra }: DeliverEffect, at: number): DeliveryRow {
  return { conversation, seq, epoch, author, text, key, messageId: extra?.id ?? null, at, extra: extraJson(extra) }
}

/** Optional fields of an event are absent, not null. */
function withoutNothing(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null && value !== undefined))
}
