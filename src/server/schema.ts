/** The few words that JSON Schemas are written in here. */

export type JsonSchema = Readonly<Record<string, unknown>>

export const text = { type: 'string' } as const
export const number = { type: 'number' } as const
export const integer = { type: 'integer' } as const
export const yesNo = { type: 'boolean' } as const
export const instant = { type: 'integer', description: 'milliseconds since the epoch' } as const

export function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] }
}

export function list(items: JsonSchema): JsonSchema {
  return { type: 'array', items }
}

export function choice(...values: readonly (string | null)[]): JsonSchema {
  return { enum: values }
}

export function object(properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties).filter((name) => !optional.includes(name)) }
}

export function page(item: JsonSchema): JsonSchema {
  return object({ items: list(item), nextCursor: orNull(text) })
}

export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` }
}
