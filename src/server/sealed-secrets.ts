/**
 * Secrets at rest: AES-256-GCM under a key that lies in a file of the data folder, so that records alone give none away.
 *
 * Owns: the file `seal.key` (0600). A backup of the records without it holds secrets that nobody can read: renew them.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'

export interface SealedSecrets {
  seal(secret: string): string
  /** Throws STORAGE_FAILED when it was sealed under another key, or changed. */
  unseal(sealed: string): string
}

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

export function openSealedSecrets(world: World, dataFolder: string): SealedSecrets {
  const file = join(dataFolder, 'seal.key')
  const key = keyOf(world, dataFolder, file)
  return {
    seal(secret) {
      const nonce = world.randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
    },
    unseal(sealed) {
      try {
        const bytes = Buffer.from(sealed, 'base64url')
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes))
        decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
        return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new BattutaError(
          'STORAGE_FAILED',
          `a secret in the records cannot be read: ${file} is not the key it was sealed with; restore that file, or delete the webhook and add it again`,
          { cause },
        )
      }
    },
  }
}

function keyOf(world: World, dataFolder: string, file: string): Buffer {
  mkdirSync(dataFolder, { recursive: true })
  if (!existsSync(file)) {
    writeFileSync(file, `${Buffer.from(world.randomBytes(keyBytes)).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
    chmodSync(file, 0o600)
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url')
  if (key.length !== keyBytes) throw new BattutaError('STORAGE_FAILED', `${file} does not hold a key of ${keyBytes} bytes; restore it from a backup`)
  return key
}
