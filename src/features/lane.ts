/** One lane's place in memory: its cells, its duplicate window, and where it stands between the log and the store. */
import type { Block, BlockPool } from './blocks.ts'
import { IdWindow } from './id-window.ts'
import type { IdBlocks } from './id-window.ts'
import type { Layout } from './layout.ts'

/** What `acquire` gives; only its engine reads more of it. */
export interface Slot {
  readonly entity: string
  readonly partition: number
}

export class Lane implements Slot {
  readonly entity: string
  readonly partition: number
  readonly block: Block
  readonly texts: (string | null)[]
  readonly ids: IdWindow
  /** Last offset folded; -1 when none. */
  featuresOffset = -1
  /** Last of them that was not a duplicate; -1 when none. */
  appliedOffset = -1
  /** Last offset whose decision is on disk; -1 when none. */
  decidedOffset = -1
  /** Until a discarded row has applied this offset again, the row on disk is the better one, and nothing is flushed. */
  refoldTo = -1
  /** First offset that is in no flushed row; -1 when all are. */
  unflushed = -1
  /** Applied offsets that are in no flushed timeline, ascending. */
  timeline: number[] = []
  /** Those a running flush carries; null when none carries this lane. */
  flushing: readonly number[] | null = null
  /** Users of the slot: it is not evicted while there are any. */
  pins = 0
  /** Commits in flight: the row is not flushed while there are any. */
  holds = 0
  dirty = false
  /** The row lacked an aggregation that the app has today. */
  incomplete = false

  constructor(entity: string, partition: number, layout: Layout, slabs: BlockPool, ids: IdBlocks) {
    this.entity = entity
    this.partition = partition
    this.block = slabs.take()
    this.block.cells.set(layout.template, this.block.base)
    this.texts = layout.texts === 0 ? noTexts : Array.from({ length: layout.texts }, () => null)
    this.ids = new IdWindow(ids)
  }
}

const noTexts: (string | null)[] = []
