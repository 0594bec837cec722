/**
 * Validates an app as it was loaded: whatever a JavaScript file, a stale build or a hand-made object can get wrong is found
 * before anything runs. All mistakes are collected; each is a place and a mend.
 */
import { BattutaError } from '../base/index.ts'
import type { AppDefinition } from './types.ts'
import { didYouMean } from './nearest.ts'
import { checkFlow, checkTool } from './validate-flows.ts'
import { checkAnswer, checkEvent, checkFeature, checkModel, checkPolicy } from './validate-kinds.ts'
import type { Names } from './validate-kinds.ts'
import { checkEmotion, checkPersonTo, checkQueue, checkTurn } from './validate-people.ts'
import { isRecord, Mistakes, shown } from './mistakes.ts'
import { builtinEvents } from './builtin.ts'

/** How much one app may declare. Beyond it is a mistake of a generator, not an app. */
export const appLimits = {
  eventsMax: 1_000,
  featuresMax: 1_000,
  modelsMax: 100,
  answersMax: 1_000,
  policiesMax: 100,
  queuesMax: 100,
  toolsMax: 500,
  flowsMax: 200,
  /** Mistakes that one message lists. */
  mistakesListedMax: 50,
} as const

const kinds = {
  events: appLimits.eventsMax,
  features: appLimits.featuresMax,
  models: appLimits.modelsMax,
  answers: appLimits.answersMax,
  policies: appLimits.policiesMax,
  queues: appLimits.queuesMax,
  tools: appLimits.toolsMax,
  flows: appLimits.flowsMax,
} as const
/** What an app says once. */
const once = ['kind', 'name', 'personTo', 'emotion', 'turn']
type Kind = keyof typeof kinds
const namePattern = /^[a-z][A-Za-z0-9]{0,63}$/
const appNamePattern = /^[a-z][a-z0-9-]{0,63}$/

/**
 * The app, when it has no mistake. Throws APP_INVALID with every mistake in its message and in `details.mistakes`.
 * @example
 * validateApp((await import('./app.ts')).default)
 */
export function validateApp(value: unknown): AppDefinition {
  const mistakes = new Mistakes()
  if (isApp(value, mistakes)) checkApp(value, mistakes)
  if (mistakes.list.length === 0) return value as AppDefinition
  throw new BattutaError('APP_INVALID', messageOf(mistakes.list), { details: { mistakes: mistakes.list } })
}

function messageOf(list: readonly string[]): string {
  if (list.length === 1) return list[0] as string
  const listed = list.slice(0, appLimits.mistakesListedMax).map((mistake) => `- ${mistake}`)
  if (listed.length < list.length) listed.push(`- and ${list.length - listed.length} more`)
  return `the app has ${list.length} mistakes:\n${listed.join('\n')}`
}

function isApp(value: unknown, mistakes: Mistakes): value is Record<string, unknown> {
  if (isRecord(value) && value['kind'] === 'app') return true
  if (value === undefined) mistakes.add('app', 'the file has no default export: end it with export default setup({ … }).app({ … })')
  else if (isRecord(value) && typeof value['app'] === 'function')
    mistakes.add('app', 'the default export is what setup(…) returned: export its .app({ name, policies })')
  else if (value instanceof Promise) mistakes.add('app', 'the default export is a promise: await it, or build the app without waiting')
  else mistakes.add('app', `the default export is ${shown(value)} and no app: export what .app({ name, policies }) returned`)
  return false
}

function checkApp(app: Record<string, unknown>, mistakes: Mistakes): void {
  checkAppName(app['name'], mistakes)
  for (const key of Object.keys(app)) {
    if (!once.includes(key) && !Object.hasOwn(kinds, key)) mistakes.add(key, `this release knows no such part of an app${didYouMean(key, Object.keys(kinds))}`)
  }
  const entries = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, entriesOf(app, kind as Kind, mistakes)])) as Record<Kind, Record<string, unknown>>
  const names: Names = { events: { ...entries.events, ...builtinEvents }, features: Object.keys(entries.features), models: Object.keys(entries.models) }
  each(entries, 'events', mistakes, checkEvent)
  each(entries, 'features', mistakes, (place, feature) => checkFeature(place, feature, names))
  each(entries, 'models', mistakes, checkModel)
  each(entries, 'answers', mistakes, checkAnswer)
  each(entries, 'policies', mistakes, (place, policy) => checkPolicy(place, policy, names))
  each(entries, 'queues', mistakes, checkQueue)
  each(entries, 'tools', mistakes, checkTool)
  each(entries, 'flows', mistakes, (place, flow) => checkFlow(place, flow, Object.keys(entries.tools)))
  checkOnePolicyPerEvent(entries.policies, mistakes)
  checkPersonTo(mistakes, app['personTo'], Object.keys(entries.queues))
  checkEmotion(mistakes, app['emotion'], names.models)
  checkTurn(mistakes, app['turn'])
  const thawed = thawedPlace(app, '')
  if (thawed !== undefined) mistakes.add(thawed || 'app', 'is not frozen, so it could change while it runs: build it with setup({ … }).app({ … })')
}

function checkAppName(name: unknown, mistakes: Mistakes): void {
  if (typeof name !== 'string' || !appNamePattern.test(name)) {
    mistakes.add('name', `“${shown(name)}” cannot name an app: use a small letter, then small letters, digits and hyphens, 64 at most`)
  }
}

/** The entries of one kind that have a usable shape; what has none is put on the list. */
function entriesOf(app: Record<string, unknown>, kind: Kind, mistakes: Mistakes): Record<string, unknown> {
  const entries = app[kind]
  if (!isRecord(entries)) {
    mistakes.add(kind, `is ${entries === undefined ? 'missing' : 'not an object of names'}: the app was built by another release of battuta, build it again`)
    return {}
  }
  const names = Object.keys(entries)
  if (names.length > kinds[kind]) mistakes.add(kind, `has ${names.length} entries, ${kinds[kind]} at most`)
  const seen = new Map<string, string>()
  for (const name of names) {
    const twin = seen.get(name.toLowerCase())
    if (twin !== undefined) mistakes.add(`${kind}.${name}`, `differs from “${twin}” in letter case only: files and tables do not tell them apart, rename one`)
    seen.set(name.toLowerCase(), name)
    checkName(kind, name, mistakes)
  }
  return entries
}

function checkName(kind: Kind, name: string, mistakes: Mistakes): void {
  const place = `${kind}.${name}`
  if (kind === 'events' && Object.hasOwn(builtinEvents, name)) mistakes.add(place, `every app has the event “${name}”: do not declare it, import it`)
  else if (kind === 'events' && name.includes('.')) mistakes.add(place, 'names with a dot are kept for events of Battuta’s own: leave the dot out')
  else if (!namePattern.test(name)) mistakes.add(place, `“${name}” cannot be a name: use a small letter, then letters and digits, 64 at most`)
  else if (name in Object.prototype) mistakes.add(place, `every JavaScript object has a “${name}” already: choose another name`)
}

const singular = {
  events: 'event',
  features: 'feature',
  models: 'model',
  answers: 'answer',
  policies: 'policy',
  queues: 'queue',
  tools: 'tool',
  flows: 'flow',
} as const

/** Checks each entry of a kind: first that it is one at all and bears its key as its name, then what its kind asks for. */
function each(
  entries: Record<Kind, Record<string, unknown>>,
  kind: Kind,
  mistakes: Mistakes,
  check: (place: Mistakes, entry: Record<string, unknown>) => void,
): void {
  for (const [name, entry] of Object.entries(entries[kind])) {
    const place = mistakes.at(`${kind}.${name}`)
    if (!isRecord(entry)) place.add('', `is ${shown(entry)} and no ${singular[kind]}`)
    else if (entry['kind'] === 'feature without a window') place.add('', "has no window: end it with .over('5m'), .over('1h'), .over('1d') or .over('30d')")
    else if (entry['kind'] !== singular[kind])
      place.add('', `is ${typeof entry['kind'] === 'string' ? `of the kind “${entry['kind']}”` : 'an object'} and no ${singular[kind]}`)
    else {
      if (entry['name'] !== name) place.add('name', `is “${shown(entry['name'])}”, but its key is “${name}”: let setup(…) name it`)
      check(place, entry)
    }
  }
}

/** One event makes one decision, so at most one policy may wait for it. */
function checkOnePolicyPerEvent(policies: Record<string, unknown>, mistakes: Mistakes): void {
  const asked = new Map<unknown, string>()
  for (const [name, policy] of Object.entries(policies)) {
    if (!isRecord(policy) || typeof policy['on'] !== 'string') continue
    const first = asked.get(policy['on'])
    if (first !== undefined) mistakes.add(`policies.${name}.on`, `“${policy['on']}” asks “${first}” already, and one event makes one decision: join the two`)
    else asked.set(policy['on'], name)
  }
}

/** Where schemas stand: they and functions belong to their libraries. */
const ofLibraries = ['schema', 'input', 'output']

/** The first place that is not frozen. */
function thawedPlace(value: unknown, path: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (!Object.isFrozen(value)) return path
  for (const [key, inner] of Object.entries(value)) {
    const found = ofLibraries.includes(key) ? undefined : thawedPlace(inner, path === '' ? key : `${path}.${key}`)
    if (found !== undefined) return found
  }
  return undefined
}
