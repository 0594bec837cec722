/** A server in a process of its own, as a user starts it. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))
export const harbourBank = join(root, 'examples', 'harbour-bank', 'app.ts')

export interface Run {
  readonly code: number | null
  readonly output: string
}

export interface ServerProcess {
  readonly url: string
  /** The code of the console link. */
  readonly code: string
  readonly key: string
  readonly process: ChildProcess
  output(): string
  /** Asks it to stop, as a supervisor would. */
  stop(): Promise<Run>
}

/** Runs a command of the command line to its end. */
export async function battuta(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Run> {
  const { child, output } = launch(args, environment)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output: output() }
}

/** Starts a server on a free port; resolves once it has printed its doors. */
export async function startServer(data: string, args: readonly string[] = []): Promise<ServerProcess> {
  const { child, output } = launch(['start', harbourBank, '--port', '0', '--data', data, ...args], {})
  const closed = once(child, 'close') as Promise<[number | null]>
  const doors = await new Promise<RegExpExecArray>((resolve, reject) => {
    const look = (): void => {
      const found = /console {3}(http:\/\/127\.0\.0\.1:\d+)\/#code=(\S+)/.exec(output())
      if (found && output().includes('/metrics')) resolve(found)
    }
    child.stdout?.on('data', look)
    void closed.then(([code]) => reject(new Error(`the server ended with ${String(code)}:\n${output()}`)))
  })
  return {
    url: doors[1] as string,
    code: doors[2] as string,
    key: readFileSync(join(data, 'service.key'), 'utf8').trim(),
    process: child,
    output,
    async stop() {
      child.kill('SIGTERM')
      const [code] = await closed
      return { code, output: output() }
    },
  }
}

function launch(args: readonly string[], environment: Readonly<Record<string, string>>): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, ['--conditions=battuta-source', join(root, 'src', 'cli', 'bin.ts'), ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (data: Buffer) => void (text += String(data)))
  child.stderr.on('data', (data: Buffer) => void (text += String(data)))
  return { child, output: () => text }
}
