import assert from 'node:assert/strict'
import { after, test as nodeTest } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadApp } from '../../../src/decide/index.ts'
import { accountsOf, bank, closeBank, dayOf, ownCheck, useBank } from '../back-end/index.ts'
import { harbourReplies } from '../traffic/index.ts'
import { money } from '../words.ts'
import { Talk } from './talk.ts'

after(() => closeBank())

/** Every test has a bank of its own, which nobody has changed. */
function test(name: string, work: () => Promise<void>): void {
  nodeTest(name, () => {
    useBank(':memory:')
    return work()
  })
}

type Accounts = ReturnType<typeof accountsOf>
const today = dayOf(Date.now())
const noAnswer = { ok: false, error: 'the card system does not answer' } as const

/** The first customer of many whose accounts are as wanted. */
function customerWith(wanted: (accounts: Accounts) => boolean): { readonly customer: string } & Accounts {
  for (let index = 0; index < 5_000; index++) {
    const customer = `user:${index}`
    const accounts = accountsOf(customer, today)
    if (wanted(accounts)) return { customer, ...accounts }
  }
  throw new Error('nobody in five thousand has such accounts')
}

const oneCard = (accounts: Accounts): boolean => accounts.cards.length === 1
const severalCards = (accounts: Accounts): boolean => accounts.cards.length > 1

test('unblockCard: whoever has one card is asked once, and it is unblocked', async () => {
  const { customer, cards } = customerWith((accounts) => oneCard(accounts) && accounts.cards[0]?.why === 'wrongPin')
  const name = `debit card ··${cards[0]?.last4}`
  const talk = await new Talk('unblockCard', customer).begin('My card is blocked')
  assert.equal(talk.last, `Your ${name} is blocked, because a wrong PIN was entered three times. Shall I unblock it now?`)
  assert.equal(bank().cards(customer)[0]?.state, 'blocked', 'it asks before it acts')
  await talk.say('yes please')
  assert.equal(talk.last, `Done: your ${name} is active again. Within two minutes every till knows. You see its PIN under Cards › PIN.`)
  assert.deepEqual(talk.ended, { resolved: true, canceled: false, summary: `Card ··${cards[0]?.last4} unblocked` })
  assert.deepEqual(
    talk.facts.map(({ text, status, source }) => ({ text, status, source })),
    [{ text: `Card ··${cards[0]?.last4} is blocked: wrong PIN, three times`, status: 'verified', source: 'cardStatus' }],
  )
  assert.deepEqual(talk.promised, [`Card ··${cards[0]?.last4} works at every till within two minutes`])
  assert.deepEqual(talk.called, ['cardStatus', 'unblockCard'])
  assert.equal(bank().cards(customer)[0]?.state, 'active')
})

test('unblockCard: with several cards it asks which, and again when the number fits none', async () => {
  const { customer, cards } = customerWith(severalCards)
  const talk = await new Talk('unblockCard', customer).begin('My card is blocked')
  assert.match(talk.last, /^Which card is it\? You have your debit card ··\d{4} and .*The last four digits will do\.$/)
  await talk.say('0000')
  assert.match(talk.last, /^None of your cards ends in 0000\./)
  await talk.say(`the one ending in ${cards[0]?.last4}`)
  assert.match(talk.last, /Shall I unblock it now\?$/)
  await talk.say('yes')
  assert.equal(talk.ended?.resolved, true)
  assert.deepEqual(
    talk.facts.map(({ text, status, source }) => `${text} (${status}, ${source})`),
    [
      'Means the card ending in 0000 (claimed, chat)',
      `Means the card ending in ${cards[0]?.last4} (claimed, chat)`,
      `Card ··${cards[0]?.last4} is blocked: ${cards[0]?.why === 'frozen' ? 'frozen in the app' : 'wrong PIN, three times'} (verified, cardStatus)`,
    ],
  )
})

test('unblockCard: a number that came with the first words is not asked for', async () => {
  const { customer, cards } = customerWith(severalCards)
  const talk = await new Talk('unblockCard', customer).begin(`My card ${cards[0]?.last4} is blocked`)
  assert.match(talk.last, /Shall I unblock it now\?$/)
})

test('unblockCard: a card that is suspected of fraud goes to a person, with the question', async () => {
  const { customer, cards } = customerWith(({ cards }) => cards.some(({ why }) => why === 'suspectedFraud'))
  const card = cards.find(({ why }) => why === 'suspectedFraud')
  const talk = await new Talk('unblockCard', customer).begin('my card is blocked').then((talk) => talk.say(String(card?.last4)))
  assert.match(talk.last, /I may not lift that: a colleague goes through the last payments with you\.$/)
  assert.deepEqual(talk.handOff, {
    queue: 'cards',
    because: 'a card that is blocked for suspected fraud needs a person',
    question: 'Were the last payments the customer’s own?',
    priority: 5,
  })
  assert.deepEqual(talk.called, ['cardStatus'], 'the bot did not even try')
  assert.equal(talk.ended, null)
  const given = await talk.back('the payments were the customer’s own, the card is active again')
  assert.equal(given.last, 'My colleague noted what you agreed: the payments were the customer’s own, the card is active again.')
  assert.equal(given.ended?.resolved, true)
})

test('unblockCard: given back with nothing agreed, the matter is not called resolved', async () => {
  const { customer } = customerWith(oneCard)
  const talk = await new Talk('unblockCard', customer, { broken: { cardStatus: noAnswer } }).begin('my card is blocked')
  assert.equal(talk.handOff?.because, 'the card system does not answer')
  assert.deepEqual(talk.tried, ['Look the cards up: the card system did not answer'])
  await talk.back()
  assert.equal(talk.ended?.resolved, false)
})

test('unblockCard: what the bank refuses, or does not answer, goes to a person', async () => {
  for (const broken of [noAnswer, { ok: true, output: { outcome: 'refused', why: 'suspectedFraud' } }] as const) {
    const { customer } = customerWith(oneCard)
    const talk = await new Talk('unblockCard', customer, { broken: { unblockCard: broken } }).begin('my card is blocked').then((talk) => talk.say('yes'))
    assert.equal(talk.handOff?.because, 'the card could not be unblocked')
    assert.match(talk.tried[0] ?? '', broken.ok ? /the bank refused it$/ : /the card system did not answer$/)
  }
})

test('unblockCard: no is no, a lost card stays off, an active one is said to be active', async () => {
  const blocked = customerWith(oneCard)
  const declined = await new Talk('unblockCard', blocked.customer).begin('card blocked').then((talk) => talk.say('no'))
  assert.deepEqual([declined.ended?.resolved, declined.called], [false, ['cardStatus']])
  for (const state of ['lost', 'active'] as const) {
    const { customer, cards } = customerWith((accounts) => accounts.cards.some((card) => card.state === state))
    const talk = await new Talk('unblockCard', customer)
      .begin('card blocked')
      .then((talk) => talk.say(String(cards.find((card) => card.state === state)?.last4)))
    assert.match(talk.last, state === 'lost' ? /was reported lost, and such a card stays off/ : /is active and not blocked\. It pays up to €[\d,]+\.00 a day/)
    assert.equal(talk.ended?.resolved, false)
  }
})

test('unblockCard: never mind changes nothing', async () => {
  const { customer } = customerWith(oneCard)
  const talk = await new Talk('unblockCard', customer).begin('card blocked').then((talk) => talk.say('never mind'))
  assert.equal(talk.ended?.canceled, true)
  assert.equal(bank().cards(customer)[0]?.state, 'blocked')
})

const onePending = ({ transfers }: Accounts): boolean => transfers.filter(({ state }) => state === 'pending').length === 1

test('traceTransfer: says where it waits and whether it is late, asks, and opens a trace', async () => {
  for (const late of [true, false]) {
    const { customer, transfers } = customerWith((accounts) => onePending(accounts) && (accounts.transfers[0]?.expectedOn as string) < today === late)
    const [transfer] = transfers
    assert.ok(transfer)
    const name = `${money(transfer.amount)} to ${transfer.payee}`
    const talk = await new Talk('traceTransfer', customer).begin('My transfer has not arrived')
    assert.match(talk.last, late ? /so it is late\. Shall I have that bank trace it\?$/ : /so it is not late yet\. Shall I have that bank trace it\?$/)
    assert.ok(talk.last.startsWith(`${name} has left us and waits at ${transfer.waitsAt}.`))
    assert.equal(bank().transfers(customer)[0]?.trace, null, 'it asks before it acts')
    await talk.say('yes, please')
    const trace = bank().transfers(customer)[0]?.trace
    assert.ok(trace)
    assert.ok(talk.last.startsWith(`The trace is open: ${trace.reference}. ${transfer.waitsAt} has until `))
    assert.match(talk.promised[0] ?? '', new RegExp(`answers trace ${trace.reference} by `))
    assert.equal(talk.ended?.resolved, true)
    const again = await new Talk('traceTransfer', customer).begin('where is my transfer now')
    assert.match(again.last, /is being traced already/)
    assert.deepEqual(again.called, ['transfersPending'])
  }
})

test('traceTransfer: with several it asks for the amount, and takes it without its cents', async () => {
  const { customer, transfers } = customerWith((accounts) => !onePending(accounts) && accounts.transfers[2]?.waitsAt !== ownCheck)
  const talk = await new Talk('traceTransfer', customer).begin('My transfer has not arrived')
  assert.match(talk.last, /^Which transfer is it\? Under way: €.* to .* and €.* to .*\. The amount will do\.$/)
  await talk.say('1 euro')
  assert.match(talk.last, /^No transfer under way has that amount\./)
  await talk.say(`${Math.trunc(transfers[2]?.amount as number)} euros`)
  assert.ok(talk.last.startsWith(`${money(transfers[2]?.amount as number)} to ${transfers[2]?.payee} has left us`))
})

test('traceTransfer: what our own check holds goes to a person', async () => {
  const { customer, transfers } = customerWith((accounts) => accounts.transfers[2]?.waitsAt === ownCheck)
  const talk = await new Talk('traceTransfer', customer).begin('My transfer has not arrived').then((talk) => talk.say(String(transfers[2]?.amount)))
  assert.deepEqual([talk.handOff?.queue, talk.handOff?.because], ['payments', 'our own check holds the transfer'])
  assert.equal(talk.handOff?.question, `Can ${money(transfers[2]?.amount as number)} to ${transfers[2]?.payee} be released?`)
})

test('traceTransfer: without a transfer under way it tells what came of the last one', async () => {
  const { customer, transfers } = customerWith(() => true)
  const over = { ...transfers[1], state: 'returned' }
  const broken = { transfersPending: { ok: true, output: { pending: [], latest: over } } } as const
  const talk = await new Talk('traceTransfer', customer, { broken }).begin('My transfer has not arrived')
  assert.match(talk.last, /^You have no transfer under way\. The last one, €.*, was returned and the money is back on your account/)
  assert.equal(talk.ended?.resolved, false)
})

test('fixTopUp: tries again, or sends the money back, as the customer says', async () => {
  for (const [answer, state, done] of [
    ['try again, please', 'done', /^Done: €[\d.]+ is on your account\.$/],
    ['send it back', 'refunded', /^Done: €[\d.]+ goes back to where it came from, within two working days\.$/],
  ] as const) {
    useBank(':memory:')
    const { customer } = customerWith(({ topUps }) => topUps.length === 2)
    const talk = await new Talk('fixTopUp', customer).begin('My top-up failed')
    assert.match(
      talk.last,
      /^Your top-up of €.* failed, because the bank it came from did not answer in time\. The money was collected\. Shall I try again or send it back\?$/,
    )
    assert.equal(bank().topUps(customer)[0]?.state, 'failed', 'it asks before it acts')
    await talk.say(answer)
    assert.match(talk.last, done)
    assert.equal(bank().topUps(customer)[0]?.state, state)
    assert.equal(talk.ended?.resolved, true)
  }
})

test('fixTopUp: who changes their mind while it is at work has what was done undone, and the other done', async () => {
  const { customer } = customerWith(({ topUps }) => topUps.length === 2)
  const talk = await new Talk('fixTopUp', customer, { slow: ['retryTopUp'] }).begin('My top-up failed').then((talk) => talk.say('try again'))
  await talk.say('no, send it back').then((talk) => talk.arrive())
  assert.deepEqual(talk.called.toSorted(), ['refundTopUp', 'retryTopUp', 'topUpStatus', 'undo retryTopUp'])
  assert.equal(bank().topUps(customer)[0]?.state, 'refunded')
  assert.match(talk.last, /goes back to where it came from/)
})

test('unblockCard: canceled while it is at work, the card is blocked again', async () => {
  const { customer, cards } = customerWith(oneCard)
  const talk = await new Talk('unblockCard', customer, { slow: ['unblockCard'] }).begin('card blocked').then((talk) => talk.say('yes'))
  await talk.say('never mind').then((talk) => talk.arrive())
  assert.deepEqual(talk.called, ['cardStatus', 'unblockCard', 'undo unblockCard'])
  assert.deepEqual(bank().cards(customer), cards)
})

test('fixTopUp: an expired card cannot be tried again, and nothing was taken', async () => {
  const { customer, topUps } = customerWith((accounts) => accounts.topUps[2]?.reason === 'cardExpired')
  const talk = await new Talk('fixTopUp', customer).begin('My top-up failed').then((talk) => talk.say(`${topUps[2]?.amount}`))
  assert.match(talk.last, /failed, because the card you used has expired\. Nothing was taken\./)
  assert.deepEqual([talk.ended?.resolved, talk.called], [false, ['topUpStatus']])
})

test('fixTopUp: money without a reference is sent back, or a person finds out whose it is', async () => {
  const { customer, topUps } = customerWith((accounts) => accounts.topUps[2]?.reason === 'noReference')
  const begun = async (): Promise<Talk> => new Talk('fixTopUp', customer).begin('My top-up failed').then((talk) => talk.say(`${topUps[2]?.amount}`))
  const kept = await begun().then((talk) => talk.say('no'))
  assert.equal(kept.handOff?.question, `Which account does the top-up of ${money(topUps[2]?.amount as number)} by bank transfer belong to?`)
  const returned = await begun().then((talk) => talk.say('yes'))
  assert.deepEqual(returned.called, ['topUpStatus', 'refundTopUp'])
})

test('fixTopUp: with none that failed it tells what came of the last one', async () => {
  const { customer } = customerWith(({ topUps }) => topUps.length === 2)
  await new Talk('fixTopUp', customer).begin('My top-up failed').then((talk) => talk.say('try again'))
  const again = await new Talk('fixTopUp', customer).begin('My top-up failed')
  assert.match(again.last, /^No top-up of yours has failed\. The last one, €.*, is on your account\.$/)
})

test('the flows are pure: loaded as the server loads them, with the clock out of reach, they say the same', async () => {
  const { definition } = await loadApp(fileURLToPath(new URL('../app.ts', import.meta.url)))
  const { customer } = customerWith((accounts) => oneCard(accounts) && onePending(accounts) && accounts.topUps.length === 2)
  for (const [flow, answer] of [
    ['unblockCard', 'yes'],
    ['traceTransfer', 'yes'],
    ['fixTopUp', 'try again'],
  ] as const) {
    const said: (readonly string[])[] = []
    for (const flows of [definition.flows, undefined]) {
      useBank(':memory:')
      const talk = await new Talk(flow, customer, flows === undefined ? {} : { flows }).begin('it failed').then((talk) => talk.say(answer))
      said.push(talk.said)
      assert.equal(talk.ended?.resolved, true)
    }
    assert.deepEqual(said[0], said[1])
  }
})

test('simulated customers bring every flow to an end, or to a person', async () => {
  const replies = harbourReplies('test')
  const ends = new Map<string, number>()
  for (const flow of ['unblockCard', 'traceTransfer', 'fixTopUp']) {
    for (let rank = 0; rank < 60; rank++) {
      const customer = `user:current-${1_000 + rank}`
      const talk = await new Talk(flow, customer).begin('it does not work')
      for (let turn = 0; turn < 10 && talk.ended === null && talk.handOff === null; turn++) {
        const reply = replies({ customer, conversation: `${flow} ${customer}`, from: 'bot', text: talk.last })
        assert.ok(reply, `${customer} has no answer to “${talk.last}”`)
        assert.ok(reply.afterMs > 1_000 && reply.text.length < 60)
        if (/person|human/.test(reply.text)) break
        await talk.say(reply.text)
      }
      const end = talk.ended?.resolved === true ? 'resolved' : talk.ended?.canceled === true ? 'canceled' : talk.ended === null ? 'person' : 'unresolved'
      ends.set(end, (ends.get(end) ?? 0) + 1)
    }
  }
  assert.ok((ends.get('resolved') ?? 0) > 120, `most are resolved: ${JSON.stringify([...ends])}`)
  assert.ok((ends.get('canceled') ?? 0) + (ends.get('unresolved') ?? 0) > 0, 'some change their mind')
})
