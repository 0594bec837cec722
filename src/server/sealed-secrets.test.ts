import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { realWorld } from '../base/index.ts'
import { openSealedSecrets } from './sealed-secrets.ts'

test('a secret is read back with its key after a restart, and by nobody else', () => {
  const [folder, other] = [mkdtempSync(join(tmpdir(), 'battuta-seal-')), mkdtempSync(join(tmpdir(), 'battuta-seal-'))]
  try {
    const sealed = openSealedSecrets(realWorld(), folder).seal('whsec_abc')
    assert.equal(openSealedSecrets(realWorld(), folder).unseal(sealed), 'whsec_abc')
    assert.ok(!sealed.includes('whsec') && !Buffer.from(sealed, 'base64url').toString().includes('whsec'))
    assert.equal(statSync(join(folder, 'seal.key')).mode & 0o777, 0o600)
    assert.throws(() => openSealedSecrets(realWorld(), other).unseal(sealed), { code: 'STORAGE_FAILED' })
    assert.throws(() => openSealedSecrets(realWorld(), folder).unseal(`A${sealed.slice(1)}`), { code: 'STORAGE_FAILED' })
  } finally {
    for (const made of [folder, other]) rmSync(made, { recursive: true })
  }
})
