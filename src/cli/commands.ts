/** The commands, their flags, and how a command line is read: what is not known is refused, with what was probably meant. */
import { BattutaError } from '../base/index.ts'
import { didYouMean } from '../definition/index.ts'

interface Flag {
  /** What it takes, as the help shows it; null for a flag that is there or not. */
  readonly takes: string | null
  readonly means: string
}

export interface Command {
  /** `[app.ts]` may be left out, `CONFIG.json` may not. */
  readonly argument: string | null
  readonly means: string
  readonly flags: Readonly<Record<string, Flag>>
}

const port: Flag = { takes: 'PORT', means: 'port to listen on (BATTUTA_PORT, 4321)' }
const host: Flag = { takes: 'ADDRESS', means: 'address to listen on (BATTUTA_HOST, 127.0.0.1)' }
const data: Flag = { takes: 'FOLDER', means: 'folder of the storage and the keys (BATTUTA_DATA, ./data)' }
const place = { port, host, data }

export type CommandName = 'start' | 'replay' | 'train' | 'link' | 'people' | 'doctor'

export const commands: Readonly<Record<CommandName, Command>> = Object.freeze({
  start: {
    argument: '[app.ts]',
    means: 'runs an app; app.ts in this folder unless another is named',
    flags: {
      ...place,
      traffic: { takes: 'on|off', means: 'simulated customers, where the app has a traffic folder beside it; off with --feed' },
      rate: { takes: 'N', means: 'events a second of the traffic (20), or messages a second of the feed (20)' },
      feed: { takes: 'FILE.jsonl[.gz]', means: 'says each line’s `text` as a customer of its own, then reports' },
      exit: { takes: null, means: 'stops after the feed; exit code 1 when a message was lost' },
    },
  },
  replay: {
    argument: '[app.ts]',
    means: 'makes stored decisions again from what was recorded, and counts differences',
    flags: {
      ...place,
      recorded: { takes: null, means: 'from recorded features, predictions and clock (this is what it does; the word is for scripts)' },
      policy: { takes: 'NAME', means: 'decisions of this policy only' },
      limit: { takes: 'N', means: 'the newest N only' },
    },
  },
  train: {
    argument: 'CONFIG.json',
    means: 'trains the models a config lists, beside it',
    flags: { data: { takes: 'FOLDER', means: 'folder of the labelled texts' }, only: { takes: 'NAME', means: 'one model of the config' } },
  },
  link: {
    argument: null,
    means: 'prints a one-use link that signs a browser in to a running server',
    flags: { ...place, person: { takes: 'ID', means: 'to the desk, as this person; to the console, as the admin, without it' } },
  },
  people: {
    argument: '[NAME]',
    means: 'lists who may use the desk of a running server; adds NAME and prints their link',
    flags: {
      ...place,
      role: { takes: 'desk|supervisor|admin', means: 'what they may do (desk)' },
      skills: { takes: 'A,B', means: 'skills that queues ask for' },
      capacity: { takes: 'N', means: 'conversations at once (3)' },
    },
  },
  doctor: { argument: '[app.ts]', means: 'shows every effective setting and where it came from, and checks the rest', flags: place },
})

export interface CommandLine {
  readonly command: CommandName
  readonly argument: string | undefined
  readonly flags: Readonly<Record<string, string | undefined>>
}

/** Throws CONFIG_INVALID. */
export function readCommandLine(words: readonly string[]): CommandLine {
  const [name = '', ...rest] = words
  if (!(name in commands)) throw refused(`there is no command “${name}”${didYouMean(name, Object.keys(commands))}`)
  const command = commands[name as CommandName]
  const flags: Record<string, string> = {}
  let argument: string | undefined
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] as string
    if (!word.startsWith('--')) {
      if (command.argument === null || argument !== undefined) throw refused(`battuta ${name} does not take “${word}”`)
      argument = word
      continue
    }
    const [flagName, inline] = splitOnce(word.slice(2))
    const flag = command.flags[flagName]
    if (flag === undefined) throw refused(`battuta ${name} has no flag --${flagName}${didYouMean(flagName, Object.keys(command.flags))}`)
    if (flag.takes === null && inline !== undefined) throw refused(`--${flagName} takes no value`)
    const value = flag.takes === null ? 'on' : (inline ?? rest[++i])
    if (value === undefined || value.startsWith('--')) throw refused(`--${flagName} needs a value: --${flagName} ${flag.takes}`)
    flags[flagName] = value
  }
  if (argument === undefined && command.argument !== null && !command.argument.startsWith('[')) throw refused(`battuta ${name} needs ${command.argument}`)
  return { command: name as CommandName, argument, flags }
}

/** A flag's value as a number within bounds. */
export function numberFlag(
  flags: CommandLine['flags'],
  name: string,
  bounds: { readonly min: number; readonly max: number; readonly whole?: boolean },
): number | undefined {
  const text = flags[name]
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || !(value >= bounds.min && value <= bounds.max) || (bounds.whole && !Number.isInteger(value))) {
    throw refused(`--${name} is “${text}”: give a ${bounds.whole ? 'whole ' : ''}number from ${bounds.min} to ${bounds.max}`)
  }
  return value
}

/** The help of one command, or of all. */
export function helpText(name?: CommandName): string {
  if (name !== undefined) {
    const command = commands[name]
    const rows = Object.entries(command.flags).map(([flag, { takes, means }]): [string, string] => [`--${flag}${takes === null ? '' : ` ${takes}`}`, means])
    return [`battuta ${name}${command.argument === null ? '' : ` ${command.argument}`}: ${command.means}`, '', ...table(rows)].join('\n')
  }
  const rows = Object.entries(commands).map(([command, { argument, means }]): [string, string] => [
    `battuta ${command}${argument === null ? '' : ` ${argument}`}`,
    means,
  ])
  return [
    'Battuta: real-time AI orchestration for customer experience.',
    '',
    ...table(rows),
    '',
    'battuta COMMAND --help tells its flags; docs/reference/configuration.md the environment variables.',
  ].join('\n')
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf('=')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function refused(message: string): BattutaError {
  return new BattutaError('CONFIG_INVALID', `${message} (see battuta --help)`)
}
