/** Bodies and query parameters: parsed by the door that wants them, refused with the field that is wrong. */
import type { FastifyRequest } from 'fastify'
import { BattutaError, limits } from '../base/index.ts'
import { jsonErrorPosition } from './json-position.ts'

/** The body as JSON; `code` is thrown with the position where it is broken. */
export function parseJson(text: string, code: 'EVENT_INVALID' | 'REQUEST_INVALID'): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    const position = jsonErrorPosition(text)
    const found = position >= text.length ? 'it ends too early' : `${JSON.stringify(text[position])} cannot stand there`
    throw new BattutaError(code, `the body is not JSON: at position ${position} of ${text.length}, ${found}`, { details: { position } })
  }
}

/** The body as an object; an absent one is empty. */
export function bodyObject(request: FastifyRequest): Readonly<Record<string, unknown>> {
  if (request.body === undefined || request.body === null || request.body === '') return {}
  const value = parseJson(request.body as string, 'REQUEST_INVALID')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BattutaError('REQUEST_INVALID', 'the body must be one JSON object')
  return value as Record<string, unknown>
}

export function invalid(field: string, message: string): BattutaError {
  return new BattutaError('REQUEST_INVALID', `${field} ${message}`, { details: { field } })
}

export function textField(body: Readonly<Record<string, unknown>>, field: string, charsMax: number): string {
  const value = body[field]
  if (typeof value !== 'string' || value === '') throw invalid(field, value === undefined ? 'is missing: send a string' : 'must be a non-empty string')
  if (value.length > charsMax) throw invalid(field, `has ${value.length} characters; at most ${charsMax} are taken`)
  return value
}

/** Absent and null are the same. */
export function optionalText(body: Readonly<Record<string, unknown>>, field: string, charsMax: number): string | null {
  return body[field] === undefined || body[field] === null ? null : textField(body, field, charsMax)
}

export function integerField(body: Readonly<Record<string, unknown>>, field: string, min: number, max: number): number {
  const value = body[field]
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
    throw invalid(field, `${value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`}; give a whole number from ${min} to ${max}`)
  return value
}

export function choiceField<Choice extends string>(body: Readonly<Record<string, unknown>>, field: string, choices: readonly Choice[]): Choice {
  const value = body[field]
  const choice = choices.find((item) => item === value)
  if (choice === undefined) throw invalid(field, `${value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`}; it can be ${choices.join(', ')}`)
  return choice
}

/** A list of texts; absent is empty. */
export function textsField(body: Readonly<Record<string, unknown>>, field: string, itemsMax: number, charsMax: number): readonly string[] {
  const value = body[field] ?? []
  if (!Array.isArray(value)) throw invalid(field, 'must be an array of strings')
  if (value.length > itemsMax) throw invalid(field, `has ${value.length} items; at most ${itemsMax} are taken`)
  return value.map((item: unknown, index) => textField({ [`${field}[${index}]`]: item }, `${field}[${index}]`, charsMax))
}

/** A longer budget than a minute is no budget. */
const budgetMsMax = 60_000

export function budgetField(body: Readonly<Record<string, unknown>>): number | undefined {
  const value = body['budgetMs']
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !(value >= 1 && value <= budgetMsMax))
    throw invalid('budgetMs', `is ${JSON.stringify(value)}; give milliseconds from 1 to ${budgetMsMax}`)
  return value
}

export interface PageQuery {
  readonly limit: number
  readonly cursor: string | null
}

export function pageQuery(query: Readonly<Record<string, unknown>>): PageQuery {
  const cursor = textQuery(query, 'cursor') ?? null
  const text = textQuery(query, 'limit')
  if (text === undefined) return { limit: limits.pageItemsDefault, cursor }
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.pageItemsMax)
    throw invalid('limit', `is ${JSON.stringify(text)}; give a whole number from 1 to ${limits.pageItemsMax}`)
  return { limit, cursor }
}

/** A query parameter that may come once; empty counts as absent. */
export function textQuery(query: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = query[name]
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string') throw invalid(name, 'was given more than once')
  if (value.length > queryCharsMax) throw invalid(name, `has ${value.length} characters; at most ${queryCharsMax} are taken`)
  return value
}

const queryCharsMax = 1_024

export function choiceQuery<Choice extends string>(query: Readonly<Record<string, unknown>>, name: string, choices: readonly Choice[]): Choice | undefined {
  const value = textQuery(query, name)
  if (value === undefined) return undefined
  const choice = choices.find((item) => item === value)
  if (choice === undefined) throw invalid(name, `is ${JSON.stringify(value)}; it can be ${choices.join(', ')}`)
  return choice
}
