import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { realWorld } from '../base/index.ts'
import { featureStoreContract } from './contract.ts'
import { openLmdbFeatureStore } from './index.ts'

const world = realWorld()

featureStoreContract('lmdb', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'battuta-features-'))
  let store = openLmdbFeatureStore(world, { folder })
  return {
    store,
    reopen: async () => {
      await store.close()
      store = openLmdbFeatureStore(world, { folder })
      return store
    },
    remove: async () => {
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
})

test('a folder that cannot be used is refused with its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'battuta-features-'))
  try {
    const file = join(folder, 'not-a-folder')
    await writeFile(file, 'x')
    assert.throws(() => openLmdbFeatureStore(world, { folder: file }), { code: 'STORAGE_FAILED', message: /not-a-folder/ })
  } finally {
    await rm(folder, { recursive: true })
  }
})
