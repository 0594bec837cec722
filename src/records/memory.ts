/**
 * The records in memory, for simulation and tests: the same groups, refusals and order as on disk, in the World's time.
 *
 * Owns: nothing that outlives a crash. Does not own: the disk, which is handed in and can be opened again.
 *
 * M1 What resolved is on the disk after a crash; the group that was being written is there whole or not at all, by chance;
 *    what waited is lost.
 * M2 A process that crashed hears nothing any more: its promises never settle, and its calls change nothing.
 */
import { assert } from '../base/index.ts'
import type { BattutaError, World } from '../base/index.ts'
import { checkCommit } from './check-commit.ts'
import { byKey } from './effect-order.ts'
import type { Group, GroupResult } from './group.ts'
import { GroupQueue } from './group-queue.ts'
import { MemoryDesk } from './memory-desk.ts'
import { MemoryDirectory } from './memory-directory.ts'
import { newestPage } from './memory-page.ts'
import { MemoryTables } from './memory-tables.ts'
import type { MemoryStatement } from './memory-tables.ts'
import type {
  AppVersionRow,
  ConversationRow,
  DecisionFilter,
  DeliveryRow,
  DeskRecords,
  Directory,
  LaneCommit,
  LaneRow,
  OutboxRow,
  Records,
  Settled,
  StoredDecision,
} from './port.ts'

/** What survives a crash. One handle at a time holds it. */
export interface MemoryDisk {
  /** The process that holds the disk dies now. `chance` is asked whether the group being written was kept. */
  crash(chance: () => number): void
  /** Another disk with what is on this one now: a backup, to be restored beside a newer log. */
  copy(): MemoryDisk
}

export interface MemoryOptions {
  readonly disk?: MemoryDisk
  /** How long the next group takes to reach the disk; without it, one turn of the event loop. */
  readonly writeMs?: () => number
}

/**
 * @example
 * const disk = memoryDisk()
 * const before = await openMemoryRecords(world, { disk })
 * disk.crash(world.random)
 * const after = await openMemoryRecords(world, { disk })
 */
export function memoryDisk(): MemoryDisk {
  return new Disk()
}

export async function openMemoryRecords(world: World, options: MemoryOptions = {}): Promise<Records> {
  const disk = options.disk ?? new Disk()
  assert(disk instanceof Disk, 'the disk of memory records is made by memoryDisk()')
  return new MemoryRecords(world, disk, options.writeMs ?? null)
}

class Disk implements MemoryDisk {
  readonly tables: MemoryTables
  holder: MemoryRecords | null = null
  /** The group on its way to the disk. */
  writing: (() => void) | null = null

  constructor(tables: MemoryTables = new MemoryTables()) {
    this.tables = tables
  }

  copy(): MemoryDisk {
    return new Disk(this.tables.copy())
  }

  crash(chance: () => number): void {
    if (this.writing !== null && chance() < 0.5) this.writing()
    this.writing = null
    this.holder?.die()
    this.holder = null
  }
}

class MemoryRecords implements Records {
  readonly kind = 'memory'
  readonly desk: DeskRecords
  readonly directory: Directory
  readonly #world: World
  readonly #disk: Disk
  readonly #tables: MemoryTables
  readonly #writeMs: (() => number) | null
  readonly #queue: GroupQueue<MemoryStatement>
  #dead = false
  #closed: Promise<void> | null = null

  constructor(world: World, disk: Disk, writeMs: (() => number) | null) {
    assert(disk.holder === null, 'one process at a time holds a memory disk: close the records or crash the disk first')
    disk.holder = this
    this.#world = world
    this.#disk = disk
    this.#tables = disk.tables
    this.#writeMs = writeMs
    this.#queue = new GroupQueue(world, (group) => this.#writeGroup(group), failed)
    this.desk = new MemoryDesk(
      (read) => this.#read(read),
      () => world.now(),
    )
    this.directory = new MemoryDirectory(
      (read) => this.#read(read),
      (write) => this.#write(write),
    )
  }

  /** M2 */
  die(): void {
    this.#dead = true
  }

  async commit(commit: LaneCommit): Promise<void> {
    checkCommit(commit)
    return this.#dead ? never() : this.#queue.commit(structuredClone(commit))
  }

  settle(settled: Settled): void {
    if (!this.#dead) this.#queue.settle(settled)
  }

  advance(partition: number, position: number): void {
    if (!this.#dead) this.#queue.advance(partition, position)
  }

  lane(lane: string): LaneRow | undefined | Promise<LaneRow | undefined> {
    return this.#dead ? never() : this.#tables.lanes.get(lane)
  }

  conversation(id: string): ConversationRow | undefined | Promise<ConversationRow | undefined> {
    return this.#dead ? never() : this.#tables.conversations.get(id)
  }

  alias(identity: string): string | undefined | Promise<string | undefined> {
    return this.#dead ? never() : this.#tables.aliases.get(identity)
  }

  async takeOver(partition: number): Promise<number> {
    const generation = await this.#write((tables) => ++tables.partition(partition).generation)
    return generation
  }

  highest(partition: number): Promise<number> {
    return this.#read((tables) => tables.partitions.get(partition)?.highest ?? -1)
  }

  position(partition: number): Promise<number> {
    return this.#read((tables) => tables.partitions.get(partition)?.position ?? 0)
  }

  identities(customer: string): Promise<readonly string[]> {
    return this.#read(({ aliases }) =>
      [...aliases]
        .filter(([, of]) => of === customer)
        .map(([identity]) => identity)
        .sort(),
    )
  }

  unreleased(partition: number): Promise<readonly OutboxRow[]> {
    return this.#read(({ outbox }) => [...outbox.values()].filter(({ key }) => key.startsWith(`${partition}:`)).sort(byKey))
  }

  deliveries(conversation: string, after: number, limit: number): Promise<readonly DeliveryRow[]> {
    return this.#read(({ deliveries }) => {
      const entries = [...(deliveries.get(conversation)?.values() ?? [])].filter(({ seq }) => seq > after)
      return entries.sort((left, right) => left.seq - right.seq).slice(0, limit)
    })
  }

  decision(id: string): Promise<StoredDecision | undefined> {
    return this.#read(({ decisions }) => decisions.get(id))
  }

  decisionsAt(partition: number, offsets: readonly number[]): Promise<readonly StoredDecision[]> {
    const wanted = new Set(offsets)
    return this.#read(({ decisions }) =>
      [...decisions.values()].filter((row) => row.partition === partition && wanted.has(row.offset)).sort((left, right) => left.offset - right.offset),
    )
  }

  decisions(filter: DecisionFilter, limit: number, cursor: string | null): Promise<{ items: readonly StoredDecision[]; nextCursor: string | null }> {
    return this.#read(({ decisions }) => {
      const rows = [...decisions.values()].filter((row) => matches(row, filter))
      return newestPage(rows, (row) => row, limit, cursor)
    })
  }

  openConversations(): Promise<Readonly<Record<string, number>>> {
    return this.#read(({ conversations }) => {
      const counts: Record<string, number> = {}
      for (const { status, owner } of conversations.values()) {
        if (status === 'open') counts[owner ?? 'waiting'] = (counts[owner ?? 'waiting'] ?? 0) + 1
      }
      return counts
    })
  }

  async registerApp(row: AppVersionRow): Promise<void> {
    await this.#write(({ appVersions }) => {
      if (!appVersions.has(row.version)) appVersions.set(row.version, { ...row })
    })
  }

  appVersions(): Promise<readonly AppVersionRow[]> {
    return this.#read(({ appVersions }) =>
      [...appVersions.values()].sort((left, right) => right.registeredAt - left.registeredAt || (left.version < right.version ? -1 : 1)),
    )
  }

  setting(name: string): Promise<string | undefined> {
    return this.#read(({ settings }) => settings.get(name))
  }

  async putSetting(name: string, value: string): Promise<void> {
    await this.#write(({ settings }) => settings.set(name, value))
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    if (this.#dead) return
    await this.#queue.close()
    if (this.#disk.holder === this) this.#disk.holder = null
  }

  async #read<Result>(read: (tables: MemoryTables) => Result): Promise<Result> {
    assert(this.#closed === null, 'the records were read after close')
    return this.#dead ? never() : read(this.#tables)
  }

  async #write<Result>(write: (tables: MemoryTables) => Result): Promise<Result> {
    if (this.#dead) return never()
    let result: Result | undefined
    await this.#queue.statement((tables) => {
      result = write(tables)
      return []
    })
    return result as Result
  }

  #writeGroup(group: Group<MemoryStatement>): Promise<GroupResult> {
    if (this.#dead) return never()
    return new Promise((resolve) => {
      const write = (): GroupResult => this.#tables.write(group)
      this.#disk.writing = write
      const finish = (): void => {
        if (this.#dead) return
        this.#disk.writing = null
        resolve(write())
      }
      if (this.#writeMs === null) this.#world.defer(finish)
      else this.#world.setTimer(this.#writeMs(), finish)
    })
  }
}

/** What a dead process waits for. */
function never<Value>(): Promise<Value> {
  return new Promise(() => {})
}

function failed(error: BattutaError): void {
  throw error
}

function matches(row: StoredDecision, { customer, policy, act, status, search }: DecisionFilter): boolean {
  if (customer !== undefined && row.customer !== customer) return false
  if (policy !== undefined && row.policy !== policy) return false
  if (act !== undefined && row.act !== act) return false
  if (status !== undefined && row.status !== status) return false
  if (search === undefined) return true
  const wanted = asciiLower(search)
  return [row.id, row.customer, row.name, row.because].some((text) => text !== null && asciiLower(text).includes(wanted))
}

/** SQLite's LIKE knows the case of ASCII letters only. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
