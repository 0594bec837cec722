/**
 * The log in Kafka: one topic, its partitions the log's. Kafka gives the offsets, so `Append.first` is null here.
 *
 * Owns: the topic's set-up, reading, retention. Does not own: writing (`KafkaWriter`), who holds the log (`KafkaOwner`).
 *
 * L1 here means what it means to Kafka: an entry is acknowledged by every in-sync replica, which keep it in memory before
 * they keep it on disk. Against the loss of one machine set `min.insync.replicas` to 2 over three replicas.
 * L3 `end` is what this process wrote or found at opening, and only rises; what lies beyond is not read. Offsets have gaps
 * only where transactions or compaction made them, and neither is ours: a gap is refused with STORAGE_FAILED.
 */
import { assert, BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { kafkaAddress } from './kafka-address.ts'
import { failure, kafkaCodes, KafkaCluster, kafkaLimits, loadClient } from './kafka-cluster.ts'
import { KafkaOwner, ownerLimits } from './kafka-owner.ts'
import { checkPartitions, ensureTopic } from './kafka-topic.ts'
import { KafkaWriter } from './kafka-writer.ts'
import type { Append, Log, LogRecord } from './port.ts'

export interface KafkaLogOptions {
  /** `kafka://host:9092/topic-prefix`; the topic is `topic-prefix-log`, made when it does not exist. */
  readonly url: string
  /** Fixed when the topic is made: 16 unless said. An existing topic opens with its own when none is said. */
  readonly partitions?: number
  /** How long to wait for a process that holds the log: 15 s unless said, so that one that died is outlived. */
  readonly lockWaitMs?: number
  /** How long opening, reading and retention try while no broker answers: 30 s unless said. */
  readonly patienceMs?: number
}

const codesExpected: readonly number[] = [kafkaCodes.offsetOutOfRange]

export const readerLimits = {
  /** A fetch asks for some of this for each record it wants, so that a read of one does not move a megabyte. */
  recordBytesGuess: 1_024,
  fetchBytesMin: 4 * 1024,
  fetchBytesMax: 1024 * 1024,
} as const

/**
 * Opens the log in a topic, or creates it.
 * @example
 * const log = await openKafkaLog(realWorld(), { url: 'kafka://127.0.0.1:9092/shop' })
 * const first = await log.append(3, [bytes]).durable
 *
 * Errors: LOG_LOCKED when another process has it open, CONFIG_INVALID for another partition count, a compacted topic or a
 * missing client, STORAGE_FAILED when no broker answers.
 */
export async function openKafkaLog(world: World, options: KafkaLogOptions): Promise<Log> {
  const address = kafkaAddress(options.url)
  if (options.partitions !== undefined) checkPartitions(options.partitions)
  const client = await loadClient()
  const cluster = new KafkaCluster(world, client, address, options.patienceMs ?? kafkaLimits.patienceMsDefault)
  let owner: KafkaOwner | undefined
  try {
    await ensureTopic(cluster, options.partitions)
    // Told by the lock, whose loss may come before there is a log to fail.
    let lost: string | undefined
    let log: KafkaLog | undefined
    owner = await KafkaOwner.take(cluster, options.lockWaitMs ?? ownerLimits.waitMsDefault, (why) => {
      lost = why
      log?.lose(why)
    })
    // Asked for under the lock, so that the ends are those of the last holder.
    const { starts, ends, producer } = await cluster.patiently('opening', async () => ({
      starts: await cluster.offsets('earliest'),
      ends: await cluster.offsets('latest'),
      producer: await cluster.any((connection) => client.initProducerIdV4.api.async(connection, null, 0, -1n, -1)),
    }))
    log = new KafkaLog(cluster, owner, new KafkaWriter(cluster, { id: producer.producerId, epoch: producer.producerEpoch }, ends), starts)
    if (lost !== undefined) log.lose(lost)
    return log
  } catch (error) {
    await owner?.release()
    await cluster.close()
    throw error
  }
}

export interface KafkaLogFound {
  readonly topic: string
  readonly partitions: number
  /** Of the partition that has the fewest. */
  readonly replicas: number
  readonly entries: number
  /** Who has it open; null when nobody has. */
  readonly holder: string | null
}

/** Looks at a log without opening it, for `battuta doctor`. Null when its topic does not exist yet. */
export async function inspectKafkaLog(world: World, url: string): Promise<KafkaLogFound | null> {
  const cluster = new KafkaCluster(world, await loadClient(), kafkaAddress(url), kafkaLimits.lookMsMax)
  try {
    await cluster.patiently('looking up', () => cluster.refresh())
    if (cluster.leaders.length === 0) return null
    const { starts, ends, holder } = await cluster.patiently('looking up', async () => ({
      starts: await cluster.offsets('earliest'),
      ends: await cluster.offsets('latest'),
      holder: await KafkaOwner.holder(cluster),
    }))
    const entries = ends.reduce((sum, end, partition) => sum + end - starts[partition]!, 0)
    return { topic: cluster.address.topic, partitions: ends.length, replicas: cluster.replicas, entries, holder }
  } finally {
    await cluster.close()
  }
}

class KafkaLog implements Log {
  readonly kind = 'kafka'
  readonly partitions: number
  readonly #cluster: KafkaCluster
  readonly #owner: KafkaOwner
  readonly #writer: KafkaWriter
  readonly #starts: number[]
  #closing: Promise<void> | undefined

  constructor(cluster: KafkaCluster, owner: KafkaOwner, writer: KafkaWriter, starts: number[]) {
    this.#cluster = cluster
    this.#owner = owner
    this.#writer = writer
    this.#starts = starts
    this.partitions = starts.length
  }

  get pendingBytes(): number {
    return this.#writer.pendingBytes
  }

  append(partition: number, entries: readonly Uint8Array[]): Append {
    return this.#writer.append(partition, entries)
  }

  start(partition: number): number {
    const start = this.#starts[partition]
    assert(start !== undefined, `partition ${partition} is one of 0 to ${this.partitions - 1}`)
    return start
  }

  end(partition: number): number {
    return this.#writer.end(partition)
  }

  async read(partition: number, from: number, limit: number): Promise<readonly LogRecord[]> {
    const end = this.end(partition)
    assert(this.#closing === undefined, 'a closed log is not read')
    assert(Number.isSafeInteger(from) && from >= 0, 'a read begins at an offset')
    assert(Number.isSafeInteger(limit) && limit > 0, 'a read has a limit of at least one record')
    let records: LogRecord[] = []
    let position = Math.max(from, this.start(partition))
    while (records.length < limit && position < end) {
      const fetched = await this.#cluster.patiently('reading', () => this.#fetch(partition, position, Math.min(limit - records.length, end - position)))
      assert(this.#closing === undefined, 'a closed log is not read')
      if (position < this.start(partition)) {
        // Retention went past us: what was read so far is dropped, or there would be a gap.
        records = []
        position = this.start(partition)
        continue
      }
      for (const record of fetched) records.push(record)
      position += fetched.length
    }
    return records
  }

  async retain(partition: number, offset: number): Promise<void> {
    const target = Math.min(offset, this.end(partition))
    assert(this.#closing === undefined, 'a closed log drops nothing')
    assert(Number.isSafeInteger(offset) && offset >= 0, 'retention is given an offset')
    if (target <= this.start(partition)) return
    const { client, address } = this.#cluster
    const answer = await this.#cluster.patiently('retention', () =>
      this.#cluster.ask(this.#cluster.leaderOf(partition), (connection) =>
        client.deleteRecordsV2.api.async(
          connection,
          [{ name: address.topic, partitions: [{ partitionIndex: partition, offset: BigInt(target) }] }],
          kafkaLimits.replicateMsMax,
        ),
      ),
    )
    for (const { lowWatermark } of answer.topics.flatMap(({ partitions }) => partitions)) this.#startsAt(partition, Number(lowWatermark))
  }

  lose(why: string): void {
    this.#writer.fail(
      new BattutaError(
        'STORAGE_FAILED',
        `the log in Kafka topic “${this.#cluster.address.topic}” is no longer ours: ${why}; see that one process only uses it, then start again`,
      ),
    )
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  async #drain(): Promise<void> {
    await this.#writer.close()
    await this.#owner.release()
    await this.#cluster.close()
  }

  #startsAt(partition: number, offset: number): void {
    if (offset > this.start(partition)) this.#starts[partition] = offset
  }

  /** Records from `position` on, without gaps; at least one, unless the start has moved past it. */
  async #fetch(partition: number, position: number, wanted: number): Promise<LogRecord[]> {
    const { client, address } = this.#cluster
    const bytes = Math.min(readerLimits.fetchBytesMax, Math.max(readerLimits.fetchBytesMin, wanted * readerLimits.recordBytesGuess))
    const topics = [
      {
        topicId: address.topic,
        partitions: [{ partition, currentLeaderEpoch: -1, fetchOffset: BigInt(position), lastFetchedEpoch: -1, partitionMaxBytes: bytes }],
      },
    ]
    const answer = await this.#cluster.ask(
      this.#cluster.leaderOf(partition),
      (connection) => client.fetchV12.api.async(connection, 0, 0, bytes, 0, 0, -1, topics, [], ''),
      codesExpected,
    )
    const found = answer.responses[0]?.partitions[0]
    if (found === undefined || found.errorCode === kafkaCodes.offsetOutOfRange) {
      this.#startsAt(partition, (await this.#cluster.offsets('earliest'))[partition]!)
      if (position < this.start(partition)) return []
      throw failure(kafkaCodes.offsetOutOfRange, true, `partition ${partition} has no offset ${position}`)
    }
    this.#startsAt(partition, Number(found.logStartOffset))
    if (position < this.start(partition)) return []
    const records: LogRecord[] = []
    for (const { firstOffset, attributes, records: within } of found.records ?? []) {
      const first = Number(firstOffset)
      // What ends a transaction takes an offset and is no entry.
      if ((attributes & client.IS_CONTROL) !== 0 && first >= position) throw gap(address.topic, partition, first, first + 1)
      for (const { offsetDelta, value } of within) {
        const offset = first + offsetDelta
        if (offset < position + records.length || records.length === wanted) continue
        if (offset > position + records.length) throw gap(address.topic, partition, position + records.length, offset)
        records.push({ offset, bytes: value ?? new Uint8Array(0) })
      }
    }
    // A follower that has just become the leader may not serve up to our end yet.
    if (records.length === 0) throw failure(kafkaCodes.leaderNotAvailable, true, `partition ${partition} gives nothing at offset ${position}`)
    return records
  }
}

function gap(topic: string, partition: number, expected: number, found: number): BattutaError {
  return new BattutaError(
    'STORAGE_FAILED',
    `partition ${partition} of Kafka topic “${topic}” has a gap: after offset ${expected - 1} comes ${found}; transactions or compaction make gaps, and a log has neither: restore the topic from its backup`,
    { details: { partition, offset: expected } },
  )
}
