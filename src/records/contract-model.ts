/** A plain model of the records, and random runs against it. It knows what must be refused, and with which code. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ExtraModel, extraIntents } from './contract-extra-model.ts'
import type { ExtraIntent } from './contract-extra-model.ts'
import { decisionOf, effectOf, entryOf, foldOnly } from './fixture.ts'
import type { ConversationFilter, ConversationRow, DecisionRow, DeliveryRow, LaneCommit, OutboxRow, Records } from './port.ts'

interface Intent {
  readonly lane: number
  /** Added to the lane's true last offset; 0 makes a correct commit. */
  readonly previousSkew: number
  readonly generationSkew: number
  readonly conversation:
    | ({ readonly epochRise: number } & Pick<ConversationRow, 'owner' | 'worker' | 'queue' | 'task' | 'status' | 'customer' | 'updatedAt' | 'memory'>)
    | null
  readonly entries: readonly { readonly seq: number; readonly epochSkew: number }[]
  readonly decision: number | null
  readonly effects: readonly { readonly number: number; readonly kind: OutboxRow['kind'] }[]
  readonly extra: ExtraIntent | null
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
      epochRise: fc.constantFrom(0, 0, 0, 1, 2, -1),
      owner: fc.constantFrom('bot' as const, 'human' as const, null),
      worker: fc.constantFrom(null, 'ada', 'ben'),
      queue: fc.constantFrom(null, 'cards', 'transfers'),
      task: fc.constantFrom(null, 'task_1', 'task_2'),
      status: fc.constantFrom('open' as const, 'open' as const, 'resolved' as const),
      customer: fc.constantFrom('first', 'first', 'second'),
      updatedAt: fc.nat(3),
      memory: fc.constantFrom('{}', '{"goal":"grüße"}'),
    }),
  ),
  entries: fc.array(fc.record({ seq: fc.integer({ min: 1, max: 12 }), epochSkew: fc.constantFrom(0, 0, 0, 0, -1, 1) }), { maxLength: 2 }),
  decision: fc.option(fc.nat(9)),
  effects: fc.array(fc.record({ number: fc.nat(3), kind: fc.constantFrom('deliver' as const, 'emit' as const, 'call' as const) }), { maxLength: 2 }),
  extra: fc.option(extraIntents),
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
  readonly extra: ExtraModel

  constructor(partition: number) {
    this.partition = partition
    this.extra = new ExtraModel(partition)
  }

  commitOf({ lane: number, previousSkew, generationSkew, conversation, entries, decision, effects, extra }: Intent): LaneCommit {
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
    const plain = conversationOf(lane, this.offset)
    const row = conversation === null ? null : this.#rowOf(plain, held, conversation)
    const current = row ?? held ?? plain
    return {
      ...foldOnly(part),
      conversation: row,
      deliveries: entries.map(({ seq, epochSkew }) =>
        entryOf({ ...current, epoch: current.epoch + epochSkew }, seq, { extra: seq % 2 === 0 ? null : `{"by":"${seq}"}` }),
      ),
      decision: decision === null ? null : decisionOf(part, { id: `dec_${this.partition}_${decision}` }),
      outbox: effects.map((effect) => ({ ...effectOf(`${this.partition}:${this.offset}:${effect.number}`), kind: effect.kind })),
      extra: extra === null ? null : this.extra.extraOf(part, extra),
    }
  }

  #rowOf(plain: ConversationRow, held: ConversationRow | undefined, intent: NonNullable<Intent['conversation']>): ConversationRow {
    const { epochRise, ...changed } = intent
    return { ...plain, ...changed, customer: `${this.partition}/${intent.customer}`, epoch: (held?.epoch ?? 1) + epochRise }
  }

  apply(commit: LaneCommit): string {
    const { lane, conversation, deliveries, decision, outbox } = commit
    if (commit.generation !== this.generation) return 'RECORDS_CONFLICT'
    if ((this.lanes.get(lane) ?? -1) !== commit.previousOffset) return 'RECORDS_CONFLICT'
    const held = this.conversations.get(lane)
    if (conversation !== null && held !== undefined && conversation.epoch < held.epoch) return 'STALE_EPOCH'
    const until = (conversation ?? held)?.epoch
    const from = Math.min(held?.epoch ?? 1, until ?? 1)
    if (deliveries.some((entry) => until === undefined || entry.epoch < from || entry.epoch > until)) return 'STALE_EPOCH'
    const places = deliveries.map((entry) => `${lane} ${entry.seq}`)
    const keys = outbox.map((row) => row.key)
    const repeats = new Set(places).size < places.length || new Set(keys).size < keys.length || places.some((place) => this.entries.has(place))
    if (repeats || (decision !== null && this.decisions.has(decision.id))) return 'RECORDS_CONFLICT'
    this.lanes.set(lane, commit.offset)
    if (conversation !== null) this.conversations.set(lane, conversation)
    for (const entry of deliveries) this.entries.set(`${lane} ${entry.seq}`, entry)
    if (decision !== null) this.decisions.set(decision.id, decision)
    for (const row of outbox) this.outbox.set(row.key, row)
    if (commit.extra !== null) this.extra.apply(commit.extra)
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
    await this.#compareLists(records)
    await this.extra.compare(
      records,
      [0, 1, 2].map((number) => `${this.partition}/${number}`),
    )
  }

  /** Runs share one disk: others are left out by customer, or afterwards. */
  async #compareLists({ desk }: Records): Promise<void> {
    const entries = await desk.lastEntries([...this.conversations.keys(), 'conv_nobody'])
    const last = Map.groupBy(this.entries.values(), (entry) => entry.conversation)
    const newest = [...this.conversations.keys()].map((id) => last.get(id)?.reduce((left, right) => (left.seq > right.seq ? left : right)))
    assert.deepEqual(
      new Set(entries.map((entry) => JSON.stringify(entry))),
      new Set(newest.filter((entry) => entry !== undefined).map((entry) => JSON.stringify(entry))),
    )
    for (const customer of ['first', 'second'].map((name) => `${this.partition}/${name}`)) {
      for (const narrow of filters.slice(0, 4)) {
        const filter = { ...narrow, customer }
        assert.deepEqual(await paged(desk, filter, 2), listed([...this.conversations.values()], filter), JSON.stringify(filter))
      }
    }
    for (const filter of filters) {
      const own = (await paged(desk, filter, 100)).filter((row) => this.conversations.has(row.id))
      assert.deepEqual(own, listed([...this.conversations.values()], filter), JSON.stringify(filter))
    }
  }
}

const filters: readonly ConversationFilter[] = [
  {},
  { status: 'open' },
  { status: 'resolved' },
  { owner: 'waiting' },
  { owner: 'waiting', status: 'resolved' },
  { owner: 'human' },
  { worker: 'ada', status: 'open' },
  { queues: ['cards'] },
  { queues: ['cards', 'transfers'], owner: 'human' },
  { queues: [] },
]

/** More than any test makes. */
const listedRowsMax = 5_000

/** All pages, one after the other. */
export async function paged(desk: Records['desk'], filter: ConversationFilter, limit: number): Promise<readonly ConversationRow[]> {
  const rows: ConversationRow[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<Records['desk']['conversations']>> = await desk.conversations(filter, limit, cursor)
    assert.ok(page.items.length <= limit)
    assert.ok(rows.length < listedRowsMax, 'a list comes to its end')
    rows.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return rows
}

function listed(rows: readonly ConversationRow[], { status, owner, worker, queues, customer }: ConversationFilter): readonly ConversationRow[] {
  const wantsOwner = (row: ConversationRow): boolean =>
    owner === undefined || (owner === 'waiting' ? row.owner === null && row.status === 'open' : row.owner === owner)
  return rows
    .filter((row) => status === undefined || row.status === status)
    .filter((row) => worker === undefined || row.worker === worker)
    .filter((row) => customer === undefined || row.customer === customer)
    .filter((row) => queues === undefined || queues.some((queue) => queue === row.queue))
    .filter(wantsOwner)
    .sort((left, right) => right.updatedAt - left.updatedAt || right.id.localeCompare(left.id))
}

function conversationOf(id: string, updatedAt: number): ConversationRow {
  return {
    id,
    customer: id,
    channel: 'chat',
    owner: 'bot',
    worker: null,
    queue: null,
    task: null,
    epoch: 1,
    seq: 0,
    messages: 0,
    status: 'open',
    openedAt: 1,
    updatedAt,
    memory: '{}',
  }
}
