import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brief, bytes, customerName, day, featureLabel, isUnderPromise, ownerWords, serviceWords, tenure, waited, words } from './words.ts'

const plain = (text: string) => text.replaceAll('\u00a0', ' ')

test('a customer is told apart by the end of an identity, never named by all of it', () => {
  assert.deepEqual(['user:current-4821', 'user:42', 'cookie:9f2c81aa71ab', 'email:some.body@bank.example', 'walk-in'].map(customerName), [
    'current ··4821',
    'customer ··42',
    'visitor ··71ab',
    'email ··mple',
    'customer ··k-in',
  ])
})

test('waits and ages have the form their length asks for', () => {
  assert.deepEqual(
    [-5, 9_400, 41_000, 725_000, 3_720_000].map((ms) => plain(waited(ms))),
    ['0:00', '0:09', '0:41', '12:05', '1 h 2 min'],
  )
  assert.deepEqual(
    [98_000, 11_000_000, 93_600_000, 400_000_000].map((ms) => plain(brief(ms))),
    ['1:38', '3 h', '26 h', '4 d'],
  )
  assert.deepEqual(
    [5e7, 86_400_000, 1.1e10, 2.9e11].map((ms) => plain(tenure(ms))),
    ['since today', 'for 1 day', 'for 4 months', 'for 9 years'],
  )
  assert.deepEqual(
    [12, 12_300, 3_400_000].map((count) => plain(bytes(count))),
    ['12 B', '12 kB', '3.4 MB'],
  )
})

test('a day is its clock today, yesterday by name, and a date before', () => {
  const noon = new Date(2025, 10, 18, 12, 0, 5).getTime()
  assert.deepEqual(
    [noon, noon - 86_400_000, noon - 4 * 86_400_000].map((at) => day(at, noon)),
    ['12:00', 'yesterday 12:00', '14 Nov'],
  )
})

test('names in code become words', () => {
  assert.deepEqual(
    ['declines5m', 'spend30d', 'messages1h', 'active1d', 'balanceBand'].map((name) => plain(featureLabel(name))),
    ['Declines, 5 min', 'Spend, 30 days', 'Messages, 1 h', 'Active, 1 day', 'Balance band'],
  )
  assert.deepEqual(['cardDeclined', 'limit_raised', 'IBANChanged'].map(words), ['Card declined', 'Limit raised', 'IBANChanged'])
})

test('a queue under its promise says so in figures with their yardstick', () => {
  assert.equal(plain(serviceWords({ share: 0.8, withinMs: 20_000, measured: 0.76 })), '76 % within 0:20, promise 80 %')
  assert.equal(plain(serviceWords({ share: 0.8, withinMs: 20_000, measured: null })), 'promise 80 % within 0:20, nobody asked yet')
  assert.deepEqual(
    [0.79, 0.8, null].map((measured) => isUnderPromise({ share: 0.8, measured })),
    [true, false, false],
  )
})

test('who has a conversation is always said', () => {
  const name = (id: string) => `Cards desk ${id.slice(-1)}`
  const item = { status: 'open', owner: 'human', worker: 'w2', queue: 'cards' } as const
  assert.equal(ownerWords(item, 'w2', name), 'yours')
  assert.equal(ownerWords(item, 'w1', name), 'Cards desk 2 has it')
  assert.equal(ownerWords({ ...item, owner: null, worker: null }, 'w1', name), 'waits in cards')
  assert.equal(ownerWords({ ...item, owner: 'bot', worker: null }, 'w1', name), 'the bot has it')
  assert.equal(ownerWords({ ...item, owner: null, queue: null }, 'w1', name), 'nobody has it')
  assert.equal(ownerWords({ ...item, status: 'resolved' }, 'w2', name), 'resolved')
})
