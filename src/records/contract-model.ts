/** A plain model of the records, and random runs against it. It knows what must be refused, and with which code. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decisionOf, effectOf, entryOf, foldOnly } from './fixture.ts'
import type { ConversationRow, DecisionRow, DeliveryRow, LaneCommit, OutboxRow, Records } from './port.ts'

interface Intent {
  readonly lane: number
  /** Added to the lane's true last offset; 0 makes a correct commit. */
  readonly previousSkew: number
  readonly generationSkew: number
  readonly conversation: { readonly epochRise: number; readonly owner: ConversationRow['owner']; readonly status: ConversationRow['status'] } | null
  readonly entries: readonly { readonly seq: number; readonly epochSkew: number }[]
  readonly decision: number | null
  readonly effects: readonly number[]
}

export interface Batch {
  readonly takeOver: boolean
  readonly commits: readonly Intent[]
  /** How many of the unreleased effects are released after it. */
  readonly released: number
}

/** Small numbers, so that commits collide often. */
const intents: fc.Arbitrary<Intent> = fc.record({
  lane: fc.nat(2),
  previousSkew: fc.constantFrom(0, 0, 0, 0, 0, 1, -1),
  generationSkew: fc.constantFrom(0, 0, 0, 0, 0, 0, -1),
  conversation: fc.option(
    fc.record({
      epochRise: fc.constantFrom(0, 0, 0, 1, -1),
      owner: fc.constantFrom('bot' as const, 'human' as const, null),
      status: fc.constantFrom('open' as const, 'open' as const, 'resolved' as const),
    }),
  ),
  entries: fc.array(fc.record({ seq: fc.integer({ min: 1, max: 12 }), epochSkew: fc.constantFrom(0, 0, 0, 0, 0, -1) }), { maxLength: 2 }),
  decision: fc.option(fc.nat(9)),
  effects: fc.array(fc.nat(3), { maxLength: 2 }),
})

export const batches: fc.Arbitrary<Batch[]> = fc.array(
  fc.record({ takeOver: fc.boolean(), commits: fc.array(intents, { minLength: 1, maxLength: 8 }), released: fc.nat(2) }),
  { minLength: 1, maxLength: 5 },
)

/** Gives each batch at once, and compares every outcome, and in the end everything that is stored. */
export async function runAgainstModel(records: Records, partition: number, run: readonly Batch[]): Promise<void> {
  const model = new Model(partition)
  model.generation = await records.takeOver(partition)
  for (const { takeOver, commits, released } of run) {
    if (takeOver) model.generation = await records.takeOver(partition)
    const given: LaneCommit[] = []
    const expected: string[] = []
    for (const one of commits) {
      const commit = model.commitOf(one)
      given.push(commit)
      expected.push(model.apply(commit))
    }
    const outcomes = await Promise.allSettled(given.map((commit) => records.commit(commit)))
    assert.deepEqual(outcomes.map(codeOf), expected)
    const keys = [...model.outbox.keys()].slice(0, released)
    records.settle({ released: keys, decision: null })
    for (const key of keys) model.outbox.delete(key)
  }
  await records.putSetting('all settled', String(partition))
  await model.compare(records)
}

/** What became of a commit: kept, or the code of its refusal. */
export function codeOf(outcome: PromiseSettledResult<unknown>): string {
  return outcome.status === 'fulfilled' ? 'kept' : String((outcome.reason as { code?: string }).code)
}

class Model {
  readonly partition: number
  generation = 0
  offset = 0
  readonly lanes = new Map<string, number>()
  readonly conversations = new Map<string, ConversationRow>()
  readonly entries = new Map<string, DeliveryRow>()
  readonly decisions = new Map<string, DecisionRow>()
  readonly outbox = new Map<string, OutboxRow>()

  constructor(partition: number) {
    this.partition = partition
  }

  commitOf({ lane: number, previousSkew, generationSkew, conversation, entries, decision, effects }: Intent): LaneCommit {
    this.offset += 2
    const lane = `${this.partition}/${number}`
    const part = {
      partition: this.partition,
      generation: this.generation + generationSkew,
      lane,
      previousOffset: Math.max(-1, (this.lanes.get(lane) ?? -1) + previousSkew),
      offset: this.offset,
    }
    const held = this.conversations.get(lane)
    const plain: ConversationRow = {
      id: lane,
      customer: lane,
      channel: 'chat',
      owner: 'bot',
      epoch: 1,
      seq: 0,
      messages: 0,
      status: 'open',
      openedAt: 1,
      updatedAt: this.offset,
    }
    const row =
      conversation === null ? null : { ...plain, owner: conversation.owner, status: conversation.status, epoch: (held?.epoch ?? 1) + conversation.epochRise }
    const current = row ?? held ?? plain
    return {
      ...foldOnly(part),
      conversation: row,
      deliveries: entries.map(({ seq, epochSkew }) => entryOf({ ...current, epoch: current.epoch + epochSkew }, seq)),
      decision: decision === null ? null : decisionOf(part, { id: `dec_${this.partition}_${decision}` }),
      outbox: effects.map((n) => effectOf(`${this.partition}:${this.offset}:${n}`)),
    }
  }

  apply(commit: LaneCommit): string {
    const { lane, conversation, deliveries, decision, outbox } = commit
    if (commit.generation !== this.generation) return 'RECORDS_CONFLICT'
    if ((this.lanes.get(lane) ?? -1) !== commit.previousOffset) return 'RECORDS_CONFLICT'
    const held = this.conversations.get(lane)
    if (conversation !== null && held !== undefined && conversation.epoch < held.epoch) return 'STALE_EPOCH'
    if (deliveries.some((entry) => entry.epoch !== (conversation ?? held)?.epoch)) return 'STALE_EPOCH'
    const places = deliveries.map((entry) => `${lane} ${entry.seq}`)
    const keys = outbox.map((row) => row.key)
    const repeats = new Set(places).size < places.length || new Set(keys).size < keys.length || places.some((place) => this.entries.has(place))
    if (repeats || (decision !== null && this.decisions.has(decision.id))) return 'RECORDS_CONFLICT'
    this.lanes.set(lane, commit.offset)
    if (conversation !== null) this.conversations.set(lane, conversation)
    for (const entry of deliveries) this.entries.set(`${lane} ${entry.seq}`, entry)
    if (decision !== null) this.decisions.set(decision.id, decision)
    for (const row of outbox) this.outbox.set(row.key, row)
    return 'kept'
  }

  async compare(records: Records): Promise<void> {
    for (const number of [0, 1, 2]) {
      const lane = `${this.partition}/${number}`
      assert.equal((await records.lane(lane))?.lastOffset, this.lanes.get(lane))
      assert.deepEqual(await records.conversation(lane), this.conversations.get(lane))
      const entries = [...this.entries.values()].filter((entry) => entry.conversation === lane)
      assert.deepEqual(
        await records.deliveries(lane, 0, 100),
        entries.sort((left, right) => left.seq - right.seq),
      )
    }
    const outbox = [...this.outbox.values()].sort((left, right) => left.key.localeCompare(right.key, 'en', { numeric: true }))
    assert.deepEqual(await records.unreleased(this.partition), outbox)
    for (const decision of this.decisions.values()) assert.deepEqual(await records.decision(decision.id), { ...decision, elapsedMs: null })
    const offsets = [...this.decisions.values()].map((decision) => decision.offset).sort((left, right) => left - right)
    assert.deepEqual(
      (await records.decisionsAt(this.partition, offsets)).map((row) => row.offset),
      offsets,
    )
    assert.equal(await records.highest(this.partition), Math.max(-1, ...this.lanes.values()))
  }
}
