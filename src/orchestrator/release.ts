/**
 * What becomes of a step once its commit is on disk: callers are answered, channels told, effects leave.
 *
 * Owns: the order of these. Does not own: the marks' and the sequence's order (outbox.ts), the commit itself.
 *
 * X4 Whoever asked is answered after the commit, and after everything before it in the lane has left.
 */
import { round, statusOf, briefOf } from '../decide/index.ts'
import type { World } from '../base/index.ts'
import type { Channel } from '../channels/index.ts'
import { readMemory } from '../context/index.ts'
import type { CallEffect, DecisionRecord, EmitEffect, LoggedEvent } from '../definition/index.ts'
import type { FlowState, ToolRunner } from '../flows/index.ts'
import type { OutboxRow, Records } from '../records/index.ts'
import { nothingDone } from './arrival.ts'
import type { Arrival } from './arrival.ts'
import * as told from './channels.ts'
import { deliveryOfRow } from './delivery.ts'
import type { OpenDeskCommands } from './desk-commands.ts'
import type { Lane } from './lane.ts'
import { laneSource, markEvent, markOfRow, toolSource } from './marks.ts'
import { openOutbox } from './outbox.ts'
import type { Again } from './recovery.ts'
import type { Stepped } from './stepped.ts'
import type { Timekeeper } from './timekeeper.ts'

export interface ReleaseParts {
  readonly world: World
  readonly records: Records
  readonly channel: Channel
  readonly tools: ToolRunner
  readonly timers: Timekeeper
  readonly commands: Pick<OpenDeskCommands, 'settle'>
  /** Resolves once durable. */
  readonly append: (events: readonly LoggedEvent[]) => Promise<unknown>
  /** Everything of the event has left. */
  readonly over: (arrival: Arrival) => void
  /** Everything a customer sees of a recovered event has left. */
  readonly caughtUp: (arrival: Arrival) => void
  /** Whether timers are set at once: before recovery is over they are read from records when it is. */
  readonly recovered: () => boolean
  readonly closed: () => boolean
  readonly fatal: (error: unknown) => void
}

export class Release {
  readonly #parts: ReleaseParts
  readonly #outbox
  /** Conversations in which the bot is at work on its words. */
  readonly #thinking = new Set<string>()

  constructor(parts: ReleaseParts) {
    this.#parts = parts
    this.#outbox = openOutbox({
      mark: (lane, marks) => {
        const now = parts.world.now()
        return parts.append(marks.map((mark) => markEvent(mark, lane.key, now)))
      },
      deliver: (delivery) => parts.channel.deliver(delivery),
      emit: (effect) => this.#emit(effect),
      call: (effect, lane) => this.#call(effect, lane),
      fatal: parts.fatal,
    })
  }

  /** Refused, or nothing to do. What was told before it still leaves before its answer. */
  nothingChanged(lane: Lane, arrival: Arrival, { refusal, told: changes, assigned }: Stepped): void {
    const tell = (): void => {
      for (const change of changes) this.#parts.channel.routed(change)
      if (assigned) this.#parts.commands.settle(null, assigned)
      arrival.done?.({ ...nothingDone, refusal })
      this.#parts.caughtUp(arrival)
      this.#parts.over(arrival)
    }
    if (lane.inFlight === 0 && lane.leaving === 0) tell()
    else lane.waiters.push(tell)
  }

  committed(lane: Lane, arrival: Arrival, stepped: Stepped, { startedMono, sentMono }: { startedMono: number; sentMono: number }): void {
    const { world, records } = this.#parts
    const { record, entry } = stepped
    for (const id of stepped.timers.cleared) this.#parts.timers.clear(id)
    if (this.#parts.recovered()) for (const timer of stepped.timers.set) this.#parts.timers.set(timer)
    const syncedMono = world.monotonicMs()
    const elapsedMs = round(syncedMono - arrival.receivedMono)
    // A place in the sequence is told only once everything before it is marked: a restore could else decide that differently,
    // and move it (X1).
    const tell = (): void => arrival.done?.({ ...nothingDone, record: record ? { ...record, elapsedMs } : null, entry })
    if (lane.leaving === 0) tell()
    else void lane.tail.then(tell)
    if (record) tellDecided(record, elapsedMs, [startedMono, ...stepped.marksMono], syncedMono - sentMono)
    this.#outbox.leave(lane, {
      own: entry?.author === 'customer' ? deliveryOfRow(entry) : null,
      at: arrival.event.received,
      effects: stepped.leaving,
      again: [],
      told: () => {
        this.#tellChannels(stepped)
        this.#parts.caughtUp(arrival)
      },
      left: (released) => {
        records.settle({ released, decision: record ? { id: record.id, elapsedMs, status: statusOf(record, elapsedMs) } : null })
        if (released.length > 0) told.released.publish({ effects: released.length, outboxMs: world.monotonicMs() - sentMono } satisfies told.ReleasedMessage)
        this.#parts.over(arrival)
      },
    })
  }

  /** What desks and pages are told besides what was said. */
  #tellChannels({ row, ownerChanged, notes, told: changes, assigned }: Stepped): void {
    const { channel } = this.#parts
    if (row !== null) {
      if (ownerChanged) channel.owner(row)
      channel.changed(row)
      const thinks = row.owner === 'bot' && thinking(row.memory)
      const thought = this.#thinking.delete(row.id)
      if (thinks) this.#thinking.add(row.id)
      if (thinks !== thought) channel.thinking(row.id, row.epoch, thinks)
    }
    for (const note of notes) channel.note(note.conversation, { id: note.id, at: note.at, by: note.worker, text: note.text, afterSeq: note.afterSeq })
    for (const change of changes) channel.routed(change)
    if (assigned) this.#parts.commands.settle(row?.id ?? null, assigned)
  }

  /** An event that was decided before the restart: only what it had not sent yet leaves. Calls and events are repeated under their keys. */
  settleOld(lane: Lane, arrival: Arrival, unreleased: readonly OutboxRow[], again: Again | null): void {
    const marked = new Set(again?.sent.map(({ effect }) => effect.key))
    const marks = unreleased.map(markOfRow)
    const sendAgain = marks.map(({ effect }) => effect).filter(({ key, kind }) => marked.has(key) && kind !== 'deliver' && !again?.finished.has(key))
    this.#outbox.leave(lane, {
      own: null,
      at: arrival.event.received,
      effects: marks.filter(({ effect }) => !marked.has(effect.key)),
      again: sendAgain,
      told: () => this.#parts.caughtUp(arrival),
      left: (released) => {
        const over = unreleased.filter((row) => released.includes(row.key) || (marked.has(row.key) && !sendAgain.some((effect) => effect.key === row.key)))
        if (over.length > 0) this.#parts.records.settle({ released: over.map((row) => row.key), decision: null })
        this.#parts.over(arrival)
      },
    })
  }

  /** An event for another lane, once: its id is the effect's key. */
  #emit({ key, lane, type, data }: EmitEffect): Promise<unknown> {
    const now = this.#parts.world.now()
    const event: LoggedEvent = { id: key, source: laneSource, type, customer: lane, time: now, received: now, from: 'battuta', data }
    return this.#parts.append([event])
  }

  /** Runs a tool; its result is an event of the lane, once: its id is the effect's key. */
  async #call(effect: CallEffect, lane: Lane): Promise<boolean> {
    const { world, tools } = this.#parts
    const result = await tools.run(effect, lane.key)
    if (this.#parts.closed()) return false
    const { key, conversation, epoch, flow, call, tool } = effect
    const now = world.now()
    const outcome = result.ok ? { ok: true, output: result.output } : { ok: false, error: result.error }
    const data = { conversation, epoch, flow, call, tool, ...outcome }
    await this.#parts.append([{ id: key, source: toolSource, type: 'tool.finished', customer: lane.key, time: now, received: now, from: 'battuta', data }])
    return true
  }
}

/** `at`: when the step began, then the end of features, predictions, decision and owner. */
function tellDecided(record: DecisionRecord, elapsedMs: number, at: readonly [number, number, number, number, number], commitMs: number): void {
  const stagesMs = [record.stages.event, at[1] - at[0], at[2] - at[1], at[3] - at[2], at[4] - at[3]] as const
  told.decided.publish({ brief: briefOf(record, elapsedMs), stagesMs, commitMs } satisfies told.DecidedMessage)
}

/** Whether the bot has something to say that it has not said: a turn that is not over, or a tool at work. */
function thinking(memory: string): boolean {
  const { turn, flows } = readMemory(memory)
  return turn !== null || flows.some((flow) => (flow as FlowState).waitsFor !== null)
}
