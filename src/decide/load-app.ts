/**
 * Loads an app file: Node strips its types, this puts the purity shadows in scope of each of its modules, sends
 * `battuta` to the running release, and keeps the sources, since the app's version is their hash.
 *
 * Owns: the module hooks while it loads. Does not own: validation, which is `definition`'s.
 */
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { dirname, extname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { BattutaError, versionOf } from '../base/index.ts'
import { validateApp } from '../definition/index.ts'
import type { AppDefinition } from '../definition/index.ts'
import { shadowLine } from './purity.ts'

export interface LoadedApp {
  readonly definition: AppDefinition
  /** Folder of the app file: models are looked for in its `models`. */
  readonly folder: string
  /** The app's own modules: path relative to the folder → source. */
  readonly sources: Readonly<Record<string, string>>
}

let loads = 0

/** Throws APP_INVALID with the place and the mend; the app is then not run at all. */
export async function loadApp(file: string): Promise<LoadedApp> {
  if (!existsSync(file)) throw new BattutaError('APP_INVALID', `there is no app file at ${file}: give the path of a module whose default export is an app`)
  const folder = dirname(file)
  const sources: Record<string, string> = {}
  const mark = `battuta=${++loads}`
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const own = ownModule(specifier)
      if (own) return { url: own, shortCircuit: true }
      const resolved = next(specifier, context)
      return isOfApp(resolved.url, folder) ? { ...resolved, url: `${resolved.url.split('?')[0] ?? ''}?${mark}` } : resolved
    },
    load(url, context, next) {
      const loaded = next(url, context)
      if (!isOfApp(url, folder) || loaded.source === undefined || loaded.source === null || !String(loaded.format).startsWith('module')) return loaded
      const source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString('utf8')
      sources[relative(folder, fileURLToPath(url.split('?')[0] ?? url)).replaceAll('\\', '/')] = source
      return { ...loaded, source: shadowLine(source) + source }
    },
  })
  try {
    const module = (await import(`${pathToFileURL(file).href}?${mark}`)) as { default?: unknown }
    return { definition: validateApp(module.default), folder, sources: Object.freeze(sources) }
  } catch (error) {
    if (error instanceof BattutaError) throw error
    throw new BattutaError('APP_INVALID', `the app file ${file} cannot be loaded: ${placeOf(error)}`, { cause: error })
  } finally {
    hooks.deregister()
  }
}

/** The app's version: the hash of its modules, its models' versions and the runtime's major version. */
export function appVersion(sources: Readonly<Record<string, string>>, models: Readonly<Record<string, string>>, runtimeMajor: number): string {
  return versionOf({ sources, models, runtimeMajor })
}

const doors: Readonly<Record<string, string>> = { battuta: '../app/index', 'battuta/client': '../client/index', 'battuta/testing': '../testing/index' }

function ownModule(specifier: string): string | undefined {
  const door = doors[specifier]
  return door === undefined ? undefined : new URL(`${door}${extname(new URL(import.meta.url).pathname)}`, import.meta.url).href
}

function isOfApp(url: string, folder: string): boolean {
  return url.startsWith(pathToFileURL(join(folder, '/')).href) && !url.includes('/node_modules/')
}

/** An error's message with the first line of the app it points to. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const place = /(?:file:\/\/)?(\/[^\s()?]+\.[cm]?[jt]s)(?:\?[^\s:)]*)?:(\d+)/.exec(error.stack ?? '')
  return place ? `${error.message} (${place[1] ?? ''}:${place[2] ?? ''})` : error.message
}
