/**
 * Keys and the server's own secret.
 *
 * Job: makes them at the first start and tells whose key a bearer token is. Owns: the files `admin.key` and
 * `service.key` (0600) in the data folder, and the settings `serverSecret` and `keyHashes`.
 * Does not own: what a role may do (doors.ts) or browser sessions (browser-session.ts).
 *
 * V1 Records hold hashes only; a plain key is in its file, or in BATTUTA_KEY, and nowhere else.
 * V2 Deleting a key file makes a new key at the next start; the old one is then refused.
 */
import { hash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { equalBytes } from './seal.ts'

export type KeyRole = 'admin' | 'service'

/** Small durable facts about this installation; records keep them. */
export interface Settings {
  setting(name: string): Promise<string | undefined>
  putSetting(name: string, value: string): Promise<void>
}

export interface Vault {
  /** Signs cookies and chat tokens; survives restarts. */
  readonly secret: Uint8Array
  /** The role of a bearer key, or null. */
  roleOf(key: string): KeyRole | null
}

const secretBytes = 32
const keyBytes = 32

export function keyFile(dataFolder: string, role: KeyRole): string {
  return join(dataFolder, `${role}.key`)
}

/** `adminKey` is the key that was set on purpose (BATTUTA_KEY); it replaces the file's. */
export async function openVault(world: World, settings: Settings, dataFolder: string, adminKey: string | null): Promise<Vault> {
  mkdirSync(dataFolder, { recursive: true })
  const stored = await settings.setting('serverSecret')
  const secret = stored === undefined ? world.randomBytes(secretBytes) : Buffer.from(stored, 'base64url')
  if (stored === undefined) await settings.putSetting('serverSecret', Buffer.from(secret).toString('base64url'))

  const hashes = {
    admin: hash('sha256', adminKey ?? keyFromFile(world, dataFolder, 'admin')),
    service: hash('sha256', keyFromFile(world, dataFolder, 'service')),
  }
  const text = JSON.stringify(hashes)
  if ((await settings.setting('keyHashes')) !== text) await settings.putSetting('keyHashes', text)

  // Only keys that were found right are remembered, so there are no more of them than roles.
  const seen = new Map<string, KeyRole>()
  const known = (['admin', 'service'] as const).map((role) => ({ role, bytes: Buffer.from(hashes[role], 'hex') }))
  return {
    secret,
    roleOf(key) {
      const before = seen.get(key)
      if (before !== undefined) return before
      const given = hash('sha256', key, 'buffer')
      let role: KeyRole | null = null
      // Every hash is compared, so that the time taken does not tell which one came close.
      for (const entry of known) if (equalBytes(given, entry.bytes)) role ??= entry.role
      if (role !== null) seen.set(key, role)
      return role
    },
  }
}

/** The admin key in the data folder, for commands run beside the server. */
export function readAdminKey(dataFolder: string): string {
  const file = keyFile(dataFolder, 'admin')
  if (!existsSync(file))
    throw new BattutaError('FILE_INVALID', `there is no admin key at ${file}: start the server once, or set BATTUTA_KEY to the key it was started with`)
  return readFileSync(file, 'utf8').trim()
}

function keyFromFile(world: World, dataFolder: string, role: KeyRole): string {
  const file = keyFile(dataFolder, role)
  if (existsSync(file)) {
    const kept = readFileSync(file, 'utf8').trim()
    if (kept !== '') {
      chmodSync(file, 0o600)
      return kept
    }
  }
  const key = `battuta_${role}_${Buffer.from(world.randomBytes(keyBytes)).toString('base64url')}`
  writeFileSync(file, `${key}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
  return key
}
