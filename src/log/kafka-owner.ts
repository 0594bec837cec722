/**
 * Who holds a log in Kafka (L4): the only member of a classic consumer group that consumes nothing. The group's
 * coordinator keeps it, so the lock needs no clock of ours and goes free by itself when its holder dies.
 *
 * Owns: membership, its heartbeat. Does not own: what happens when the lock is lost (the log stops).
 *
 * O1 An opening that finds a member waits for it to go, at most as long as it was told, then is refused with LOG_LOCKED.
 * O2 Of several that join at once the group's leader holds the log; the others leave.
 * O3 It is a lease, not a fence: a process that was paused for longer than `sessionMs` may still write once. What fences is
 *    told in kafka-writer.ts (K3) and docs/decisions/0007.
 */
import { BattutaError } from '../base/index.ts'
import type { Timer } from '../base/index.ts'
import { Failure, failure, kafkaCodes } from './kafka-cluster.ts'
import type { Connection, KafkaCluster } from './kafka-cluster.ts'
import type { KafkaBroker } from './kafka-address.ts'

export const ownerLimits = {
  /** A holder that is silent for so long has lost the log. Brokers take 6 s at least unless told otherwise. */
  sessionMs: 10_000,
  heartbeatMs: 3_000,
  /** How often a waiting opening looks again. */
  lookMs: 250,
  /** How long a process that died may hold the log after its death, with room for a slow broker. */
  waitMsDefault: 15_000,
} as const

const protocol = { type: 'battuta', name: 'owner' } as const

interface Membership {
  readonly member: string
  readonly generation: number
}

export class KafkaOwner {
  readonly #cluster: KafkaCluster
  readonly #lost: (why: string) => void
  #coordinator: KafkaBroker | undefined
  #membership: Membership | undefined
  #timer: Timer | undefined
  #closed = false
  #beating: Promise<void> = Promise.resolve()

  private constructor(cluster: KafkaCluster, lost: (why: string) => void) {
    this.#cluster = cluster
    this.#lost = lost
  }

  /** Takes the lock within `waitMs` or throws LOG_LOCKED. `lost` is called at most once, when it is another's. */
  static async take(cluster: KafkaCluster, waitMs: number, lost: (why: string) => void): Promise<KafkaOwner> {
    const owner = new KafkaOwner(cluster, lost)
    const until = cluster.world.monotonicMs() + waitMs
    for (;;) {
      const holder = await cluster.patiently(
        'taking the lock',
        async () => (await owner.#holder()) ?? ((await owner.#join('')) ? null : 'a process that opened it at the same time'),
      )
      if (holder === null) break
      if (cluster.world.monotonicMs() >= until) {
        throw new BattutaError(
          'LOG_LOCKED',
          `${holder} holds the log in Kafka topic “${cluster.address.topic}”: stop it, or name another topic prefix; what died lets go of it after ${ownerLimits.sessionMs / 1_000} s`,
          { retryAfterMs: 1_000 },
        )
      }
      await cluster.pause(ownerLimits.lookMs)
    }
    owner.#beatLater()
    return owner
  }

  /** Says who holds the log; null when nobody does. */
  static async holder(cluster: KafkaCluster): Promise<string | null> {
    return new KafkaOwner(cluster, () => undefined).#holder()
  }

  async release(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#beating
    await this.#leave()
  }

  #beatLater(): void {
    this.#timer = this.#cluster.world.setTimer(ownerLimits.heartbeatMs, () => {
      this.#beating = this.#beat().then(
        () => {
          if (!this.#closed) this.#beatLater()
        },
        (error: unknown) => this.#lose(error instanceof Error ? error.message : String(error)),
      )
    })
  }

  async #beat(): Promise<void> {
    const membership = this.#membership
    if (membership === undefined) return
    try {
      await this.#ask((connection) =>
        this.#cluster.client.heartbeatV4.api.async(connection, this.#cluster.address.group, membership.generation, membership.member, null),
      )
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      // A broker that cannot be asked says nothing about who holds the log; the next beat asks again.
      if (error.again) return
      const known = error.protocol === kafkaCodes.rebalancing
      if (!known && error.protocol !== kafkaCodes.unknownMember && error.protocol !== kafkaCodes.illegalGeneration) throw error
      await this.#rejoin(known ? membership.member : '')
    }
  }

  async #rejoin(member: string): Promise<void> {
    try {
      const holder = member === '' ? await this.#holder() : null
      if (holder !== null || !(await this.#join(member))) this.#lose(`${holder ?? 'another process'} holds it now`)
    } catch (error) {
      if (!(error instanceof Failure && error.again)) throw error
    }
  }

  #lose(why: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#lost(why)
  }

  /** Says who is a member of the group; null when nobody is. */
  async #holder(): Promise<string | null> {
    const { client, address } = this.#cluster
    const answer = await this.#ask((connection) => client.describeGroupsV5.api.async(connection, [address.group], false))
    const member = answer.groups[0]?.members[0]
    return member === undefined ? null : `a process on ${member.clientHost.replace('/', '')}`
  }

  /** Joins the group; true when we lead it. */
  async #join(member: string): Promise<boolean> {
    const { client, address } = this.#cluster
    const protocols = [{ name: protocol.name, metadata: Buffer.alloc(0) }]
    const join = (id: string): ReturnType<typeof client.joinGroupV9.api.async> =>
      this.#ask(
        (connection) =>
          client.joinGroupV9.api.async(connection, address.group, ownerLimits.sessionMs, ownerLimits.sessionMs, id, null, protocol.type, protocols, null),
        [kafkaCodes.memberIdRequired],
      )
    let joined = await join(member)
    // A broker gives an id first, so that a member which dies at once leaves no ghost.
    if (joined.errorCode === kafkaCodes.memberIdRequired) joined = await join(joined.memberId)
    this.#membership = { member: joined.memberId, generation: joined.generationId }
    const leads = joined.leader === joined.memberId
    if (!leads) {
      await this.#leave()
      return false
    }
    const assignments = joined.members.map(({ memberId }) => ({ memberId, assignment: Buffer.alloc(0) }))
    try {
      await this.#ask((connection) =>
        client.syncGroupV5.api.async(connection, address.group, joined.generationId, joined.memberId, null, protocol.type, protocol.name, assignments),
      )
    } catch (error) {
      // Somebody else joined meanwhile; who leads is asked again.
      if (error instanceof Failure && error.protocol === kafkaCodes.rebalancing) return this.#join(joined.memberId)
      throw error
    }
    return true
  }

  async #leave(): Promise<void> {
    const membership = this.#membership
    this.#membership = undefined
    if (membership === undefined) return
    const { client, address } = this.#cluster
    // Should it not be heard, the session runs out by itself.
    await this.#ask((connection) =>
      client.leaveGroupV5.api.async(connection, address.group, [{ memberId: membership.member, groupInstanceId: null, reason: 'closed' }]),
    ).catch(() => undefined)
  }

  async #ask<T>(request: (connection: Connection) => Promise<T>, expected: readonly number[] = []): Promise<T> {
    try {
      this.#coordinator ??= await this.#findCoordinator()
      return await this.#cluster.ask(this.#coordinator, request, expected)
    } catch (error) {
      if (error instanceof Failure && error.again) this.#coordinator = undefined
      throw error
    }
  }

  async #findCoordinator(): Promise<KafkaBroker> {
    const { client, address } = this.#cluster
    const answer = await this.#cluster.any((connection) => client.findCoordinatorV4.api.async(connection, 0, [address.group]))
    const found = answer.coordinators[0]
    if (found === undefined || found.errorCode !== 0) throw failure(kafkaCodes.coordinatorNotAvailable, true, 'the group has no coordinator yet')
    return { host: found.host, port: found.port }
  }
}
