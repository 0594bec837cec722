/** Which app file a command means. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { BattutaError } from '../base/index.ts'

const usual = ['app.ts', 'app.js', 'app.mjs']

/** The named one, or the usual one in this folder. */
export function appFileOf(argument: string | undefined): string {
  if (argument !== undefined) return resolve(argument)
  const found = usual.find((name) => existsSync(resolve(name)))
  if (found === undefined) throw new BattutaError('CONFIG_INVALID', 'there is no app.ts in this folder: name the app file, as in battuta start path/to/app.ts')
  return resolve(found)
}
