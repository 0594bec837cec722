/** What builders make of the options they are given. */
import { BattutaError, durationMs } from '../base/index.ts'

/** A list of one's own, so that freezing it is nobody else's surprise. What is no list is refused when the app is validated. */
export function copied<Item>(list: readonly Item[]): readonly Item[] {
  return Array.isArray(list) ? [...(list as readonly Item[])] : list
}

/** Milliseconds of an option that is a duration. Throws APP_INVALID and names the call and the option. */
export function millis(call: string, option: string, duration: string): number {
  try {
    return durationMs(duration)
  } catch (error) {
    throw new BattutaError('APP_INVALID', `${call} cannot use its ${option}: ${(error as Error).message}`, { cause: error })
  }
}
