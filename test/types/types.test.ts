/** The compiler's side of the builders: promises kept, mistakes told in sentences, and a price that stays low. One run of tsc. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { generatedApp } from './generated-app.ts'

/** Type instantiations of one run over everything below; it was 98,000 when it was set. */
const instantiationsMax = 128_000

const root = fileURLToPath(new URL('../../', import.meta.url))
const size = { events: 200, features: 200, policies: 20, answers: 60, labels: 77 }

/** Each on a line of its own after `mistakesHead`, with the sentence that the compiler must say there. */
const mistakes: readonly (readonly [code: string, sentence: string])[] = [
  [`sum(payment, 'amuont')`, 'The event has no field “amuont”.'],
  [`sum(payment, 'currency')`, 'The field “currency” is not a number: this feature calculates, so choose a number field.'],
  [`ewma(payment, 'currency')`, 'The field “currency” is not a number: this feature calculates, so choose a number field.'],
  [`last(payment, 'amonut')`, 'The event has no field “amonut”.'],
  [`last(payment, 'lines')`, 'The field “lines” is neither text nor number nor boolean: choose one that is.'],
  [`shop.policy({ on: 'paymnt' }, ({ nothing }) => nothing())`, 'No event “paymnt” is declared in setup({ events }).'],
  [`shop.policy({ on: 'message.recieved' }, ({ nothing }) => nothing())`, 'No event “message.recieved” is declared in setup({ events }).'],
  [`shop.policy({ on: 'payment', features: ['spend', 'spnd'] }, ({ nothing }) => nothing())`, 'No feature “spnd” is declared in setup({ features }).'],
  [`shop.policy({ on: 'message.received', models: ['intnt'] }, ({ nothing }) => nothing())`, 'No model “intnt” is declared in setup({ models }).'],
  [
    `shop.policy({ on: 'payment', models: ['intent'] }, ({ nothing }) => nothing())`,
    'The model “intent” reads the field “text”, and “payment” has no such text field.',
  ],
  [`shop.policy({ on: 'payment' }, ({ answer }) => answer('thank'))`, 'No answer “thank” is declared in setup({ answers }).'],
  [
    `quiet.policy({ on: 'payment' }, ({ answer }) => answer('thanks'))`,
    'This app declares no answers: add them in setup({ answers }) before a policy can answer.',
  ],
  [`shop.policy({ on: 'payment' }, ({ bot }) => bot('retrun'))`, 'No flow “retrun” is declared in setup({ flows }).'],
  [`shop.policy({ on: 'payment' }, ({ human }) => human('card'))`, 'No queue “card” is declared in setup({ queues }).'],
  [`quiet.policy({ on: 'payment' }, ({ bot }) => bot('return'))`, 'This app declares no flows: add them in setup({ flows }) before a policy can start one.'],
  [
    `quiet.policy({ on: 'payment' }, ({ human }) => human('cards'))`,
    'This app declares no queues: add them in setup({ queues }) before a policy can ask for a person.',
  ],
  [`shop.app({ name: 'shop', policies: {}, personTo: 'card' })`, 'No queue “card” is declared in setup({ queues }).'],
  [`shop.app({ name: 'shop', policies: {}, emotion: { model: 'tone', angry: [] } })`, 'No model “tone” is declared in setup({ models }).'],
  [`flow({ ...parts }, function* ({ ask }) { yield* ask('ordr', 'Which?'); return { resolved: true } })`, 'This flow has no slot “ordr”: add it to its slots.'],
  [`flow({ ...parts }, function* ({ again }) { return yield* again('ordr', 'Which?') })`, 'This flow has no slot “ordr”: add it to its slots.'],
  [
    `flow({ ...parts }, function* ({ call }) { yield* call('refnd', {} as never); return { resolved: true } })`,
    'This flow has no tool “refnd”: add it to its tools.',
  ],
]
const mistakesHead = [
  `import { count, event, ewma, flow, last, linear, queue, setup, slot, sum, tool } from 'battuta'`,
  `import { z } from 'zod'`,
  `const payment = event({ amount: z.number(), currency: z.string(), lines: z.array(z.string()) })`,
  `const parts = { goal: 'send it back', slots: { order: slot.digits(6, { label: 'order number' }) }, tools: { refund: tool({ input: z.object({ order: z.string() }), output: z.object({}), run: async () => ({}) }) } } as const`,
  `const shop = setup({ events: { payment }, features: { spend: sum(payment, 'amount').over('1d'), payments: count(payment).over('1h') }, models: { intent: linear('intent') }, answers: { thanks: 'Thank you.' }, queues: { cards: queue({ skills: ['cards'] }) }, flows: { return: flow({ ...parts }, function* () { return { resolved: true } }) } })`,
  `const quiet = setup({ events: { payment } })`,
]

interface Diagnostic {
  readonly file: string
  readonly line: number
  readonly text: string
}

let folder: string
let diagnostics: readonly Diagnostic[]
let output: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'battuta-types-'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(join(folder, 'mistakes.ts'), [...mistakesHead, ...mistakes.map(([code]) => code), ''].join('\n'))
  await writeFile(join(folder, 'generated.ts'), generatedApp(size))
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        typeRoots: [join(root, 'node_modules/@types')],
        paths: { battuta: [join(root, 'src/app/index.ts')], zod: [join(root, 'node_modules/zod/index.d.ts')] },
      },
      include: [join(folder, '*.ts'), join(root, 'test/types/promises.ts')],
    }),
  )
  output = await tsc(join(folder, 'tsconfig.json'))
  diagnostics = diagnosticsIn(output)
})
after(() => rm(folder, { recursive: true, force: true }))

function tsc(project: string): Promise<string> {
  return new Promise((resolve) => {
    // It exits with an error, since the mistakes are there on purpose; what it prints is the result.
    execFile(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '--pretty', 'false', '--extendedDiagnostics', '-p', project],
      { cwd: folder, maxBuffer: 16 * 1024 * 1024 },
      (_error, stdout) => resolve(stdout),
    )
  })
}

function diagnosticsIn(text: string): Diagnostic[] {
  const found: Diagnostic[] = []
  for (const line of text.split('\n')) {
    const match = /^(.*?)\((\d+),\d+\): error (.*)$/.exec(line)
    const open = found.at(-1)
    if (match) found.push({ file: match[1]?.split('/').at(-1) ?? '', line: Number(match[2]), text: match[3] ?? '' })
    else if (open && line.startsWith('  ')) found[found.length - 1] = { ...open, text: `${open.text} ${line.trim()}` }
  }
  return found
}

test('every promised compile error is one, and every promised type is kept', () => {
  assert.match(output, /^Files:/m, `the compiler ran: ${output.slice(0, 400)}`)
  assert.deepEqual(
    diagnostics.filter(({ file }) => file !== 'mistakes.ts'),
    [],
  )
})

for (const [index, [code, sentence]] of mistakes.entries()) {
  test(`the compiler says: ${sentence} (${code.slice(0, 24)}…)`, () => {
    const said = diagnostics.filter(({ file, line }) => file === 'mistakes.ts' && line === mistakesHead.length + index + 1)
    assert.equal(said.length, 1, JSON.stringify(said))
    assert.ok(said[0]?.text.includes(sentence), said[0]?.text)
  })
}

test('an app of 200 events, 200 features and 20 policies stays within the budget of instantiations', (context) => {
  const instantiations = Number(/^Instantiations:\s+(\d+)/m.exec(output)?.[1])
  context.diagnostic(`instantiations ${instantiations} of ${instantiationsMax}, check time ${/^Check time:\s+(\S+)/m.exec(output)?.[1] ?? 'unknown'}`)
  assert.ok(instantiations > 1_000 && instantiations <= instantiationsMax, `${instantiations} instantiations, at most ${instantiationsMax} are budgeted`)
})
