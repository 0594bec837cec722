/** `battuta start`: runs an app until it is told to stop, with simulated customers or a feed when asked. */
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { keyFile, startBattuta } from '../server/index.ts'
import type { Battuta, Config } from '../server/index.ts'
import { appFileOf } from './app-file.ts'
import { numberFlag } from './commands.ts'
import type { CommandLine } from './commands.ts'
import { readConfiguration, shareDataFolder } from './env.ts'
import { feedReport, runFeed } from './feed.ts'
import { showStatus } from './status-line.ts'
import { findTraffic, runTraffic } from './traffic.ts'
import type { RunningTraffic } from './traffic.ts'

const ratePerSDefault = 20
const ratePerSMax = 100_000

type Out = (line: string) => void

/** Resolves with the exit code once everything is closed. */
export async function start(world: World, { argument, flags }: CommandLine, out: Out): Promise<number> {
  const rate = numberFlag(flags, 'rate', { min: 0.01, max: ratePerSMax })
  const wantsTraffic = trafficFlag(flags['traffic'], flags['feed'])
  const { config } = readConfiguration(flags)
  const appFile = appFileOf(argument)
  const traffic = wantsTraffic === false ? null : await findTraffic(appFile)
  if (wantsTraffic === true && traffic === null)
    throw new BattutaError('CONFIG_INVALID', `--traffic is on, but there is no traffic/index.ts beside ${appFile} that exports a function named …Traffic`)
  const stopping = stopSignal()
  shareDataFolder(config)
  let running: RunningTraffic | null = null
  const battuta = await startBattuta({ world, config, appFile, onFatal: crash, heard: (delivery) => running?.heard(delivery) })
  await Promise.race([battuta.ready, stopping])
  printDoors(battuta, config, out)
  const stops = [showStatus(world, battuta.live)]
  if (traffic !== null) {
    out(
      `traffic   simulated customers, ${rate ?? ratePerSDefault} events a second${rate === undefined ? ' on the mean of a day' : ''}; --traffic off to be alone`,
    )
    running = runTraffic(world, battuta.runtime, traffic, rate ?? null, ratePerSDefault)
    stops.push(running.stop)
  }
  let code = 0
  let fed: Promise<unknown> = new Promise(() => {})
  if (flags['feed'] !== undefined) {
    const feeding = runFeed(world, battuta.runtime, flags['feed'], rate ?? ratePerSDefault, stopping).then((result) => {
      for (const line of feedReport(result)) out(line)
      if (result.lost > 0) code = 1
    })
    // Without --exit the server goes on after the feed; an unreadable feed ends it either way.
    fed = flags['exit'] === undefined ? feeding.then(() => new Promise(() => {})) : feeding
  }
  try {
    await Promise.race([stopping, fed])
  } finally {
    for (const stop of stops) stop()
    await battuta.close()
  }
  return code
}

function trafficFlag(value: string | undefined, feed: string | undefined): boolean | null {
  if (value === undefined) return feed === undefined ? null : false
  if (value === 'on') return true
  if (value === 'off') return false
  throw new BattutaError('CONFIG_INVALID', `--traffic is “${value}”: write on or off`)
}

/** Resolves at the first signal; the second ends the process as it is. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let seen = false
    const onSignal = (): void => {
      if (seen) process.exit(130)
      seen = true
      process.stderr.write('\nstopping: what was begun is finished first; once more to stop at once\n')
      resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

/** A broken invariant or a failed disk: nothing that this process still says can be trusted; the next start recovers. */
function crash(error: unknown): void {
  process.stderr.write(
    `battuta: stopped, so that nothing wrong is kept; start it again to recover\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  process.exit(70)
}

function printDoors({ url, links, app }: Battuta, config: Config, out: Out): void {
  const key = config.key === null ? `the key in ${keyFile(config.dataFolder, 'service')}` : 'the key in BATTUTA_KEY'
  out(`\n${app.name}, version ${app.version}, is running.\n`)
  out(`console   ${links.console}`)
  if (links.desk !== null) out(`desk      ${links.desk}`)
  out(`demo      ${links.demo}`)
  out(`events    POST ${url}/v1/events, with ${key}`)
  out(`doors     ${url}/openapi.json · ${url}/asyncapi.json`)
  out(`health    ${url}/readyz · ${url}/metrics`)
}
