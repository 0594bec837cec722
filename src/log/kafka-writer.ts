/**
 * Writes a log's entries to Kafka: collects what is appended while one send is in flight, and sends it as the next.
 *
 * Owns: the queue, the one send in flight, producer id and sequence numbers, what is durable. Does not own: connections and
 * leaders (`KafkaCluster`), reading.
 *
 * K1 One send is in flight at most, over all partitions, with one batch for each: so order is call order, and sequence
 *    numbers never overtake each other.
 * K2 A send without an answer (a broker died, the network ate it) is sent again as it was, with the same producer id and
 *    sequence numbers, until a broker answers. Brokers keep the last five batches of each producer and answer a repeated
 *    one with the offset it has, so it stands in the log once. When no broker answers in `sendMsMax`, the log fails, and
 *    only opening it anew tells whether the batch is in it.
 * K3 A batch begins where this process knows the partition to end, or the log fails without acknowledging anything of the
 *    send: somebody else wrote, or a broker lost what it had acknowledged. So two processes that both believe to hold a log
 *    never both go on, and no offset is ever told of entries whose predecessors this process has not seen.
 * K4 A failed log takes nothing more (the port's promise): opening anew reads what was kept.
 */
import { assert, BattutaError } from '../base/index.ts'
import { groupLimits } from './group-log.ts'
import { Failure, isRetriable, kafkaLimits } from './kafka-cluster.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import type { Append } from './port.ts'

export const writerLimits = {
  /** One batch of one partition. Topics take 1 MiB unless set otherwise, with some 70 bytes of Kafka's own for each entry. */
  batchBytesMax: 512 * 1024,
  /** One entry; a topic that was made elsewhere may take less than its default says. */
  entryBytesMax: 900 * 1024,
  /** What Kafka writes around each entry, with room. */
  entryOverheadBytes: 32,
  /** How long a send is repeated while no broker answers. */
  sendMsMax: 120_000,
} as const

const allReplicas = -1

interface Waiting {
  readonly partition: number
  readonly entries: readonly Uint8Array[]
  readonly bytes: number
  readonly resolve: (first: number) => void
  readonly reject: (error: BattutaError) => void
}

interface Partition {
  /** The durable end, as told. */
  end: number
  /** Where the next batch must begin. */
  next: number
  sequence: number
}

interface Batch {
  readonly partition: number
  readonly entries: readonly Uint8Array[]
}

export class KafkaWriter {
  readonly #cluster: KafkaCluster
  readonly #producer: { readonly id: bigint; readonly epoch: number }
  readonly #state: readonly Partition[]
  #waiting: Waiting[] = []
  #pendingBytes = 0
  #busy = false
  #failed: BattutaError | undefined
  #closing: Promise<void> | undefined
  #idle: (() => void) | undefined

  constructor(cluster: KafkaCluster, producer: { readonly id: bigint; readonly epoch: number }, ends: readonly number[]) {
    this.#cluster = cluster
    this.#producer = producer
    this.#state = ends.map((end) => ({ end, next: end, sequence: 0 }))
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  end(partition: number): number {
    return this.#partition(partition).end
  }

  append(partition: number, entries: readonly Uint8Array[]): Append {
    this.#partition(partition)
    assert(this.#closing === undefined, 'nothing is appended to a closed log')
    assert(entries.length > 0, 'an append has at least one entry')
    assert(entries.length <= groupLimits.appendEntriesMax, `an append has at most ${groupLimits.appendEntriesMax} entries`)
    let bytes = 0
    for (const entry of entries) {
      assert(entry.length <= writerLimits.entryBytesMax, `an entry has at most ${writerLimits.entryBytesMax} bytes`)
      bytes += entry.length
    }
    assert(bytes <= groupLimits.appendBytesMax, `an append has at most ${groupLimits.appendBytesMax} bytes`)
    const refusal = this.#failed ?? this.#overload(bytes)
    if (refusal !== undefined) return { first: null, durable: Promise.reject(refusal) }
    this.#pendingBytes += bytes
    const durable = new Promise<number>((resolve, reject) => {
      this.#waiting.push({ partition, entries, bytes, resolve, reject })
    })
    if (!this.#busy) {
      this.#busy = true
      // In a turn of its own, so that everything appended in this one is sent together.
      this.#cluster.world.defer(() => this.#sendGroups())
    }
    return { first: null, durable }
  }

  /** Whatever is waiting is refused, as is everything later. */
  fail(error: BattutaError): void {
    this.#failed ??= error
    const lost = this.#waiting.splice(0)
    for (const { bytes, reject } of lost) {
      this.#pendingBytes -= bytes
      reject(this.#failed)
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#busy ? new Promise<void>((resolve) => (this.#idle = resolve)) : Promise.resolve()
    return this.#closing
  }

  #partition(partition: number): Partition {
    const state = this.#state[partition]
    assert(state !== undefined, `partition ${partition} is one of 0 to ${this.#state.length - 1}`)
    return state
  }

  #overload(bytes: number): BattutaError | undefined {
    if (this.#pendingBytes + bytes <= groupLimits.pendingBytesMax) return undefined
    return new BattutaError(
      'OVERLOADED',
      `${this.#pendingBytes} bytes are waiting for Kafka, and the log holds at most ${groupLimits.pendingBytesMax}; append again later`,
      { retryAfterMs: 1_000 },
    )
  }

  #sendGroups(): void {
    const taken = this.#take()
    this.#sendGroup(taken).then(
      (firsts) => {
        this.#settle(taken, firsts)
        // After a turn of the event loop, so that whoever waited for this group can be in the next.
        this.#cluster.world.defer(() => this.#nextGroup())
      },
      (cause: unknown) => {
        this.#waiting.unshift(...taken)
        this.fail(failedBy(cause))
        this.#nextGroup()
      },
    )
  }

  #nextGroup(): void {
    if (this.#waiting.length > 0) return this.#sendGroups()
    this.#busy = false
    this.#idle?.()
  }

  #take(): Waiting[] {
    let entries = 0
    let bytes = 0
    let count = 0
    for (const append of this.#waiting) {
      entries += append.entries.length
      bytes += append.bytes
      if (count > 0 && (entries > groupLimits.groupEntriesMax || bytes > groupLimits.groupBytesMax)) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  #settle(taken: readonly Waiting[], firsts: readonly number[]): void {
    for (const { partition, entries, bytes } of taken) {
      this.#partition(partition).end += entries.length
      this.#pendingBytes -= bytes
    }
    for (const [index, append] of taken.entries()) append.resolve(firsts[index]!)
    for (const state of this.#state) assert(state.end === state.next, 'what was sent is durable')
  }

  /** Resolves with the first offset of each append once everything is with all replicas. */
  async #sendGroup(taken: readonly Waiting[]): Promise<number[]> {
    const lists = new Map<number, Uint8Array[]>()
    const firsts: number[] = []
    for (const { partition, entries } of taken) {
      let list = lists.get(partition)
      if (list === undefined) lists.set(partition, (list = []))
      firsts.push(this.#partition(partition).next + list.length)
      for (const entry of entries) list.push(entry)
    }
    const queues = Array.from(lists, ([partition, entries]) => inBatches(entries).map((batch): Batch => ({ partition, entries: batch })))
    // A request holds one batch of a partition at most, so what is longer takes several requests, one after the other.
    for (let round = 0; queues.some((queue) => queue.length > round); round++) {
      await this.#sendBatches(queues.flatMap((queue) => queue[round] ?? []))
    }
    return firsts
  }

  async #sendBatches(batches: readonly Batch[]): Promise<void> {
    const { world } = this.#cluster
    const unanswered = new Map(batches.map((batch) => [batch.partition, batch]))
    const until = world.monotonicMs() + writerLimits.sendMsMax
    // Made once: what is sent again is what was sent.
    const timestamp = BigInt(Math.trunc(world.now()))
    while (unanswered.size > 0) {
      const byLeader = [...this.#cluster.byLeader(unanswered.keys())]
      const failures = await Promise.all(
        byLeader.map(([leader, partitions]) =>
          this.#request(
            leader,
            partitions.map((partition) => unanswered.get(partition)!),
            timestamp,
            (partition) => unanswered.delete(partition),
          ),
        ),
      )
      if (unanswered.size === 0) return
      const why = failures.find((failure) => failure !== null)
      assert(why !== null && why !== undefined, 'a batch without an answer has a reason')
      if (this.#failed !== undefined) throw this.#failed
      if (world.monotonicMs() >= until) throw why
      await this.#cluster.pause(kafkaLimits.retryMs)
      await this.#cluster.refresh().catch(() => undefined)
    }
  }

  /** One request to one leader. Returns why some of it must be sent again, or null; throws when it must not be. */
  async #request(leader: number, batches: readonly Batch[], timestamp: bigint, answered: (partition: number) => void): Promise<Failure | null> {
    const { client, address } = this.#cluster
    const sequences = new client.NumericMap()
    const messages = batches.flatMap(({ partition, entries }) => {
      sequences.set(`${address.topic}:${partition}`, this.#partition(partition).sequence)
      return entries.map((entry) => ({ topic: address.topic, partition, timestamp, value: bufferOf(entry) }))
    })
    const options = { producerId: this.#producer.id, producerEpoch: this.#producer.epoch, sequences }
    let failure: Failure | null = null
    try {
      const answer = await this.#cluster.write(
        leader,
        (connection) => client.produceV9.api.async(connection, allReplicas, kafkaLimits.replicateMsMax, messages, options),
        'all',
      )
      assert(typeof answer === 'object', 'a write to all replicas is answered')
      for (const { index, errorCode, baseOffset, errorMessage } of answer.responses.flatMap(({ partitionResponses }) => partitionResponses)) {
        const batch = batches.find(({ partition }) => partition === index)
        assert(batch !== undefined, 'an answer is about what was sent')
        if (errorCode === 0) {
          this.#written(batch, Number(baseOffset))
          answered(index)
        } else failure = new Failure(errorCode, isRetriable(errorCode), `partition ${index}: ${errorMessage ?? `error ${errorCode} of the Kafka protocol`}`)
        if (failure !== null && !failure.again) throw failure
      }
    } catch (error) {
      if (!(error instanceof Failure && error.again)) throw error
      failure = error
    }
    return failure
  }

  #written({ partition, entries }: Batch, base: number): void {
    const state = this.#partition(partition)
    if (base !== state.next) {
      throw new BattutaError(
        'STORAGE_FAILED',
        base > state.next
          ? `another process has written into partition ${partition} of the log: it ended at ${state.next} and went on at ${base}; see that one process only uses this topic, then start again`
          : `Kafka has lost what it had acknowledged: partition ${partition} ended at ${state.next} and went on at ${base}; start again, and replicate the topic to several brokers with min.insync.replicas of 2`,
        { details: { partition, expected: state.next, found: base } },
      )
    }
    state.next += entries.length
    // Sequence numbers go round at 2^31.
    state.sequence = (state.sequence + entries.length) & 0x7fff_ffff
  }
}

function inBatches(entries: readonly Uint8Array[]): Uint8Array[][] {
  const batches: Uint8Array[][] = []
  let current: Uint8Array[] = []
  let bytes = 0
  for (const entry of entries) {
    const own = entry.length + writerLimits.entryOverheadBytes
    if (current.length > 0 && bytes + own > writerLimits.batchBytesMax) {
      batches.push(current)
      current = []
      bytes = 0
    }
    current.push(entry)
    bytes += own
  }
  batches.push(current)
  return batches
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function failedBy(cause: unknown): BattutaError {
  if (cause instanceof BattutaError && !(cause instanceof Failure)) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new BattutaError(
    'STORAGE_FAILED',
    `the log could not be written to Kafka: ${why}; whether the last entries are in it shows when it is opened again: check the brokers, then start again`,
    { cause },
  )
}
