import assert from 'node:assert/strict'
import { test } from 'node:test'
import { realWorld } from '../base/index.ts'
import { featureStoreContract } from './contract.ts'
import { MemoryFeatureDisk, openMemoryFeatureStore } from './index.ts'

const world = realWorld()

featureStoreContract('memory', () => {
  const disk = new MemoryFeatureDisk()
  let store = openMemoryFeatureStore(world, { disk })
  return Promise.resolve({
    store,
    reopen: async () => {
      await store.close()
      store = openMemoryFeatureStore(world, { disk })
      return store
    },
    remove: () => store.close(),
  })
})

for (const fate of ['lost', 'kept'] as const) {
  test(`F1 the flush in flight at a crash is ${fate} whole`, async () => {
    const disk = new MemoryFeatureDisk()
    void openMemoryFeatureStore(world, { disk }).flush([{ entity: 'a', bytes: Uint8Array.of(1), timeline: [3] }], new Map([[0, 4]]))
    await Promise.resolve()
    disk.crash(fate)
    const again = openMemoryFeatureStore(world, { disk })
    const kept = fate === 'kept'
    assert.equal(again.load('a') !== undefined, kept)
    assert.equal(again.position(0), kept ? 4 : 0)
    assert.deepEqual(await again.timeline('a', 10, 10), kept ? [3] : [])
  })
}

test('a disk that fails refuses the flush and keeps nothing of it', async () => {
  const disk = new MemoryFeatureDisk()
  disk.failure = () => new Error('no space left')
  const store = openMemoryFeatureStore(world, { disk })
  await assert.rejects(store.flush([{ entity: 'a', bytes: Uint8Array.of(1), timeline: [] }], new Map()), { code: 'STORAGE_FAILED' })
  assert.equal(store.load('a'), undefined)
})
