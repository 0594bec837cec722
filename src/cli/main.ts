/** The command line: reads it, runs the command, and turns an error into one sentence and an exit code. */
import { BattutaError, realWorld } from '../base/index.ts'
import { packageVersion } from '../server/index.ts'
import { commands, helpText, readCommandLine } from './commands.ts'
import type { CommandLine, CommandName } from './commands.ts'
import { doctor } from './doctor.ts'
import { link } from './link.ts'
import { people } from './people.ts'
import { replay } from './replay.ts'
import { start } from './start.ts'
import { train } from './train.ts'

const world = realWorld()
/** A line to standard output. */
const out = (line: string): void => void process.stdout.write(`${line}\n`)

const run: Readonly<Record<CommandName, (line: CommandLine) => Promise<number>>> = {
  start: (line) => start(world, line, out),
  replay: (line) => replay(world, line, out),
  train: (line) => train(line, out),
  link: (line) => link(line, out),
  people: (line) => people(line, out),
  doctor: (line) => doctor(world, line, out),
}

/** Resolves with the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const [first] = words
  if (first === '--version') {
    out(packageVersion)
    return 0
  }
  if (first === undefined || first === '--help' || first === 'help') {
    out(helpText())
    return first === undefined ? 2 : 0
  }
  try {
    if (words.includes('--help') && first in commands) {
      out(helpText(first as CommandName))
      return 0
    }
    const line = readCommandLine(words)
    return await run[line.command](line)
  } catch (error) {
    if (!(error instanceof BattutaError)) throw error
    process.stderr.write(`battuta: ${error.code}: ${error.message}\n`)
    return error.code === 'CONFIG_INVALID' ? 2 : 1
  }
}
