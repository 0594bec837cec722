import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { accountsOf, ownCheck } from './accounts.ts'
import type { Card, TopUp, Transfer } from './accounts.ts'
import { openBank } from './bank.ts'
import type { Bank } from './bank.ts'
import { addDays, addWorkingDays } from './calendar.ts'
import { bankFile } from './index.ts'

/** A Friday. */
const now = Date.UTC(2026, 0, 30, 12)
const today = '2026-01-30'
let folder: string
let files = 0
before(() => void (folder = mkdtempSync(join(tmpdir(), 'harbour-bank-'))))
after(() => rmSync(folder, { recursive: true }))

function newFile(): string {
  return join(folder, 'made on the way', `${files++}.db`)
}

function using(file: string, work: (bank: Bank) => void): void {
  const bank = openBank(file, () => now)
  try {
    work(bank)
  } finally {
    bank.close()
  }
}

/** The first customer of many whose accounts are as wanted. */
function customerWith(wanted: (accounts: ReturnType<typeof accountsOf>) => boolean): string {
  const found = Array.from({ length: 1_000 }, (_, index) => `user:${index}`).find((id) => wanted(accountsOf(id, today)))
  assert.ok(found, 'one in a thousand has such accounts')
  return found
}

test('B1 one key acts once: a hundred times, through two handles, and after the file was closed', () => {
  const [file, customer] = [newFile(), 'user:once']
  const last4 = accountsOf(customer, today).cards[0]?.last4 as string
  let first: unknown
  using(file, (one) =>
    using(file, (other) => {
      const answers = Array.from({ length: 100 }, (_, index) => (index % 2 ? one : other).unblockCard(customer, last4, 'key 1'))
      first = answers[0]
      for (const answer of answers) assert.deepEqual(answer, first)
      assert.equal(answers[0]?.outcome, 'done')
    }),
  )
  using(file, (bank) => {
    assert.deepEqual(bank.unblockCard(customer, last4, 'key 1'), first)
    assert.deepEqual(bank.unblockCard(customer, last4, 'key 2'), { outcome: 'refused', why: 'alreadyActive' }, 'another key acts again')
    assert.equal(bank.undo(customer, 'key 1', 'undo 1').outcome, 'done')
    assert.deepEqual(bank.unblockCard(customer, last4, 'key 1'), first, 'the late repetition of what was undone does not act')
    assert.equal(bank.cards(customer)[0]?.state, 'blocked')
    assert.equal(bank.unblockCard(customer, last4, 'key 3').outcome, 'done', 'another key acts again')
  })
})

test('B1 a key that was used for one thing is refused for another', () => {
  using(':memory:', (bank) => {
    const { cards, topUps } = accountsOf('user:a', today)
    bank.unblockCard('user:a', cards[0]?.last4 as string, 'key')
    assert.throws(() => bank.retryTopUp('user:a', topUps[0]?.id as string, 'key'), /the key key was used to unblock card/)
    assert.equal(bank.topUps('user:a')[0]?.state, 'failed')
  })
})

test('B1, B2 whatever is asked in whatever order, each key acts at most once and undoing all leads back to the beginning', () => {
  const customer = 'user:property'
  const { cards, transfers, topUps } = accountsOf(customer, today)
  const change = fc.record({ what: fc.constantFrom('unblock', 'trace', 'retry', 'refund'), at: fc.nat(2), key: fc.nat(7) })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (asked) => {
      using(':memory:', (bank) => {
        const answers = new Map<string, unknown>()
        const done: string[] = []
        for (const { what, at, key: number } of asked) {
          const key = `${what} ${at} ${number}`
          const answer =
            what === 'unblock'
              ? bank.unblockCard(customer, cards[at]?.last4 ?? '0000', key)
              : what === 'trace'
                ? bank.openTrace(customer, transfers[at]?.id ?? 'none', key)
                : what === 'retry'
                  ? bank.retryTopUp(customer, topUps[at]?.id ?? 'none', key)
                  : bank.refundTopUp(customer, topUps[at]?.id ?? 'none', key)
          if (answers.has(key)) assert.deepEqual(answer, answers.get(key))
          else if (answer.outcome === 'done') done.push(answer.change)
          answers.set(key, answer)
        }
        for (const made of done.reverse()) assert.equal(bank.undo(customer, made, `undo ${made}`).outcome, 'done')
        assert.deepEqual({ cards: bank.cards(customer), transfers: bank.transfers(customer), topUps: bank.topUps(customer) }, { cards, transfers, topUps })
      })
    }),
    { numRuns: 60 },
  )
})

test('B2 what was changed again since is not undone, nor what somebody else changed', () => {
  const customer = customerWith(({ topUps }) => topUps[0]?.reason === 'bankUnreachable')
  using(':memory:', (bank) => {
    const id = bank.topUps(customer)[0]?.id as string
    bank.retryTopUp(customer, id, 'one')
    assert.deepEqual(bank.undo('user:other', 'one', 'undo'), { outcome: 'refused', why: 'unknownChange' })
    assert.equal(bank.undo(customer, 'one', 'undo').outcome, 'done')
    assert.deepEqual(bank.undo(customer, 'one', 'undo again'), { outcome: 'refused', why: 'changedSince' })
    bank.refundTopUp(customer, id, 'two')
    assert.deepEqual(bank.undo(customer, 'one', 'undo late'), { outcome: 'refused', why: 'changedSince' })
    assert.equal(bank.topUps(customer)[0]?.state, 'refunded')
  })
})

test('B3 accounts and changes are there when the file is opened again, on another day too', () => {
  const [file, customer] = [newFile(), 'user:stays']
  let transfers: unknown
  using(file, (bank) => {
    assert.equal(bank.openTrace(customer, bank.transfers(customer)[0]?.id as string, 'trace').outcome, 'done')
    transfers = bank.transfers(customer)
  })
  const later = openBank(file, () => now + 90 * 86_400_000)
  assert.deepEqual(later.transfers(customer), transfers)
  later.close()
})

test('the bank says no where a bank has to', () => {
  const isSuspected = (card: Card): boolean => card.why === 'suspectedFraud'
  const isLost = (card: Card): boolean => card.state === 'lost'
  const isHeld = (transfer: Transfer): boolean => transfer.waitsAt === ownCheck
  const thirdFailed = (reason: TopUp['reason']): string => customerWith(({ topUps }) => topUps[2]?.reason === reason)
  using(':memory:', (bank) => {
    const refusals: string[] = []
    const hear = (answer: { outcome: string; why?: string }): void => void refusals.push(answer.why ?? answer.outcome)
    const suspected = customerWith(({ cards }) => cards.some(isSuspected))
    hear(bank.unblockCard(suspected, bank.cards(suspected).find(isSuspected)?.last4 as string, 'a'))
    hear(bank.unblockCard(suspected, '0000', 'b'))
    const lost = customerWith(({ cards }) => cards.some(isLost))
    hear(bank.unblockCard(lost, bank.cards(lost).find(isLost)?.last4 as string, 'c'))
    const held = customerWith(({ transfers }) => transfers.some(isHeld))
    hear(bank.openTrace(held, bank.transfers(held).find(isHeld)?.id as string, 'd'))
    hear(bank.openTrace(held, bank.transfers(held)[1]?.id as string, 'e'))
    const expired = thirdFailed('cardExpired')
    hear(bank.retryTopUp(expired, bank.topUps(expired)[2]?.id as string, 'f'))
    hear(bank.refundTopUp(expired, bank.topUps(expired)[2]?.id as string, 'g'))
    const unplaced = thirdFailed('noReference')
    hear(bank.retryTopUp(unplaced, bank.topUps(unplaced)[2]?.id as string, 'h'))
    hear(bank.refundTopUp(unplaced, bank.topUps(unplaced)[2]?.id as string, 'i'))
    assert.deepEqual(refusals, [
      'suspectedFraud',
      'unknownCard',
      'reportedLost',
      'heldByUs',
      'notPending',
      'cardExpired',
      'nothingCollected',
      'noReference',
      'done',
    ])
  })
})

test('every customer has one of each that a bot can mend, and can tell apart what they have', () => {
  for (let index = 0; index < 500; index++) {
    const customer = `cookie:${index}`
    const { cards, transfers, topUps } = accountsOf(customer, today)
    assert.deepEqual(accountsOf(customer, today), { cards, transfers, topUps })
    assert.ok(cards[0]?.state === 'blocked' && cards[0].why !== 'suspectedFraud')
    assert.ok(transfers[0]?.state === 'pending' && transfers[0].waitsAt !== ownCheck)
    assert.ok(topUps[0]?.state === 'failed' && topUps[0].collected)
    assert.equal(new Set(cards.map((card) => card.last4)).size, cards.length)
    assert.equal(new Set(transfers.map((transfer) => transfer.amount)).size, transfers.length)
    assert.equal(new Set(topUps.map((topUp) => topUp.amount)).size, topUps.length)
    assert.ok(cards.every((card) => /^[1-9]\d{3}$/.test(card.last4)))
  }
})

test('working days leave out the weekend', () => {
  assert.equal(addWorkingDays('2026-01-30', 3), '2026-02-04')
  assert.equal(addWorkingDays('2026-02-02', 1), '2026-02-03')
  assert.equal(addDays('2026-02-28', 1), '2026-03-01')
})

test('the file is where the environment says', () => {
  assert.equal(bankFile({ HARBOUR_BANK_DB: ':memory:', BATTUTA_DATA: '/d' }), ':memory:')
  assert.equal(bankFile({ BATTUTA_DATA: '/d' }), join('/d', 'harbour-bank.db'))
  assert.equal(bankFile({}), join('data', 'harbour-bank.db'))
})
