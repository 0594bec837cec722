/**
 * Starts a Battuta: the port first, so that probes are answered, then everything behind it, then the doors.
 *
 * Owns: the order of starting and stopping. Does not own: signals and the exit code, which are the command line's.
 */
import type { AppDefinition } from '../definition/index.ts'
import type { Runtime } from '../orchestrator/index.ts'
import type { Live } from '../watch/index.ts'
import { openBrowserSessions } from './browser-session.ts'
import { openEngine } from './engine.ts'
import type { Engine, EngineOptions } from './engine.ts'
import { openHttp } from './http.ts'
import type { People } from './people.ts'

/** Ready-to-open links, one per door a person would open. */
export interface Links {
  /** Holds a one-use code in its fragment, which browsers never send. */
  readonly console: string
  /** Signs in as the first person of the desk, in the same way; null when the app has no queues. */
  readonly desk: string | null
  readonly demo: string
}

export interface Battuta {
  readonly url: string
  readonly links: Links
  readonly app: { readonly name: string; readonly version: string }
  readonly runtime: Runtime
  readonly live: Live
  /** Resolves once recovery is over and every door works. */
  readonly ready: Promise<void>
  /** Lets what was begun finish, flushes, and lets go. */
  close(): Promise<void>
}

/**
 * @example
 * const battuta = await startBattuta({ world: realWorld(), config, appFile: '/app/app.ts', onFatal: console.error })
 * await battuta.ready
 * await battuta.close()
 *
 * Throws CONFIG_INVALID (the port), APP_INVALID, MODEL_INVALID, FILE_INVALID, LOG_LOCKED, STORAGE_FAILED.
 */
export async function startBattuta(options: EngineOptions): Promise<Battuta> {
  const { world, config } = options
  const http = await openHttp(world, config)
  let engine: Engine
  try {
    engine = await openEngine(options)
  } catch (error) {
    await http.close()
    throw error
  }
  const { app, version, runtime, watch, vault, records, people } = engine
  const sessions = await openBrowserSessions(world, vault.secret, records, people)
  const first = await firstPerson(people, app.definition)
  http.install({ ...engine, app: app.definition, appVersion: version, live: watch, sessions, metrics: () => watch.metrics() })
  let closing: Promise<void> | null = null
  return {
    url: http.url,
    links: {
      console: `${http.url}/#code=${sessions.newCode().code}`,
      desk: first === null ? null : `${http.url}/desk#code=${sessions.newCode(first).code}`,
      demo: `${http.url}/demo`,
    },
    app: { name: app.definition.name, version },
    runtime,
    live: watch,
    ready: runtime.ready,
    close: () => (closing ??= http.close().then(() => engine.close())),
  }
}

/** Conversations at once of the account that is made for the first look at the desk. */
const firstCapacity = 3

/**
 * Who the printed link signs in: an account named Desk 1 with every skill, made when there is none at all. It has no password, so
 * only a link opens it.
 */
async function firstPerson(people: People, { queues }: AppDefinition): Promise<string | null> {
  const skills = [...new Set(Object.values(queues).flatMap((queue) => queue.skills))]
  if (skills.length === 0) return null
  const [first] = people.list().filter(({ role }) => role === 'desk')
  if (first !== undefined) return first.id
  if (people.list().length > 0) return null
  return (await people.create({ name: 'Desk 1', role: 'desk', skills, capacity: firstCapacity, password: null })).id
}
