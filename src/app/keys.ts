/** Refuses a misspelt option: a JavaScript file has no compiler to do so, and an option that is ignored does harm. */
import { BattutaError } from '../base/index.ts'
import { didYouMean } from '../definition/index.ts'

/** `undefined` is options left out; `null` is options that must be there and are not. */
export function onlyKeys(call: string, options: object | null | undefined, known: readonly string[]): void {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null)
    throw new BattutaError('APP_INVALID', `${call} takes an object of ${known.join(', ')}, and was given ${options === null ? 'none' : typeof options}`)
  const wrong = Object.keys(options).find((key) => !known.includes(key))
  if (wrong !== undefined)
    throw new BattutaError('APP_INVALID', `${call} has no option “${wrong}”${didYouMean(wrong, known) || `: it takes ${known.join(', ')}`}`)
}
