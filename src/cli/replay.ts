/**
 * `battuta replay`: every stored decision is made again from what was recorded and compared, bit for bit (I4).
 * A running server is asked over its doors, since the data folder is its own; otherwise the storage is opened here.
 */
import { BattutaError, limits } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { DecisionBrief, Page, ReplayReply } from '../definition/index.ts'
import { openEngine } from '../server/index.ts'
import type { Config } from '../server/index.ts'
import { appFileOf } from './app-file.ts'
import { numberFlag } from './commands.ts'
import type { CommandLine } from './commands.ts'
import { readConfiguration } from './env.ts'
import { ask, isRunning } from './running-server.ts'

interface Source {
  page(limit: number, cursor: string | null): Promise<Page<DecisionBrief>>
  /** Null when another version of the app made it. */
  replay(id: string): Promise<ReplayReply | null>
  close(): Promise<void>
}

export interface ReplayCount {
  equal: number
  different: number
  otherVersion: number
}

const decisionsMax = 10_000_000
/** Differences printed in full; the rest is counted. */
const shownMax = 10

export async function replay(world: World, { argument, flags }: CommandLine, out: (line: string) => void): Promise<number> {
  const limit = numberFlag(flags, 'limit', { min: 1, max: decisionsMax, whole: true }) ?? decisionsMax
  const { config } = readConfiguration(flags)
  const source = (await isRunning(config)) ? overDoors(config, flags['policy']) : await fromStorage(world, config, appFileOf(argument), flags['policy'])
  try {
    const { equal, different, otherVersion } = await replayAll(source, limit, out)
    out(
      `${equal + different} decisions replayed: ${equal} equal, ${different} different${otherVersion === 0 ? '' : `; ${otherVersion} made by other versions of the app were left out`}`,
    )
    return different === 0 ? 0 : 1
  } finally {
    await source.close()
  }
}

export async function replayAll(source: Source, limit: number, out: (line: string) => void): Promise<ReplayCount> {
  const count: ReplayCount = { equal: 0, different: 0, otherVersion: 0 }
  let cursor: string | null = null
  let left = limit
  do {
    const page: Page<DecisionBrief> = await source.page(Math.min(left, limits.pageItemsMax), cursor)
    for (const { id } of page.items) {
      const result = await source.replay(id)
      if (result === null) count.otherVersion++
      else if (result.equal) count.equal++
      else if (++count.different <= shownMax) {
        for (const { path, recorded, replayed } of result.differences)
          out(`${id} ${path}: recorded ${JSON.stringify(recorded)}, replayed ${JSON.stringify(replayed)}`)
      }
    }
    left -= page.items.length
    cursor = page.nextCursor
  } while (cursor !== null && left > 0)
  return count
}

function overDoors(config: Config, policy: string | undefined): Source {
  return {
    page(limit, cursor) {
      const query = new URLSearchParams({ limit: String(limit), ...(cursor === null ? {} : { cursor }), ...(policy === undefined ? {} : { policy }) })
      return ask(config, 'GET', `/v1/decisions?${query.toString()}`)
    },
    replay: (id) => known(ask<ReplayReply>(config, 'POST', `/v1/decisions/${encodeURIComponent(id)}/replay`, {})),
    close: async () => {},
  }
}

async function fromStorage(world: World, config: Config, appFile: string, policy: string | undefined): Promise<Source> {
  const engine = await openEngine({
    world,
    config,
    appFile,
    onFatal: (error) => {
      throw error
    },
  })
  await engine.runtime.ready
  return {
    page: (limit, cursor) => engine.runtime.decisions(policy === undefined ? {} : { policy }, limit, cursor),
    replay: (id) => known(engine.runtime.replay(id, null)),
    close: () => engine.close(),
  }
}

function known(reply: Promise<ReplayReply>): Promise<ReplayReply | null> {
  return reply.catch((error: unknown) => {
    if (error instanceof BattutaError && error.code === 'APP_VERSION_UNKNOWN') return null
    throw error
  })
}
