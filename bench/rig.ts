/** What the HTTP benchmarks share: a served child process, an idle control process, quantiles. */
import { fork } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Stats {
  /** Receipt to committed and synced, per decision. */
  readonly decided: number[]
  /** Receipt to the event being durable, and commit sent to synced. */
  readonly logged: number[]
  readonly committed: number[]
  readonly late: number
  readonly stallMs: number
  readonly cpuMs: number
  readonly rssMb: number
}

export interface Served {
  readonly url: string
  readonly key: string
  /** Process start to every door open. */
  readonly readyMs: number
  reset(): Promise<void>
  stats(): Promise<Stats>
  stop(): Promise<void>
}

export async function serve(): Promise<Served> {
  const child = fork(fileURLToPath(new URL('./served.ts', import.meta.url)), {
    execArgv: ['--conditions=battuta-source', '--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
  })
  const { url, key, readyMs } = await answer<{ url: string; key: string; readyMs: number }>(child)
  return {
    url,
    key,
    readyMs,
    reset: async () => void (await ask(child, 'reset')),
    stats: () => ask<Stats>(child, 'stats'),
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.send('stop')
      await gone
    },
  }
}

export interface Bare {
  readonly url: string
  reset(): Promise<void>
  cpuMs(): Promise<number>
  stop(): Promise<void>
}

/** Bare node:http in a process of its own: what the machine can do right now. */
export async function bare(): Promise<Bare> {
  const child = fork(fileURLToPath(new URL('./bare.ts', import.meta.url)))
  const url = await answer<string>(child)
  return {
    url,
    reset: async () => void (await ask(child, 'reset')),
    cpuMs: async () => (await ask<{ cpuMs: number }>(child, 'stats')).cpuMs,
    stop: async () => void (await ask(child, 'stop')),
  }
}

/** A process that does nothing but measure its own event loop: what the machine itself adds. */
export async function control(): Promise<{ stop(): Promise<number> }> {
  const child = fork(fileURLToPath(new URL('./control.ts', import.meta.url)))
  await answer(child)
  return { stop: () => ask<number>(child, 'stop') }
}

function answer<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T))
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)))
  })
}

function ask<T>(child: ChildProcess, what: string): Promise<T> {
  const answered = answer<T>(child)
  child.send(what)
  return answered
}

/** How long this disk takes to write 4 kB and sync, right now, in ms each. */
export async function rawSyncs(count: number): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'battuta-sync-'))
  const file = await open(join(folder, 'raw'), 'w')
  const page = Buffer.alloc(4096, 1)
  const took: number[] = []
  for (let n = 0; n < count; n++) {
    const at = performance.now()
    await file.write(page)
    await file.datasync()
    took.push(performance.now() - at)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  await file.close()
  await rm(folder, { recursive: true })
  return took
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round((sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN) * 1000) / 1000
}
