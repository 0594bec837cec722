/** What each kind of an app's parts must hold. */
import { limits } from '../base/index.ts'
import { builtinEvents } from './builtin.ts'
import { checkSchema, checkSynchronous, checkVersion, isRecord, quoted, shown } from './mistakes.ts'
import type { Mistakes } from './mistakes.ts'
import { didYouMean } from './nearest.ts'
import { windows } from './window.ts'

/** How much one part may hold. */
export const partLimits = {
  fieldsMax: 200,
  whereMax: 16,
  policyFeaturesMax: 256,
  policyModelsMax: 16,
  budgetMsMin: 1,
  budgetMsMax: 60_000,
} as const

/** What the parts of an app may refer to. */
export interface Names {
  readonly events: Readonly<Record<string, unknown>>
  readonly features: readonly string[]
  readonly models: readonly string[]
}

const senders = ['service', 'customer']
const fieldTypes = ['string', 'number', 'boolean', 'other']
const operators: Readonly<Record<string, 'none' | 'number' | 'scalar'>> = {
  count: 'none',
  sum: 'number',
  mean: 'number',
  min: 'number',
  max: 'number',
  ewma: 'number',
  last: 'scalar',
  distinct: 'scalar',
}
/** The events of Battuta's own that may ask a policy; one that waited for what Battuta itself does would answer itself without end. */
const mayAsk = ['message.received', 'identity.linked']
const piiPattern = /^[A-Z][A-Z0-9_]{0,63}$/
const filePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/

export function checkEvent(place: Mistakes, event: Record<string, unknown>): void {
  if (!senders.includes(event['from'] as string)) place.add('from', `“${shown(event['from'])}” is no sender: write 'service' or 'customer'`)
  checkSchema(place, 'schema', event['schema'], 'declare the event with event(…)')
  if (event['fact'] === undefined) place.add('fact', 'is missing: the app was built by another release of battuta, build it again')
  else if (event['fact'] !== null) checkSynchronous(place, 'fact', event['fact'])
  checkVersion(place, event)
  const fields = event['fields']
  if (!isRecord(fields)) return place.add('fields', 'are missing: declare the event with event(…)')
  if (Object.keys(fields).length > partLimits.fieldsMax) place.add('fields', `has ${Object.keys(fields).length} entries, ${partLimits.fieldsMax} at most`)
  for (const [name, field] of Object.entries(fields)) checkField(place.at(`fields.${name}`), field)
}

function checkField(place: Mistakes, field: unknown): void {
  if (!isRecord(field)) return place.add('', 'is no field: declare the event with event(…)')
  if (!fieldTypes.includes(field['type'] as string)) place.add('type', `“${shown(field['type'])}” is no type of a field: ${fieldTypes.join(', ')} are`)
  if (typeof field['optional'] !== 'boolean') place.add('optional', 'must be true or false')
  const kind = field['pii']
  if (kind !== null && (typeof kind !== 'string' || !piiPattern.test(kind))) {
    place.add('pii', `“${shown(kind)}” is no kind of personal data: write capitals, digits and underscores, such as IBAN_CODE, or leave pii() out`)
  }
}

export function checkFeature(place: Mistakes, feature: Record<string, unknown>, names: Names): void {
  checkWindow(place, feature)
  checkVersion(place, feature)
  const operator = feature['operator']
  const needs = typeof operator === 'string' && Object.hasOwn(operators, operator) ? operators[operator] : undefined
  if (needs === undefined) place.add('operator', `“${shown(operator)}” is no operator${didYouMean(shown(operator), Object.keys(operators))}`)
  const fields = fieldsFor(place, feature['event'], names)
  if (!fields) return
  if (needs !== undefined) checkFeatureField(place, feature, needs, fields)
  checkWhere(place, feature['where'], fields)
}

/** The fields of the event that a feature folds; undefined, and a mistake, when there is no such event. */
function fieldsFor(place: Mistakes, event: unknown, names: Names): Record<string, unknown> | undefined {
  if (event === '') {
    place.add('event', 'is not among the app’s events: add it to setup({ events })')
    return undefined
  }
  if (typeof event !== 'string' || !Object.hasOwn(names.events, event)) {
    place.add('event', `no event “${shown(event)}” is declared${didYouMean(shown(event), Object.keys(names.events))}`)
    return undefined
  }
  return fieldsOfEvent(names.events[event])
}

function fieldsOfEvent(event: unknown): Record<string, unknown> {
  return isRecord(event) && isRecord(event['fields']) ? event['fields'] : {}
}

function typeOf(fields: Record<string, unknown>, name: string): unknown {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  return isRecord(field) ? field['type'] : undefined
}

function checkFeatureField(place: Mistakes, feature: Record<string, unknown>, needs: 'none' | 'number' | 'scalar', fields: Record<string, unknown>): void {
  const { field, event } = feature as { field: unknown; event: string }
  const operator = feature['operator'] as string
  if (needs === 'none') {
    if (field !== null) place.add('field', `“${operator}” reads no field: leave “${shown(field)}” out`)
    return checkValueType(place, feature, 'number')
  }
  if (typeof field !== 'string') return place.add('field', `“${operator}” needs the name of a field`)
  const type = typeOf(fields, field)
  if (type === undefined) return place.add('field', `the event “${event}” has no field “${field}”${didYouMean(field, Object.keys(fields))}`)
  if (needs === 'number' && type !== 'number')
    return place.add('field', `“${operator}” calculates, and “${field}” is no number field${hintOf(fields, 'number')}`)
  if (type === 'other') return place.add('field', `“${field}” is neither text nor number nor boolean: choose a field that is`)
  checkValueType(place, feature, operator === 'last' ? type : 'number')
}

function hintOf(fields: Record<string, unknown>, type: string): string {
  const fitting = Object.keys(fields).filter((name) => typeOf(fields, name) === type)
  return fitting.length === 0 ? '' : `: ${fitting.map((name) => `“${name}”`).join(', ')} ${fitting.length === 1 ? 'is' : 'are'}`
}

function checkValueType(place: Mistakes, feature: Record<string, unknown>, expected: unknown): void {
  if (feature['valueType'] !== expected) place.add('valueType', `is “${shown(feature['valueType'])}” and must be “${shown(expected)}”: let the builder say it`)
}

function checkWhere(place: Mistakes, where: unknown, fields: Record<string, unknown>): void {
  if (where === null) return
  if (!isRecord(where)) return place.add('where', 'must be an object of fields and values')
  if (Object.keys(where).length > partLimits.whereMax) place.add('where', `has ${Object.keys(where).length} entries, ${partLimits.whereMax} at most`)
  for (const [field, value] of Object.entries(where)) {
    const type = typeOf(fields, field)
    if (type === undefined) place.add(`where.${field}`, `the event has no such field${didYouMean(field, Object.keys(fields))}`)
    else if (type === 'other') place.add(`where.${field}`, 'is neither text nor number nor boolean, so nothing equals it: choose another field')
    else if (typeof value !== type || (type === 'number' && !Number.isFinite(value)))
      place.add(`where.${field}`, `holds ${quoted(value)}, and the field is a ${shown(type)}`)
  }
}

function checkWindow(place: Mistakes, feature: Record<string, unknown>): void {
  const window = feature['window'] as keyof typeof windows
  if (!Object.hasOwn(windows, shown(window))) return place.add('window', `“${shown(window)}” is no window: ${Object.keys(windows).join(', ')} are`)
  const { windowMs, hopMs } = windows[window]
  if (feature['windowMs'] !== windowMs || feature['hopMs'] !== hopMs)
    place.add('windowMs', `a window of ${window} is ${windowMs} ms in hops of ${hopMs} ms: let .over('${window}') say it`)
}

export function checkModel(place: Mistakes, model: Record<string, unknown>): void {
  if (model['backend'] !== 'linear') place.add('backend', `“${shown(model['backend'])}” is no backend of this release: linear is`)
  const file = model['file']
  if (typeof file !== 'string' || !filePattern.test(file))
    place.add('file', `“${shown(file)}” is no model file: name it without folder and ending, 'intent' is models/intent.model`)
}

export function checkAnswer(place: Mistakes, answer: Record<string, unknown>): void {
  const text = answer['text']
  if (typeof text === 'function') return checkSynchronous(place, 'text', text)
  if (typeof text !== 'string' || text.trim() === '') return place.add('text', 'must be a text that is not empty, or a function that returns one')
  if (text.length > limits.messageCharsMax) place.add('text', `has ${text.length} characters, ${limits.messageCharsMax} at most`)
}

export function checkPolicy(place: Mistakes, policy: Record<string, unknown>, names: Names): void {
  const on = policy['on']
  const known = typeof on === 'string' && Object.hasOwn(names.events, on)
  const isOwn = known && Object.hasOwn(builtinEvents, on)
  const asking = Object.keys(names.events).filter((name) => !Object.hasOwn(builtinEvents, name) || mayAsk.includes(name))
  if (!known) place.add('on', `no event “${shown(on)}” is declared${didYouMean(shown(on), asking)}`)
  else if (isOwn && !mayAsk.includes(on)) place.add('on', `“${on}” is what Battuta says itself, so a policy that waited for it would answer itself`)
  checkBudget(place, policy['budgetMs'])
  checkList(place, 'feature', policy['features'], names.features, partLimits.policyFeaturesMax)
  checkList(place, 'model', policy['models'], names.models, partLimits.policyModelsMax)
  const models = policy['models']
  if (known && Array.isArray(models) && models.length > 0 && typeOf(fieldsOfEvent(names.events[on]), 'text') !== 'string') {
    place.add('models', `models read the field “text”, and “${on}” has no such text field: leave them out, or add the field`)
  }
  if (typeof policy['decide'] !== 'function') place.add('decide', 'is no function: give policy(…) a function of the moment as its second argument')
  else checkSynchronous(place, 'decide', policy['decide'])
}

function checkBudget(place: Mistakes, budgetMs: unknown): void {
  const { budgetMsMin, budgetMsMax } = partLimits
  if (typeof budgetMs !== 'number' || !(budgetMs >= budgetMsMin && budgetMs <= budgetMsMax)) {
    place.add('budgetMs', `${shown(budgetMs)} ms is out of range: a budget is ${budgetMsMin} ms to ${budgetMsMax / 1_000} s`)
  }
}

function checkList(place: Mistakes, what: 'feature' | 'model', list: unknown, known: readonly string[], most: number): void {
  const key = `${what}s`
  if (!Array.isArray(list)) return place.add(key, `must be a list of ${what} names`)
  if (list.length > most) place.add(key, `has ${list.length} names, ${most} at most`)
  list.forEach((name: unknown, index) => {
    const at = `${key}[${index}]`
    if (typeof name !== 'string' || !known.includes(name)) place.add(at, `no ${what} ${quoted(name)} is declared${didYouMean(shown(name), known)}`)
    else if (list.indexOf(name) !== index) place.add(at, `“${name}” is listed twice: leave one out`)
  })
}
