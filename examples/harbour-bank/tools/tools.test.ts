import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { ToolDraft } from 'battuta'
import { bank, closeBank, useBank } from '../back-end/index.ts'
import { cardStatus, unblock } from './cards.ts'
import { refund, retry, topUpStatus } from './top-ups.ts'
import { trace, transfersPending } from './transfers.ts'

/** Each test has a customer of its own. */
let customer: string
const signal = new AbortController().signal
let folder: string
before(() => void (folder = mkdtempSync(join(tmpdir(), 'harbour-tools-'))))
after(() => {
  closeBank()
  rmSync(folder, { recursive: true })
})

/** Runs a tool as the engine does: input and output go through their schemas. */
async function run<Input, Output>(tool: ToolDraft<Input, Output>, input: Input, key: string): Promise<Output> {
  const output = await tool.run(checked(await tool.input['~standard'].validate(input)) as never, { idempotencyKey: key, customer, signal })
  return checked(await tool.output['~standard'].validate(output)) as Output
}

async function undo<Input, Output>(tool: ToolDraft<Input, Output>, input: Input, output: Output, key: string): Promise<void> {
  assert.ok(tool.compensate)
  await tool.compensate({ input: input as never, output: output as never }, { idempotencyKey: key, customer, signal })
}

function checked(result: { readonly value?: unknown; readonly issues?: unknown }): unknown {
  assert.equal(result.issues, undefined)
  return result.value
}

test('a hundred attempts at once under one key unblock once, also after the bank was closed in between', async () => {
  customer = 'user:once'
  const file = join(folder, 'bank.db')
  useBank(file)
  const { cards } = await run(cardStatus, {}, 'look')
  const last4 = cards[0]?.last4 as string
  const attempts = await Promise.all(Array.from({ length: 100 }, () => run(unblock, { last4 }, 'call 1')))
  assert.equal(new Set(attempts.map((output) => JSON.stringify(output))).size, 1)
  useBank(file)
  assert.deepEqual(await run(unblock, { last4 }, 'call 1'), attempts[0])
  assert.deepEqual(await run(unblock, { last4 }, 'call 2'), { outcome: 'refused', why: 'alreadyActive' })
  assert.equal((await run(cardStatus, {}, 'look')).cards[0]?.state, 'active')
})

test('each compensation leads back to what was before, and is done once', async () => {
  customer = 'user:back'
  useBank(':memory:')
  const before = { cards: bank().cards(customer), transfers: bank().transfers(customer), topUps: bank().topUps(customer) }
  const card = { last4: before.cards[0]?.last4 as string }
  const unblocked = await run(unblock, card, 'unblock')
  assert.equal(unblocked.outcome, 'done')
  const transfer = { transfer: (await run(transfersPending, {}, 'look')).pending[0]?.id as string }
  const topUp = { topUp: (await run(topUpStatus, {}, 'look')).topUps.find(({ reason }) => reason === 'bankUnreachable')?.id as string }
  const traced = await run(trace, transfer, 'trace')
  const retried = await run(retry, topUp, 'retry')
  assert.deepEqual(await run(refund, topUp, 'refund'), { outcome: 'refused', why: 'notFailed' })
  for (const key of ['undo', 'undo']) {
    await undo(unblock, card, unblocked, `unblock ${key}`)
    await undo(trace, transfer, traced, `trace ${key}`)
    await undo(retry, topUp, retried, `retry ${key}`)
  }
  const refunded = await run(refund, topUp, 'refund 2')
  assert.equal(refunded.outcome, 'done')
  await undo(refund, topUp, refunded, 'refund 2 undo')
  assert.deepEqual({ cards: bank().cards(customer), transfers: bank().transfers(customer), topUps: bank().topUps(customer) }, before)
})

test('what the bank refused has nothing to undo', async () => {
  customer = 'user:refused'
  useBank(':memory:')
  const refused = await run(unblock, { last4: '0000' }, 'unknown')
  assert.deepEqual(refused, { outcome: 'refused', why: 'unknownCard' })
  await undo(unblock, { last4: '0000' }, refused, 'unknown undo')
})

test('what changes something says so, and says how it is undone', () => {
  for (const tool of [cardStatus, transfersPending, topUpStatus]) assert.deepEqual([tool.changes, tool.compensate], [false, null])
  for (const tool of [unblock, trace, retry, refund]) assert.ok(tool.changes && tool.compensate)
})
