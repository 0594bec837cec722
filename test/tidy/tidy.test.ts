/** Style as a test (STYLE rules 2, 4, 6, 8 and 15): every file that git would commit, held against every rule. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorCodes } from '../../src/base/index.ts'
import { calls, errors, lengths, named, names, unfinished } from './code.ts'
import { errorReference, expected, links, snippets, titles } from './documents.ts'
import { cycles, doors, ladder, pages, reached } from './imports.ts'
import { readTree } from './sources.ts'
import type { Finding } from './sources.ts'

interface Exception {
  readonly rule: string
  readonly file: string
  /** What is let be in that file; everything the rule says about it when absent. */
  readonly subject?: string
  readonly because: string
}

/** The only exceptions. One that nothing needs any more is a failure too. */
const exceptions: readonly Exception[] = [
  { rule: 'calls', file: 'src/base/world.ts', because: 'the World is the one way to time, timers and chance' },
  { rule: 'calls', file: 'src/cli/env.ts', subject: 'process.env', because: 'the environment is read here and nowhere else' },
  { rule: 'calls', file: 'src/client/timers.ts', because: 'the World of browsers, which have no node:crypto; tests hand in their own' },
  { rule: 'calls', file: 'src/decide/purity.ts', subject: 'Math.random', because: 'what policies see in its place is built from it' },
  { rule: 'calls', file: 'src/testing/simulated-world.ts', subject: 'setImmediate', because: 'virtual time stands still until real promises have settled' },
  {
    rule: 'errors',
    file: 'src/client/live.ts',
    subject: 'BattutaClientError',
    because: 'callers of the client see its own error, with the server’s code in it',
  },
  {
    rule: 'errors',
    file: 'src/client/request.ts',
    subject: 'BattutaClientError',
    because: 'callers of the client see its own error, with the server’s code in it',
  },
  { rule: 'errors', file: 'src/client/event-stream.ts', subject: 'RangeError', because: 'live.ts takes it for a broken connection and connects again' },
  { rule: 'errors', file: 'src/log/lmdb.ts', subject: 'Error', because: 'group-log.ts, its only caller, makes it the cause of a STORAGE_FAILED' },
  {
    rule: 'ladder',
    file: 'src/models/linear-format.ts',
    subject: 'src/base/errors.ts',
    because: 'linear models run in browsers, and the door of base needs node:crypto',
  },
  { rule: 'names', file: 'test/services', because: 'what is tested there are services: Kafka and its like, run for real' },
  { rule: 'named', file: 'web/vite.config.ts', because: 'vite takes its configuration as the default export' },
]

/** Files that a thread is started with, by a name that is no import (`ThreadLink.open`). */
const threads = ['src/records/sqlite-worker.ts', 'src/records/sqlite-reader.ts']

const files = readTree()
const rules: Readonly<Record<string, () => Finding[]>> = {
  '2 a room imports only rooms above it, through their door': () => ladder(files),
  '2 a page sees only client': () => pages(files),
  '2 a door exports names of its own room': () => doors(files),
  '2 no file reaches itself': () => cycles(files),
  '2 nothing is exported as default': () => named(files),
  '4 time, chance, timers and the environment come in through one place each': () => calls(files),
  '6 errors carry a code of the closed list': () => errors(files),
  '6 docs/reference/errors.md and the closed list are one': () => errorReference(files, errorCodes),
  '8 files and functions are short': () => lengths(files),
  '8 names are kebab-case and say what they name': () => names(files),
  '13 nothing unfinished or untyped is left': () => unfinished(files),
  '15 every file is reached': () => reached(files, threads),
  '15 relative links lead somewhere': () => links(files),
  '15 a document has one title': () => titles(files),
  '15 a snippet stands in the file it is cut from': () => snippets(files),
  '15 the documents of a release are there': () => expected(files),
}

const needed = new Set<Exception>()

for (const [name, find] of Object.entries(rules)) {
  test(name, () => {
    const left = find().filter((finding) => {
      const exception = exceptions.find(
        ({ rule, file, subject }) => rule === finding.rule && file === finding.file && (subject ?? finding.subject) === finding.subject,
      )
      if (exception) needed.add(exception)
      return exception === undefined
    })
    assert.ok(left.length === 0, `\n${left.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n')}`)
  })
}

test('every exception and every named thread is needed', () => {
  const idle = exceptions.filter((exception) => !needed.has(exception))
  assert.deepEqual(idle, [], 'an exception that no file needs: take it out of the table')
  for (const thread of threads)
    assert.ok(
      files.some(({ path }) => path === thread),
      `there is no ${thread} any more: take it out of the list`,
    )
})
