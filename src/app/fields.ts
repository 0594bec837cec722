/** Reads the fields of a zod object through zod's library door (`zod/v4/core`), so that filters and masks know them. */
import { z } from 'zod'
import type { FieldDefinition } from '../definition/index.ts'

type FieldType = FieldDefinition['type']
interface PersonalData {
  readonly kind: string
}

const personalData = z.registry<PersonalData>()

/**
 * Marks a field as personal data of a kind: it is masked wherever people look.
 * @example
 * event({ amount: z.number(), iban: pii(z.string().optional(), 'IBAN_CODE') })
 */
export function pii<Schema extends z.core.$ZodType>(schema: Schema, kind: string): Schema {
  const marked = z.core.clone(schema)
  personalData.add(marked, { kind })
  return marked
}

export function isZod(schema: unknown): schema is z.core.$ZodType {
  return typeof schema === 'object' && schema !== null && schema instanceof z.core.$ZodType
}

/** The fields of a zod object by name; undefined when the schema is not an object. */
export function fieldsOf(schema: z.core.$ZodType): Record<string, FieldDefinition> | undefined {
  const { inner } = unwrapped(schema)
  if (!(inner instanceof z.core.$ZodObject)) return undefined
  const fields: Record<string, FieldDefinition> = {}
  for (const [name, field] of Object.entries(inner._zod.def.shape)) fields[name] = fieldOf(field)
  return fields
}

function fieldOf(schema: z.core.$ZodType): FieldDefinition {
  const { inner, nullable, kind } = unwrapped(schema)
  return { type: typeOf(inner), optional: nullable || schema._zod.optout === 'optional', pii: kind }
}

/** A schema without its wrappers, as it comes out of validation, and what the wrappers said. */
function unwrapped(schema: z.core.$ZodType): { inner: z.core.$ZodType; nullable: boolean; kind: string | null } {
  let inner = schema
  let nullable = false
  let kind: string | null = null
  for (;;) {
    kind ??= personalData.get(inner)?.kind ?? null
    if (inner instanceof z.core.$ZodPipe) inner = inner._zod.def.out
    else if (inner instanceof z.core.$ZodNullable) [inner, nullable] = [inner._zod.def.innerType, true]
    else if (isWrapper(inner)) inner = inner._zod.def.innerType
    else return { inner, nullable, kind }
  }
}

function isWrapper(schema: z.core.$ZodType): schema is z.core.$ZodOptional {
  return wrappers.some((wrapper) => schema instanceof wrapper)
}
const wrappers = [z.core.$ZodOptional, z.core.$ZodDefault, z.core.$ZodPrefault, z.core.$ZodCatch, z.core.$ZodReadonly, z.core.$ZodNonOptional]

function typeOf(schema: z.core.$ZodType): FieldType {
  if (schema instanceof z.core.$ZodString || schema instanceof z.core.$ZodTemplateLiteral) return 'string'
  if (schema instanceof z.core.$ZodNumber) return 'number'
  if (schema instanceof z.core.$ZodBoolean) return 'boolean'
  if (schema instanceof z.core.$ZodEnum) return shared(Object.values(schema._zod.def.entries).map((value) => typeof value))
  if (schema instanceof z.core.$ZodLiteral) return shared(schema._zod.def.values.map((value) => typeof value))
  if (schema instanceof z.core.$ZodUnion) return shared(schema._zod.def.options.map((option) => typeOf(unwrapped(option).inner)))
  return 'other'
}

function shared(types: readonly string[]): FieldType {
  const [first] = types
  const one = types.every((type) => type === first)
  return one && (first === 'string' || first === 'number' || first === 'boolean') ? first : 'other'
}
