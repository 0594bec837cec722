/**
 * The floor on the real server: two colleagues and three customers, each in a browser of their own. After each act, what everybody
 * reads is what is kept, line for line; only a conversation's owner speaks in it. The acts follow one another.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { FeatureReply } from '../../src/client/index.ts'
import { leaseMs } from '../../src/route/index.ts'
import { violations } from './axe.ts'
import { noBrowser, suiteMsMax } from './browser.ts'
import { field, write } from './chat-page.ts'
import { accept, answers, askForPerson, Floor, hears, reply } from './floor-people.ts'
import type { Colleague, Customer } from './floor-people.ts'

/** The lease of a colleague who is gone, an offer that is answered, and a machine that is busy. */
const leaseEndsMsMax = 120_000

describe('the floor', { skip: noBrowser, timeout: suiteMsMax }, () => {
  let folder: string
  let floor: Floor
  let deskOne: Colleague
  let deskTwo: Colleague
  let third: Customer
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'battuta-floor-'))
    floor = await Floor.open(folder)
  })
  after(async () => {
    await floor.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('a bot resolves: it asks, acts at the bank, says so, and finds the card active when it is asked again', async () => {
    const customer = await floor.customer()
    const last4 = await answers(customer, 'My card is blocked. Can you unblock it?', /Shall I unblock it now\?$/)
    assert.equal(floor.isBlocked(last4), true)
    await answers(customer, 'Yes, please', /^Done: your debit card ··\d{4} is active again/)
    assert.equal(floor.isBlocked(last4), false)
    await answers(customer, 'My card is blocked. Can you unblock it?', /^Your debit card ··\d{4} is active and not blocked/)
    const { owner, epoch, packet } = await floor.allAgree(customer)
    assert.deepEqual({ owner, epoch, packet }, { owner: 'bot', epoch: 1, packet: null }, 'nobody else was needed')
  })

  test('a person takes over with everything said and done, is not talked over, and the bot goes on with what was agreed', async () => {
    const customer = await floor.customer()
    const { conversation } = customer
    deskOne = await floor.colleague('Cards desk 1')
    const last4 = await answers(customer, 'My card is blocked. Can you unblock it?', /Shall I unblock it now\?$/)
    await askForPerson(customer)
    await accept(deskOne)
    const packet = deskOne.page.getByRole('region', { name: 'Hand-off' })
    await packet.getByRole('heading', { name: 'Hand-off from bot unblockCard' }).waitFor()
    await packet.getByText('Wants to use the card again').waitFor()
    await packet.getByText(new RegExp(`^Card ··${last4} is blocked: `)).waitFor()
    await packet.getByText(/Shall I unblock it now\?$/).waitFor()
    await customer.page.getByText('A colleague joined and has read this conversation').waitFor()
    const { epoch, owner, worker } = await floor.allAgree(customer, deskOne)
    assert.deepEqual({ epoch, owner, worker }, { epoch: 3, owner: 'human', worker: deskOne.id })

    await reply(deskOne, 'I have read it all. Is the card in your hands?')
    await hears(customer, 'I have read it all. Is the card in your hands?')
    await write(customer.page, 'Yes, it is here on the table')
    await deskOne.page.getByText('Yes, it is here on the table').first().waitFor()
    assert.deepEqual(await violations(deskOne.page), [])
    assert.deepEqual(await violations(customer.page), [])

    const forced = 'the bot talks over its colleague'
    for (const [old, code] of [
      [1, 'STALE_EPOCH'],
      [2, 'STALE_EPOCH'],
      [epoch, 'NOT_OWNER'],
    ] as const) {
      const refused = await floor.request('POST', `/v1/conversations/${conversation}/messages`, { id: `forced-${old}`, epoch: old, text: forced })
      assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [409, code], `under epoch ${old}`)
    }
    // What comes later has come: what was refused would be there by now.
    await reply(deskOne, 'Then the assistant unblocks it right away.')
    await floor.allAgree(customer, deskOne)
    for (const { told } of [customer, deskOne]) assert.ok(!JSON.stringify(told).includes(forced), 'no page was told of it')

    await deskOne.page.getByRole('button', { name: 'Hand over' }).click()
    await deskOne.page.getByLabel('Back to the bot').check()
    await deskOne.page.getByLabel('Go ahead').selectOption({ label: 'yes' })
    await deskOne.page.getByLabel('What was agreed with the customer').fill('The card is unblocked at once')
    await deskOne.page.getByRole('region', { name: 'What the bot will know' }).getByText('It goes on with').waitFor()
    assert.deepEqual(await violations(deskOne.page), [])
    await deskOne.page.getByRole('button', { name: 'Give back' }).click()
    await customer.page.getByText('The assistant is back. It is an AI').waitFor()
    await hears(customer, /^Done: your debit card ··\d{4} is active again/)
    assert.equal(floor.isBlocked(last4), false)
    const back = await floor.allAgree(customer, deskOne)
    assert.deepEqual([back.owner, back.epoch, back.flow], ['bot', 4, null])
    assert.ok(!back.entries.slice(-3).some(({ text }) => text.includes('?')), 'what was agreed is not asked again')
    assert.deepEqual(
      back.packet?.agreed.map(({ text }) => text),
      ['The card is unblocked at once'],
    )
    await deskOne.page.getByRole('region', { name: 'Wrap up' }).getByRole('button', { name: 'Unblocked' }).click()
    await deskOne.page.getByRole('region', { name: 'Wrap up' }).waitFor({ state: 'detached' })
  })

  test('a colleague takes over from a colleague with all of it; the customer is told, and whoever had it can write no more', async () => {
    third = await floor.customer()
    await write(third.page, 'How do I change my PIN?')
    await hears(third, /PIN/)
    await askForPerson(third)
    await accept(deskOne)
    await reply(deskOne, 'I ask a colleague who knows this card.')
    await hears(third, 'I ask a colleague who knows this card.')
    const { epoch: old } = await floor.allAgree(third, deskOne)
    deskTwo = await floor.colleague('Cards desk 2')
    await deskOne.page.getByRole('button', { name: 'Hand over' }).click()
    await deskOne.page.getByLabel('To a colleague').check()
    await deskOne.page.getByLabel(/^Cards desk 2/).check()
    await deskOne.page.getByLabel('What was agreed with the customer').fill('We stay in this chat')
    await deskOne.page.locator('dialog').getByRole('button', { name: 'Hand over' }).click()
    await third.page.getByText('Another colleague takes over').waitFor()
    await accept(deskTwo)
    const packet = deskTwo.page.getByRole('region', { name: 'Hand-off' })
    await packet.getByText('Hand-off from Cards desk 1').waitFor()
    await packet.getByText('We stay in this chat').waitFor()
    await third.page.getByText('A colleague joined and has read this conversation').nth(1).waitFor()
    await deskOne.page.getByText('Cards desk 2 has this conversation.', { exact: false }).first().waitFor()
    assert.ok(await deskOne.page.getByRole('button', { name: 'Reply on chat' }).isDisabled())
    for (const [epoch, code] of [
      [old, 'STALE_EPOCH'],
      [old + 2, 'FORBIDDEN'],
    ] as const)
      assert.equal(await floor.refusalAs(deskOne, third.conversation, { id: `late-${epoch}`, epoch, text: 'one more thing from me' }), code)
    await reply(deskTwo, 'I know this card. It is a matter of a minute.')
    const kept = await floor.allAgree(third, deskOne, deskTwo)
    assert.deepEqual([kept.worker, kept.epoch], [deskTwo.id, old + 2])
  })

  test('a reload in mid-sentence, on both sides, costs no word and repeats none', async () => {
    await field(third.page).fill('And while we are at i')
    await deskTwo.page.getByLabel('Write to the customer').fill('Please open the ap')
    await Promise.all([third.page.reload(), deskTwo.page.reload()])
    await deskTwo.page.getByRole('button', { name: 'Reply on chat' }).waitFor()
    await field(third.page).waitFor()
    assert.equal(await field(third.page).inputValue(), 'And while we are at i')
    assert.equal(await deskTwo.page.getByLabel('Write to the customer').inputValue(), 'Please open the ap')
    await floor.allAgree(third, deskOne, deskTwo)
    await write(third.page, 'And while we are at it, thank you')
    await reply(deskTwo, 'Please open the app under Cards.')
    await hears(third, 'Please open the app under Cards.')
    await deskTwo.page.getByText('And while we are at it, thank you').first().waitFor()
    const { entries } = await floor.allAgree(third, deskOne, deskTwo)
    for (const text of ['And while we are at it, thank you', 'Please open the app under Cards.'])
      assert.equal(entries.filter((entry) => entry.text === text).length, 1)
    assert.equal(await deskTwo.page.getByLabel('Write to the customer').inputValue(), '')
  })

  test('a desk that is gone in mid-conversation: after its lease a colleague has it, with all of it, and nobody talks over anybody', async () => {
    const goneAt = Date.now()
    await deskTwo.page.context().close()
    await write(third.page, 'I am there. What now?')
    await third.page.locator('.mine-sent').getByText('I am there. What now?').waitFor()
    assert.equal((await floor.kept(third.conversation)).worker, deskTwo.id, 'whoever comes back within the lease goes on')
    await third.page.getByText('Your colleague lost the connection').waitFor({ timeout: leaseEndsMsMax })
    await accept(deskOne)
    const packet = deskOne.page.getByRole('region', { name: 'Hand-off' })
    await packet.getByText('Hand-off from Cards desk 2').waitFor()
    await packet.getByText('a colleague lost the connection', { exact: false }).waitFor()
    await packet.getByText('We stay in this chat').waitFor()
    await third.page.getByText('A colleague joined and has read this conversation').nth(2).waitFor()
    await reply(deskOne, 'Now choose PIN, and show it.')
    await hears(third, 'Now choose PIN, and show it.')
    const { customer, entries, worker, owner, status } = await floor.allAgree(third, deskOne)
    assert.deepEqual({ owner, worker, status }, { owner: 'human', worker: deskOne.id, status: 'open' })
    const { features } = (await (await floor.request('GET', `/v1/customers/${customer}/features`)).json()) as { features: Record<string, FeatureReply> }
    const messages = deskOne.page.getByRole('complementary', { name: 'Context' }).getByRole('row', { name: /^Messages, 1 h/ })
    await messages.getByText(String(features['messages1h']?.value), { exact: true }).waitFor()
    const notices = entries.flatMap(({ notice }) => notice?.kind ?? [])
    assert.deepEqual(notices, ['waiting', 'joined', 'transferred', 'joined', 'lost', 'joined'])
    const lost = entries.findIndex(({ notice }) => notice?.kind === 'lost')
    assert.equal(entries[lost - 1]?.text, 'I am there. What now?', 'until then nobody but the customer spoke')
    assert.ok((entries[lost]?.at ?? 0) >= goneAt + leaseMs, 'the lease is kept to its end')
    assert.deepEqual(await violations(deskOne.page), [])
    assert.deepEqual(await violations(third.page), [])
  })

  test('no page complained of anything', () => {
    assert.deepEqual(floor.complaints, [])
  })
})
