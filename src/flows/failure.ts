/** A flow that cannot go on: what its body, its slots or its version did is at fault, never the customer. */
import { AssertionError, BattutaError } from '../base/index.ts'

export function flowFailed(message: string, cause?: unknown): BattutaError {
  return new BattutaError('FLOW_FAILED', message, cause === undefined ? {} : { cause })
}

/** One sentence from whatever was thrown, with the place it was thrown at. Broken invariants of Battuta's own are thrown on. */
export function failureAt(place: string, error: unknown): string {
  if (error instanceof AssertionError) throw error
  if (error instanceof BattutaError && error.code === 'FLOW_FAILED') return `${place}: ${error.message}`
  if (error instanceof BattutaError) return `${place}: ${error.message} (${error.code})`
  return `${place} threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`
}
