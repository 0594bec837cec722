import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { errorCodes } from '../base/index.ts'
import { doors } from '../server/doors.ts'
import { commands } from './commands.ts'
import { readConfiguration } from './env.ts'

const reference = (name: string): string => readFileSync(new URL(`../../docs/reference/${name}.md`, import.meta.url), 'utf8')
/** The first cells of a table's rows that begin with a back-quote, with what else each row says. */
const rows = (text: string): string[][] =>
  [...text.matchAll(/^\| (`.*) \|$/gm)].map(([, row = '']) => row.split(/(?<!\\) ?\|(?: |(?=\|))/).map((cell) => cell.trim()))

test('docs/reference/errors.md lists every code as it is, and no other', () => {
  const written = rows(reference('errors')).map(([code, status, retry, means]) => [code, status, retry, means].join(' | '))
  const known = Object.entries(errorCodes).map(([code, { status, retry, means }]) => `\`${code}\` | ${status} | ${retry ? 'yes' : 'no'} | ${means}`)
  assert.deepEqual(written, known)
})

test('docs/reference/http.md lists every door with who may use it', () => {
  const whole = (who: string): string => who.replace('staff', 'desk, supervisor, service, admin')
  const written = new Map(rows(reference('http')).map(([door = '', who = '']) => [door.replaceAll('`', ''), whole(who)]))
  for (const { method, path, roles } of Object.values(doors))
    assert.equal(written.get(`${method} ${path}`), roles === null ? 'everybody' : roles.join(', '), path)
})

test('docs/reference/configuration.md lists every variable with its flag, and every command', () => {
  const text = reference('configuration')
  const written = rows(text)
  for (const { variable, flag } of readConfiguration({}, {}).settings) {
    const row = written.find(([name]) => name === `\`${variable}\``)
    assert.equal(row?.[1], flag === null ? '' : `\`--${flag}\``, variable)
  }
  for (const [name, { flags }] of Object.entries(commands)) {
    const row = written.find(([command = '']) => command.startsWith(`\`battuta ${name}`))
    assert(row, name)
    for (const flag of Object.keys(flags)) assert(text.includes(`--${flag}`), `${name} --${flag}`)
  }
})
