/** Ids: time-ordered, so that a B-tree appends; 48 bits of milliseconds and 80 of chance in Crockford base 32 (as ULID). */
import type { World } from './world.ts'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * @example
 * newId(world, 'conv') // conv_01JD4M7Q2XW3V8K5T9R6N0BCDE
 */
export function newId(world: World, prefix: string): string {
  let time = world.now()
  let head = ''
  for (let i = 0; i < 10; i++) {
    head = alphabet.charAt(time % 32) + head
    time = Math.floor(time / 32)
  }
  let tail = ''
  for (const byte of world.randomBytes(16)) tail += alphabet.charAt(byte & 31)
  return `${prefix}_${head}${tail}`
}
