/**
 * The Kafka cluster as the log sees it: which broker leads each partition, and requests to it. It speaks the client's
 * low-level API. The client's own `Producer` is not used: when it meets an unknown sequence it takes a new producer id and
 * sends again, which can write entries twice, and when sends overlap it loses some (measured).
 *
 * Owns: connections, the table of leaders. Does not own: what is sent, and whether it is sent again.
 *
 * C1 Every request is at a version that brokers from 3.1 on speak.
 * C2 A request has one outcome: an answer, or a `Failure` that says whether the same request may be sent again.
 */
import { MessageChannel } from 'node:worker_threads'
import { assert, BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { KafkaAddress, KafkaBroker } from './kafka-address.ts'

export type Client = typeof import('@platformatic/kafka')
export type Connection = InstanceType<Client['Connection']>
type ConnectionPool = InstanceType<Client['ConnectionPool']>

export const kafkaLimits = {
  connectMsMax: 5_000,
  /** How long a broker may take to replicate a batch before it says that it does not know. */
  replicateMsMax: 10_000,
  /** How long an answer may take; the connection is dropped then. */
  requestMsMax: 15_000,
  /** Between two tries. */
  retryMs: 200,
  /** How long a read, a retention or the opening tries. */
  patienceMsDefault: 30_000,
  /** How long a mere look does. */
  lookMsMax: 3_000,
} as const

/** Codes of the protocol that this log tells apart; https://kafka.apache.org/protocol has them all. */
export const kafkaCodes = {
  offsetOutOfRange: 1,
  unknownTopic: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  requestTimedOut: 7,
  brokerNotAvailable: 8,
  replicaNotAvailable: 9,
  networkException: 13,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  illegalGeneration: 22,
  unknownMember: 25,
  rebalancing: 27,
  topicExists: 36,
  notController: 41,
  storageError: 56,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  memberIdRequired: 79,
} as const

const retriable: ReadonlySet<number> = new Set<number>([
  kafkaCodes.unknownTopic,
  kafkaCodes.leaderNotAvailable,
  kafkaCodes.notLeader,
  kafkaCodes.requestTimedOut,
  kafkaCodes.brokerNotAvailable,
  kafkaCodes.replicaNotAvailable,
  kafkaCodes.networkException,
  kafkaCodes.coordinatorLoading,
  kafkaCodes.coordinatorNotAvailable,
  kafkaCodes.notCoordinator,
  kafkaCodes.notEnoughReplicas,
  kafkaCodes.notEnoughReplicasAfterAppend,
  kafkaCodes.notController,
  kafkaCodes.storageError,
  kafkaCodes.fencedLeaderEpoch,
  kafkaCodes.unknownLeaderEpoch,
])

/** An error of the protocol that a later try may not meet again. */
export function isRetriable(code: number): boolean {
  return retriable.has(code)
}

/** Why a request has no answer, to those in here who may send it again; nobody else sees one. */
export class Failure extends BattutaError {
  /** The protocol's code, or null when the network gave none. */
  readonly protocol: number | null
  /** Whether the same request may be sent again. */
  readonly again: boolean

  constructor(protocol: number | null, again: boolean, message: string, cause?: unknown) {
    super('STORAGE_FAILED', message, cause === undefined ? {} : { cause })
    this.name = 'Failure'
    this.protocol = protocol
    this.again = again
  }
}

export function failure(protocol: number | null, again: boolean, message: string): Failure {
  return new Failure(protocol, again, message)
}

/** The client is an optional peer, loaded only by those who name a Kafka URL. */
export async function loadClient(): Promise<Client> {
  try {
    return await import('@platformatic/kafka')
  } catch (cause) {
    throw new BattutaError(
      'CONFIG_INVALID',
      'a log in Kafka needs the package @platformatic/kafka, which is not installed here: npm install @platformatic/kafka',
      { cause },
    )
  }
}

export class KafkaCluster {
  readonly client: Client
  readonly world: World
  readonly address: KafkaAddress
  /** Writes have connections of their own, so that none waits behind a large read. */
  readonly #writes: ConnectionPool
  readonly #patienceMs: number
  readonly #others: ConnectionPool
  #brokers = new Map<number, KafkaBroker>()
  #leaders: readonly number[] = []
  #replicas = 0

  constructor(world: World, client: Client, address: KafkaAddress, patienceMs: number) {
    this.client = client
    this.world = world
    this.address = address
    this.#patienceMs = patienceMs
    const options = { connectTimeout: kafkaLimits.connectMsMax, requestTimeout: kafkaLimits.requestMsMax }
    this.#writes = new client.ConnectionPool('battuta', options)
    this.#others = new client.ConnectionPool('battuta', options)
  }

  /** Broker ids by partition; -1 where none leads. Empty while the topic does not exist. */
  get leaders(): readonly number[] {
    return this.#leaders
  }

  /** Replicas of the partition that has the fewest. */
  get replicas(): number {
    return this.#replicas
  }

  async refresh(): Promise<void> {
    const answer = await this.any((connection) => this.client.metadataV12.api.async(connection, [this.address.topic], false, false), [kafkaCodes.unknownTopic])
    this.#brokers = new Map(answer.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]))
    const partitions = answer.topics.find(({ name }) => name === this.address.topic)?.partitions ?? []
    const leaders = new Array<number>(partitions.length).fill(-1)
    for (const { partitionIndex, leaderId, errorCode } of partitions) leaders[partitionIndex] = errorCode === 0 ? leaderId : -1
    this.#leaders = leaders
    this.#replicas = Math.min(...partitions.map(({ replicaNodes }) => replicaNodes.length))
  }

  /** To whichever broker answers first. Answers that hold one of the `expected` codes are answers, too. */
  async any<T>(request: (connection: Connection) => Promise<T>, expected: readonly number[] = []): Promise<T> {
    let last: unknown
    for (const broker of [...this.#brokers.values(), ...this.address.brokers]) {
      try {
        return await this.#ask(this.#others, broker, request, expected)
      } catch (error) {
        last = error
        if (error instanceof Failure && error.protocol !== null) throw error
      }
    }
    throw last
  }

  async write<T>(leader: number, request: (connection: Connection) => Promise<T>, expected: readonly number[] | 'all' = []): Promise<T> {
    return this.#ask(this.#writes, this.#brokerOf(leader), request, expected)
  }

  async ask<T>(broker: KafkaBroker | number, request: (connection: Connection) => Promise<T>, expected: readonly number[] | 'all' = []): Promise<T> {
    return this.#ask(this.#others, typeof broker === 'number' ? this.#brokerOf(broker) : broker, request, expected)
  }

  leaderOf(partition: number): number {
    return this.#leaders[partition] ?? -1
  }

  /** Tries until it answers, as long as its patience lasts, looking up the leaders anew in between. */
  async patiently<T>(what: string, attempt: () => Promise<T>): Promise<T> {
    const until = this.world.monotonicMs() + this.#patienceMs
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        if (!error.again || this.world.monotonicMs() >= until) {
          const { brokers, topic } = this.address
          const at = brokers.map(({ host, port }) => `${host}:${port}`).join(', ')
          throw new BattutaError(
            'STORAGE_FAILED',
            `${what} of Kafka topic “${topic}” at ${at} failed: ${error.message}; check that the brokers run and can be reached`,
            {
              cause: error,
              details: { code: error.protocol },
            },
          )
        }
      }
      await this.pause(kafkaLimits.retryMs)
      await this.refresh().catch(() => undefined)
    }
  }

  /** Keeps the process alive meanwhile: timers of a `World` do not, and while no broker is connected nothing else would. */
  pause(ms: number): Promise<void> {
    const { port1: awake } = new MessageChannel()
    awake.ref()
    return new Promise((resolve) => {
      this.world.setTimer(ms, () => {
        awake.close()
        resolve()
      })
    })
  }

  /** Earliest or latest offset of every partition. */
  async offsets(which: 'earliest' | 'latest'): Promise<number[]> {
    const offsets = new Array<number>(this.#leaders.length).fill(0)
    for (const [leader, partitions] of this.byLeader(offsets.keys())) {
      const wanted = partitions.map((partitionIndex) => ({ partitionIndex, currentLeaderEpoch: -1, timestamp: which === 'earliest' ? -2n : -1n }))
      const answer = await this.ask(leader, (connection) =>
        this.client.listOffsetsV7.api.async(connection, -1, 0, [{ name: this.address.topic, partitions: wanted }]),
      )
      for (const { partitionIndex, offset } of answer.topics.flatMap(({ partitions: found }) => found)) offsets[partitionIndex] = Number(offset)
    }
    return offsets
  }

  byLeader(partitions: Iterable<number>): Map<number, number[]> {
    const byLeader = new Map<number, number[]>()
    for (const partition of partitions) {
      const leader = this.leaderOf(partition)
      const held = byLeader.get(leader)
      if (held === undefined) byLeader.set(leader, [partition])
      else held.push(partition)
    }
    return byLeader
  }

  async close(): Promise<void> {
    await Promise.all([this.#writes.close(), this.#others.close()])
  }

  #brokerOf(id: number): KafkaBroker {
    const broker = this.#brokers.get(id)
    if (broker === undefined) throw failure(kafkaCodes.leaderNotAvailable, true, id === -1 ? 'a partition has no leader' : `broker ${id} is not known`)
    return broker
  }

  async #ask<T>(pool: ConnectionPool, broker: KafkaBroker, request: (connection: Connection) => Promise<T>, expected: readonly number[] | 'all'): Promise<T> {
    try {
      const connection = await pool.get(broker)
      // A second error of one connection would otherwise be an uncaught one: the pool listens to the first only.
      if (connection.listenerCount('error') < 2) connection.on('error', () => undefined)
      return await request(connection)
    } catch (error) {
      const response = responseIn(error)
      const codes = codesIn(error)
      if (response !== undefined && codes.every((code) => expected === 'all' || expected.includes(code))) return response as T
      throw failureOf(error, codes)
    }
  }
}

function responseIn(error: unknown): unknown {
  return error instanceof AggregateError && 'response' in error ? (error.response ?? undefined) : undefined
}

function codesIn(error: unknown): number[] {
  const within = error instanceof AggregateError ? (error.errors as unknown[]) : [error]
  return within.flatMap((one) => (one instanceof Error && 'apiCode' in one && typeof one.apiCode === 'number' ? [one.apiCode] : []))
}

function failureOf(error: unknown, codes: readonly number[]): Failure {
  assert(error instanceof Error, 'the client fails with errors')
  const [code] = codes
  if (code === undefined) {
    // Without a code nothing was answered: the network, a broker that is gone, or one that took too long.
    const lost = 'code' in error && (error.code === 'PLT_KFK_NETWORK' || error.code === 'PLT_KFK_TIMEOUT')
    return new Failure(null, lost, error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message, error)
  }
  const inner = error instanceof AggregateError ? (error.errors[0] as Error) : error
  return new Failure(
    code,
    codes.every((one) => isRetriable(one)),
    inner.message,
    error,
  )
}
