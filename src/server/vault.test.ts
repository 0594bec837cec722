import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { memorySettings, movedWorld } from './fixture.ts'
import { openBuckets } from './token-bucket.ts'
import { keyFile, openVault, readAdminKey } from './vault.ts'

const world = movedWorld()

test('V1 records hold hashes only, and the plain keys are in files that others cannot read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'battuta-vault-'))
  try {
    const settings = memorySettings()
    const vault = await openVault(world, settings, folder, null)
    for (const role of ['admin', 'service'] as const) {
      const key = readFileSync(keyFile(folder, role), 'utf8').trim()
      assert.equal(vault.roleOf(key), role)
      assert.equal(statSync(keyFile(folder, role)).mode & 0o777, 0o600)
      assert(!JSON.stringify([...settings.values]).includes(key))
    }
    assert.equal(vault.roleOf('battuta_admin_guess'), null)
    assert.equal(vault.roleOf(''), null)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('V2 keys and secret survive a restart, and a deleted key file makes a new key', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'battuta-vault-'))
  try {
    const settings = memorySettings()
    const first = await openVault(world, settings, folder, null)
    const key = readAdminKey(folder)
    const second = await openVault(world, settings, folder, null)
    assert.equal(second.roleOf(key), 'admin')
    assert.deepEqual(Buffer.from(second.secret), Buffer.from(first.secret))
    rmSync(keyFile(folder, 'admin'))
    const third = await openVault(world, settings, folder, null)
    assert.equal(third.roleOf(key), null)
    assert.equal(third.roleOf(readAdminKey(folder)), 'admin')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a key that was set on purpose is the only admin key, and is written nowhere', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'battuta-vault-'))
  try {
    const vault = await openVault(world, memorySettings(), folder, 'set-on-purpose')
    assert.equal(vault.roleOf('set-on-purpose'), 'admin')
    assert.throws(() => readAdminKey(folder), /set BATTUTA_KEY/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a bucket gives its burst at once, then its rate, and says when to come back', () => {
  const clock = movedWorld()
  const still = { ...clock, monotonicMs: () => at }
  let at = 0
  const take = openBuckets(still, { burst: 3, perS: 2, of: 'tries' })
  for (let i = 0; i < 3; i++) take('a')
  take('b')
  assert.throws(
    () => take('a'),
    (error: Error & { retryAfterMs?: number }) => error.retryAfterMs === 500,
  )
  at = 500
  take('a')
  assert.throws(() => take('a'))
  at = 1e9
  for (let i = 0; i < 3; i++) take('a')
  assert.throws(() => take('a'))
})
