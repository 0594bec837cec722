/** Personal fields as people see them: `{ pii: 'IBAN_CODE' }` in place of the value. */
import type { EventDefinition } from '../definition/index.ts'

export function maskPersonal(data: unknown, definition: EventDefinition | undefined): unknown {
  if (!definition || typeof data !== 'object' || data === null) return data
  let masked: Record<string, unknown> | undefined
  for (const [field, { pii }] of Object.entries(definition.fields)) {
    if (pii === null || !Object.hasOwn(data, field)) continue
    masked ??= { ...(data as Record<string, unknown>) }
    masked[field] = { pii }
  }
  return masked ?? data
}
