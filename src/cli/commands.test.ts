import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commands, helpText, numberFlag, readCommandLine } from './commands.ts'
import type { CommandName } from './commands.ts'

test('a command line is read in any order and either spelling', () => {
  const expected = { command: 'start', argument: 'app.ts', flags: { port: '1', rate: '2', exit: 'on' } }
  assert.deepEqual(readCommandLine(['start', 'app.ts', '--port', '1', '--rate=2', '--exit']), expected)
  assert.deepEqual(readCommandLine(['start', '--exit', '--port=1', '--rate', '2', 'app.ts']), expected)
})

test('what is not known is refused with what was probably meant', () => {
  assert.throws(() => readCommandLine(['strat']), /no command “strat”; did you mean “start”\?/)
  assert.throws(() => readCommandLine(['start', '--prot', '1']), /no flag --prot; did you mean “port”\?/)
  assert.throws(() => readCommandLine(['link', 'app.ts']), /does not take “app.ts”/)
  assert.throws(() => readCommandLine(['start', 'a.ts', 'b.ts']), /does not take “b.ts”/)
  assert.throws(() => readCommandLine(['start', '--port']), /--port needs a value: --port PORT/)
  assert.throws(() => readCommandLine(['start', '--port', '--exit']), /needs a value/)
  assert.throws(() => readCommandLine(['start', '--exit=yes']), /takes no value/)
  assert.throws(() => readCommandLine(['train']), /needs CONFIG.json/)
})

test('a number is refused outside its bounds', () => {
  assert.equal(numberFlag({ rate: '0.5' }, 'rate', { min: 0.1, max: 10 }), 0.5)
  assert.equal(numberFlag({}, 'rate', { min: 0.1, max: 10 }), undefined)
  for (const text of ['0', '11', 'many', ' ', 'Infinity'])
    assert.throws(() => numberFlag({ rate: text }, 'rate', { min: 0.1, max: 10 }), /number from 0.1 to 10/)
  assert.throws(() => numberFlag({ limit: '1.5' }, 'limit', { min: 1, max: 10, whole: true }), /whole number/)
})

test('the help names every command and every flag', () => {
  for (const [name, { flags }] of Object.entries(commands)) {
    assert(helpText().includes(`battuta ${name}`))
    for (const flag of Object.keys(flags)) assert(helpText(name as CommandName).includes(`--${flag}`))
  }
})
