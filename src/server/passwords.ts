/**
 * Passwords: scrypt (Percival and Josefsson, RFC 7914) with a salt of its own, computed by Node's thread pool.
 *
 * Owns: how many are computed at once. Does not own: whose they are (people.ts), how often one may be wrong (session-doors.ts).
 *
 * H1 A stored text holds its parameters, so that raising the cost leaves old passwords good.
 * H2 Checking against nothing costs what checking against a password costs.
 */
import { scrypt } from 'node:crypto'
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { equalBytes } from './seal.ts'

/** scrypt's parameters; `logN` is the logarithm of N to base 2. Memory is 128 · N · r bytes. */
export interface PasswordCost {
  readonly logN: number
  readonly r: number
  readonly p: number
}

/** 32 MiB and three rounds: one of the equal choices of OWASP's Password Storage Cheat Sheet (2024). */
export const passwordCostDefault: PasswordCost = Object.freeze({ logN: 15, r: 8, p: 3 })
/** Checks under way, so that signing in can never take the thread pool from the disk. */
export const checksAtOnceMax = 2
/** Checks that wait for one of those to end. */
export const checksWaitingMax = 50
const saltBytes = 16
const hashBytes = 32
const retryAfterMs = 1_000

export interface Passwords {
  /** `scrypt$logN$r$p$salt$hash`. Throws OVERLOADED. */
  hash(password: string): Promise<string>
  /** False for null, after as long as for any other. Throws OVERLOADED. */
  check(password: string, stored: string | null): Promise<boolean>
}

export function openPasswords(world: World, cost: PasswordCost = passwordCostDefault): Passwords {
  let underWay = 0
  const waiting: (() => void)[] = []

  const derive = async (password: string, salt: Uint8Array, { logN, r, p }: PasswordCost): Promise<Buffer> => {
    if (underWay >= checksAtOnceMax) {
      if (waiting.length >= checksWaitingMax)
        throw new BattutaError('OVERLOADED', `${waiting.length} others are signing in; try again in a moment`, { retryAfterMs })
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else underWay++
    try {
      const memoryBytesMax = 256 * 2 ** logN * r
      return await new Promise((resolve, reject) => {
        scrypt(password.normalize('NFKC'), salt, hashBytes, { N: 2 ** logN, r, p, maxmem: memoryBytesMax }, (error, key) =>
          error === null ? resolve(key) : reject(error),
        )
      })
    } finally {
      // The place passes on to who waits longest.
      const next = waiting.shift()
      if (next === undefined) underWay--
      else next()
    }
  }

  const nobody = { cost, salt: new Uint8Array(saltBytes), hash: new Uint8Array(hashBytes) }
  return {
    async hash(password) {
      const salt = world.randomBytes(saltBytes)
      const hash = await derive(password, salt, cost)
      return ['scrypt', cost.logN, cost.r, cost.p, Buffer.from(salt).toString('base64url'), hash.toString('base64url')].join('$')
    },
    async check(password, stored) {
      const known = stored === null ? null : readStored(stored)
      const { cost: asked, salt, hash } = known ?? nobody
      return equalBytes(await derive(password, salt, asked), hash) && known !== null
    },
  }
}

function readStored(stored: string): { readonly cost: PasswordCost; readonly salt: Uint8Array; readonly hash: Uint8Array } | null {
  const [kind, logN, r, p, salt = '', hash = ''] = stored.split('$')
  if (kind !== 'scrypt') return null
  return { cost: { logN: Number(logN), r: Number(r), p: Number(p) }, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') }
}
