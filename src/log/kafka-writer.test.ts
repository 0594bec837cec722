/** The writer against a broker in this file that keeps what brokers keep, and loses answers, requests and itself on command. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { realWorld, seededChance } from '../base/index.ts'
import { failure, kafkaCodes } from './kafka-cluster.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { KafkaWriter } from './kafka-writer.ts'

interface Message {
  readonly partition: number
  readonly value: Buffer
}

type Fate = 'answered' | 'answer lost' | 'request lost' | 'refused for now'

/** Takes batches as Kafka does: in the order of sequence numbers, and a repeated one not again. */
class FakeBroker {
  readonly entries: string[][] = [[], [], []]
  readonly #last: ({ sequence: number; base: number; count: number } | undefined)[] = []
  readonly #next = [0, 0, 0]
  fate: () => Fate = () => 'answered'
  inFlight = 0
  inFlightMax = 0

  async produce(messages: readonly Message[], sequences: ReadonlyMap<string, number>): Promise<unknown> {
    this.inFlight++
    this.inFlightMax = Math.max(this.inFlightMax, this.inFlight)
    await new Promise((resolve) => setImmediate(resolve))
    this.inFlight--
    const fate = this.fate()
    if (fate === 'request lost') throw failure(null, true, 'connection closed')
    const partitionResponses = [...Map.groupBy(messages, ({ partition }) => partition)].map(([index, own]) => ({
      index,
      errorMessage: null,
      ...(fate === 'refused for now' && index === 1
        ? { errorCode: kafkaCodes.notLeader, baseOffset: -1n }
        : this.#take(
            index,
            own.map(({ value }) => value.toString()),
            sequences.get(`t:${index}`) ?? 0,
          )),
    }))
    if (fate === 'answer lost') throw failure(null, true, 'connection closed')
    return { responses: [{ name: 't', partitionResponses }] }
  }

  #take(partition: number, values: readonly string[], sequence: number): { errorCode: number; baseOffset: bigint } {
    const last = this.#last[partition]
    if (last !== undefined && last.sequence === sequence && last.count === values.length) return { errorCode: 0, baseOffset: BigInt(last.base) }
    const outOfOrder = 45
    if (sequence !== this.#next[partition]) return { errorCode: outOfOrder, baseOffset: -1n }
    const base = this.entries[partition]!.length
    this.entries[partition]!.push(...values)
    this.#last[partition] = { sequence, base, count: values.length }
    this.#next[partition] = (sequence + values.length) % 2 ** 31
    return { errorCode: 0, baseOffset: BigInt(base) }
  }

  /** What the writer sees of a cluster. */
  cluster(): KafkaCluster {
    const api = {
      async: (_: unknown, __: unknown, ___: unknown, messages: Message[], { sequences }: { sequences: Map<string, number> }) =>
        this.produce(messages, sequences),
    }
    const fake = {
      world: realWorld(),
      address: { brokers: [], topic: 't', group: 'g' },
      client: { NumericMap: Map, produceV9: { api } },
      byLeader: (partitions: Iterable<number>) => Map.groupBy([...partitions], (partition) => partition % 2),
      write: (_: number, request: (connection: unknown) => Promise<unknown>) => request(null),
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      refresh: async () => undefined,
    }
    return fake as unknown as KafkaCluster
  }
}

const producer = { id: 1n, epoch: 0 }

test('K1 K2 whatever answers and requests are lost, every entry stands in the log once, in call order, where durable says (50 seeds)', async () => {
  for (let seed = 0; seed < 50; seed++) {
    const chance = seededChance(`writer ${seed}`)
    const broker = new FakeBroker()
    broker.fate = () => (chance.next() < 0.5 ? 'answered' : (['answer lost', 'request lost', 'refused for now'] as const)[chance.below(3)]!)
    const writer = new KafkaWriter(broker.cluster(), producer, [0, 0, 0])
    const model: string[][] = [[], [], []]
    const durable: Promise<void>[] = []
    for (let step = 0; step < 60; step++) {
      const partition = chance.below(3)
      const texts = Array.from({ length: 1 + chance.below(4) }, (_, i) => `${step}.${i}`)
      const expected = model[partition]!.length
      model[partition]!.push(...texts)
      const append = writer.append(
        partition,
        texts.map((text) => Buffer.from(text)),
      )
      assert.equal(append.first, null)
      durable.push(append.durable.then((first) => assert.equal(first, expected, `seed ${seed}, step ${step}`)))
      if (chance.next() < 0.3) await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(durable)
    assert.deepEqual(broker.entries, model, `seed ${seed}`)
    assert.deepEqual(
      [0, 1, 2].map((partition) => writer.end(partition)),
      model.map((entries) => entries.length),
    )
    assert.equal(writer.pendingBytes, 0)
    // One request to each of the two leaders.
    assert.ok(broker.inFlightMax <= 2, 'one send is in flight')
    await writer.close()
  }
})

test('K3 a broker that lost what it had acknowledged stops the log, and nothing more is taken', async () => {
  const broker = new FakeBroker()
  const writer = new KafkaWriter(broker.cluster(), producer, [5, 0, 0])
  await assert.rejects(writer.append(0, [Buffer.from('a')]).durable, { code: 'STORAGE_FAILED', message: /has lost what it had acknowledged/ })
  await assert.rejects(writer.append(1, [Buffer.from('b')]).durable, { code: 'STORAGE_FAILED' })
  assert.equal(writer.end(0), 5)
  assert.equal(writer.pendingBytes, 0)
  await writer.close()
})

test('K2 an error that another try would not mend stops the log and rejects everything that waits', async () => {
  const broker = new FakeBroker()
  broker.fate = () => 'answered'
  const writer = new KafkaWriter(broker.cluster(), producer, [0, 0, 0])
  await writer.append(0, [Buffer.from('a')]).durable
  broker.fate = () => {
    throw failure(29, false, 'not allowed to write to this topic')
  }
  const appends = [writer.append(0, [Buffer.from('b')]), writer.append(1, [Buffer.from('c')])]
  const settled = await Promise.allSettled(appends.map(({ durable }) => durable))
  for (const result of settled) {
    assert.equal(result.status, 'rejected')
    assert.match(String(result.reason), /not allowed to write/)
  }
  assert.equal(writer.pendingBytes, 0)
  await writer.close()
})

test('a batch longer than Kafka takes at once goes in several, in order', async () => {
  const broker = new FakeBroker()
  const writer = new KafkaWriter(broker.cluster(), producer, [0, 0, 0])
  const entries = Array.from({ length: 40 }, (_, i) => Buffer.alloc(60_000, `${i % 10}`))
  assert.equal(await writer.append(2, entries).durable, 0)
  assert.deepEqual(
    broker.entries[2]!.map((text) => text[0]),
    entries.map((_, i) => `${i % 10}`),
  )
  await writer.close()
})
