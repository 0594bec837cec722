/** What every feature store must keep (port.ts), as tests: run against each driver. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { FeatureRowFlush, FeatureStore } from './port.ts'

export interface FeatureStoreUnderTest {
  readonly store: FeatureStore
  /** Closes the store and opens another on the same disk. */
  reopen(): Promise<FeatureStore>
  /** Closes what is open and removes the disk. */
  remove(): Promise<void>
}

const none: ReadonlyMap<number, number> = new Map()

function row(entity: string, bytes: readonly number[], timeline: readonly number[] = []): FeatureRowFlush {
  return { entity, bytes: Uint8Array.from(bytes), timeline }
}

async function loaded(store: FeatureStore, entity: string): Promise<number[] | undefined> {
  const bytes = await store.load(entity)
  return bytes && [...bytes]
}

export function featureStoreContract(name: string, open: () => Promise<FeatureStoreUnderTest>): void {
  const withStore = (sentence: string, body: (under: FeatureStoreUnderTest) => Promise<void>): void => {
    test(`${name}: ${sentence}`, async () => {
      const under = await open()
      try {
        await body(under)
      } finally {
        await under.remove()
      }
    })
  }

  withStore('an unknown entity has no row, no timeline, and an unknown partition position 0', async ({ store }) => {
    assert.equal(await store.load('nobody'), undefined)
    assert.deepEqual(await store.timeline('nobody', Number.MAX_SAFE_INTEGER, 10), [])
    assert.equal(store.position(7), 0)
  })

  withStore('F2 load gives exactly the bytes that were flushed, also after reopening', async (under) => {
    await under.store.flush(
      [row('a', [1, 2, 3]), row('b', [])],
      new Map([
        [0, 12],
        [5, 2 ** 40],
      ]),
    )
    await under.store.flush([row('a', [9])], none)
    const check = async (store: FeatureStore): Promise<void> => {
      assert.deepEqual(await loaded(store, 'a'), [9])
      assert.deepEqual(await loaded(store, 'b'), [])
      assert.equal(store.position(0), 12)
      assert.equal(store.position(5), 2 ** 40)
    }
    await check(under.store)
    await check(await under.reopen())
  })

  withStore('F2 what load gave is not changed by a later flush or load', async ({ store }) => {
    await store.flush([row('a', [1, 2, 3]), row('b', [7, 7, 7])], none)
    const first = await store.load('a')
    await store.flush([row('a', [4, 5, 6])], none)
    await store.load('b')
    assert.deepEqual([...(first as Uint8Array)], [1, 2, 3])
  })

  withStore('F1 flushes given without waiting land in order, each whole', async (under) => {
    const { store } = under
    await Promise.all([
      store.flush([row('a', [1], [0, 1])], new Map([[0, 2]])),
      store.flush([row('a', [2], [2]), row('b', [1], [3])], new Map([[0, 4]])),
      store.flush([row('a', [3], [4])], new Map([[0, 5]])),
    ])
    const again = await under.reopen()
    assert.deepEqual(await loaded(again, 'a'), [3])
    assert.deepEqual(await loaded(again, 'b'), [1])
    assert.equal(again.position(0), 5)
    assert.deepEqual(await again.timeline('a', Number.MAX_SAFE_INTEGER, 10), [4, 2, 1, 0])
  })

  withStore('a position may go back', async (under) => {
    await under.store.flush([], new Map([[1, 100]]))
    await under.store.flush([], new Map([[1, 40]]))
    assert.equal(under.store.position(1), 40)
    assert.equal((await under.reopen()).position(1), 40)
  })

  withStore('entities are told apart, whatever their characters and length', async ({ store }) => {
    const entities = ['user:4', 'user:42', 'user:4\u0000', 'é:ü', '漢'.repeat(256), '😀', '']
    await store.flush(
      entities.map((entity, i) => row(entity, [i], [i, 100 + i])),
      none,
    )
    for (const [i, entity] of entities.entries()) {
      assert.deepEqual(await loaded(store, entity), [i])
      assert.deepEqual(await store.timeline(entity, Number.MAX_SAFE_INTEGER, 10), [100 + i, i])
    }
  })

  withStore('the timeline gives the newest offsets below `before`, newest first, over any number of flushes', async ({ store }) => {
    let entities = 0
    const gaps = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 120 })
    await fc.assert(
      fc.asyncProperty(fc.array(gaps, { minLength: 1, maxLength: 8 }), fc.nat(100_000), fc.integer({ min: 0, max: 600 }), async (flushes, start, limit) => {
        const entity = `lane ${entities++}`
        const offsets: number[] = []
        let offset = start
        for (const flush of flushes) {
          const timeline = flush.map((gap) => (offset += gap))
          offsets.push(...timeline)
          await store.flush([row(entity, [1], timeline)], none)
        }
        for (const before of [0, start + 1, offsets[offsets.length >> 1] as number, offset, offset + 1, Number.MAX_SAFE_INTEGER]) {
          const want = offsets
            .filter((each) => each < before)
            .reverse()
            .slice(0, limit)
          assert.deepEqual(await store.timeline(entity, before, limit), want)
        }
      }),
      { numRuns: 25 },
    )
  })
}
