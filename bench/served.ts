/** A server for benchmarks: the demo company on embedded storage in a new folder (its log where BATTUTA_BENCH_LOG says), no traffic of its own. Prints one JSON line when ready, answers `stats` on its IPC channel. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { subscribe } from 'node:diagnostics_channel'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { readConfiguration, shareDataFolder } from '../src/cli/env.ts'
import { realWorld } from '../src/base/index.ts'
import type { DecidedMessage } from '../src/orchestrator/index.ts'
import { startBattuta } from '../src/server/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'battuta-bench-'))
const key = 'bench-key-0123456789abcdef'
const { config } = readConfiguration({ port: '0', data: folder }, { BATTUTA_KEY: key, BATTUTA_LOG: process.env['BATTUTA_BENCH_LOG'] })
shareDataFolder(config)
const battuta = await startBattuta({
  world: realWorld(),
  config,
  appFile: fileURLToPath(new URL('../examples/harbour-bank/app.ts', import.meta.url)),
  onFatal: (error) => {
    console.error(error)
    process.exit(1)
  },
})
await battuta.ready
let decided: number[] = []
let logged: number[] = []
let committed: number[] = []
let late = 0
subscribe('battuta:decided', (message) => {
  const { brief, stagesMs, commitMs } = message as DecidedMessage
  decided.push(brief.elapsedMs ?? 0)
  logged.push(stagesMs[0])
  committed.push(commitMs)
  if (brief.status === 'late') late++
})
const loop = monitorEventLoopDelay({ resolution: 1 })
loop.enable()
let cpu = process.cpuUsage()
process.on('disconnect', () => process.exit(0))
process.on('message', (message) => {
  if (message === 'reset') {
    decided = []
    logged = []
    committed = []
    late = 0
    loop.reset()
    cpu = process.cpuUsage()
    process.send?.('reset')
  } else if (message === 'stats') {
    const used = process.cpuUsage(cpu)
    process.send?.({
      decided,
      logged,
      committed,
      late,
      stallMs: loop.max / 1e6,
      cpuMs: (used.user + used.system) / 1000,
      rssMb: process.memoryUsage.rss() / 2 ** 20,
    })
  } else if (message === 'stop') {
    void battuta.close().then(() => {
      rmSync(folder, { recursive: true })
      process.exit(0)
    })
  }
})
process.send?.({ url: battuta.url, key, readyMs: performance.now() })
