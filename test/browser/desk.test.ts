/** The desk as people use it: from the offer to the end, and with colleagues. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { noBrowser, suiteMsMax } from './browser.ts'
import { colleague, field, me, openDeskStage, openOwn } from './desk-page.ts'
import type { DeskStage } from './desk-page.ts'
import type { FixtureDesk } from './fixture-desk.ts'

/** One reply of two lines, seen by the customer, and one note. */
async function replyAndNote(page: Page, desk: FixtureDesk): Promise<void> {
  await page.keyboard.press('r')
  await page.keyboard.type('I have it, one moment.')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('The recall is under way.')
  await page.keyboard.press('Enter')
  await page.locator('.line-human .line-state').waitFor()
  assert.equal(await field(page).inputValue(), '')
  const sent = desk.heardOf('message')[0]
  assert.deepEqual([sent?.text, sent?.epoch], ['I have it, one moment.\nThe recall is under way.', 3])
  desk.customerSaw('con_0937', 99)
  await page.locator('.line-state').getByText('seen').waitFor()

  await page.getByRole('button', { name: 'Note', exact: true }).click()
  await field(page).fill('Supplier called back, agrees.')
  await page.keyboard.press('Enter')
  await page
    .getByRole('article', { name: /^Note by You/ })
    .getByText('Only colleagues read this.')
    .waitFor()
  assert.equal(desk.heardOf('note')[0]?.text, 'Supplier called back, agrees.')
}

describe('desk', { skip: noBrowser, timeout: suiteMsMax }, () => {
  let stage: DeskStage
  before(async () => {
    stage = await openDeskStage()
  })
  after(() => stage[Symbol.asyncDispose]())
  beforeEach(() => stage.desk.reset())

  test('from the offer to the end: accept, packet first, reply, note, give back with what was agreed, wrap up, resolve', async () => {
    const { desk } = stage
    const { page, complaints } = await stage.open('/desk')
    await page.getByText('You: I will send the letter tonight.').waitFor()
    const reservation = desk.offer('con_0937', me)
    const card = page.getByRole('region', { name: 'Offer: business ··0937' })
    await card.getByText('disputes, priority 6').waitFor()
    await card.getByText('because this is the first dispute above €10,000').waitFor()
    assert.match((await page.locator('[aria-live="assertive"]').textContent()) ?? '', /^Offer for you: business ··0937, disputes\./)
    await card.getByRole('button', { name: 'Accept' }).click()

    const packet = page.getByRole('region', { name: 'Hand-off' })
    await packet.getByText('Wants the second of two supplier payments back, €12,400 each.').waitFor()
    await packet.getByText(/^verified, transfer booked \d\d:\d\d$/).waitFor()
    assert.equal(await packet.getByRole('link', { name: 'why, in the console' }).getAttribute('href'), '/decisions/dec_01JD4M70000')
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Hand-off')
    await page.getByText('You took over, epoch 3').waitFor()
    assert.deepEqual(
      desk.heardOf('accept').map((frame) => frame.reservation),
      [reservation],
    )

    await replyAndNote(page, desk)

    await page.getByRole('button', { name: 'Hand over' }).click()
    await page.getByLabel('Back to the bot').check()
    await page.getByLabel('What was agreed with the customer').fill('The money is back on Friday\nNo fee')
    const preview = page.getByRole('region', { name: 'What the bot will know' })
    assert.deepEqual(await preview.locator('li b').allTextContents(), ['The money is back on Friday', 'No fee'])
    await page.getByRole('button', { name: 'Give back' }).click()
    await page.locator('dialog').waitFor({ state: 'detached' })
    assert.deepEqual(desk.heardOf('handoff')[0], {
      ...desk.heardOf('handoff')[0],
      epoch: 3,
      to: { kind: 'bot' },
      agreed: ['The money is back on Friday', 'No fee'],
    })
    await page.getByText('Back with the bot, epoch 4').waitFor()
    await page.getByText('The bot has this conversation.').first().waitFor()
    assert.ok(await page.getByRole('button', { name: 'Reply on chat' }).isDisabled())

    const wrapUp = page.getByRole('region', { name: 'Wrap up' })
    await wrapUp.getByText(/^0:\d\d$/).waitFor()
    await wrapUp.getByRole('button', { name: 'Refunded' }).click()
    await wrapUp.waitFor({ state: 'detached' })
    assert.equal(desk.heardOf('complete')[0]?.wrapUpCode, 'refunded')

    await page.getByRole('link', { name: /current ··4821/ }).click()
    await page.getByRole('button', { name: 'Resolve' }).click()
    await page.getByLabel('Solved').check()
    await page.locator('dialog').getByRole('button', { name: 'Resolve' }).click()
    await page.getByText('This conversation is resolved.', { exact: false }).waitFor()
    assert.deepEqual(
      desk.heardOf('resolve').map(({ epoch, wrapUpCode }) => [epoch, wrapUpCode]),
      [[7, 'solved']],
    )
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('a typed form says what the bot goes on with', async () => {
    const { desk } = stage
    const { page } = await openOwn(stage)
    await field(page).blur()
    await page.keyboard.press('b')
    assert.equal(await page.getByLabel('Card number').inputValue(), '4821')
    await page.getByLabel('New limit').fill('1500')
    await page.getByLabel('Start it now').selectOption({ label: 'yes' })
    await page.getByRole('region', { name: 'What the bot will know' }).getByText('start it now: yes').waitFor()
    await page.getByRole('button', { name: 'Give back' }).click()
    await page.locator('dialog').waitFor({ state: 'detached' })
    assert.deepEqual(desk.heardOf('handoff')[0]?.to, { kind: 'bot', flow: 'unblockCard', slots: { last4: '4821', where: 'till', limit: 1500, confirm: true } })
    await page.context().close()
  })

  test('a colleague gets it by a hand-over, with who gave it and what was agreed, and both desks tell who has it', async () => {
    const { desk } = stage
    const { page } = await openOwn(stage)
    const theirs = await stage.open('/desk', { as: colleague })
    await theirs.page.getByText('No conversation is yours.').waitFor()
    await page.getByRole('button', { name: 'Hand over' }).click()
    await page.getByLabel('To a colleague').check()
    await page.getByText('available, 0 of 3 places taken').waitFor()
    assert.ok(await page.getByLabel(/^Floor lead/).isDisabled(), 'whoever is offline cannot be chosen')
    await page.getByLabel(/^Cards desk 2/).check()
    await page.getByLabel('What was agreed with the customer').fill('We call before six')
    await page.getByRole('textbox', { name: 'Why' }).fill('knows the limits team')
    await page.locator('dialog').getByRole('button', { name: 'Hand over' }).click()
    await theirs.page.getByRole('region', { name: 'Offer: current ··4821' }).waitFor()
    await theirs.page.keyboard.press('a')
    const packet = theirs.page.getByRole('region', { name: 'Hand-off' })
    await packet.getByText('Hand-off from Cards desk 1').waitFor()
    await packet.getByText('We call before six').waitFor()
    await packet.getByText('because knows the limits team').waitFor()
    await theirs.page.getByText('You took over from Cards desk 1, epoch 9').waitFor()
    await page.getByText('Cards desk 2 has it').waitFor()
    await page.getByText('Cards desk 2 took over from you, epoch 9').waitFor()
    assert.equal(desk.heardOf('handoff')[0]?.because, 'knows the limits team')
    await Promise.all([page.context().close(), theirs.page.context().close()])
  })

  test('an offer that somebody else took says so for three seconds, and can be accepted no more', async () => {
    const { page } = await stage.open('/desk')
    await page.locator('.inbox-row').first().waitFor()
    const reservation = stage.desk.offer('con_0937', me)
    const card = page.getByRole('region', { name: 'Offer: business ··0937' })
    await card.waitFor()
    stage.desk.rescind(reservation, 'taken')
    await card.getByText('Taken by someone else').waitFor()
    assert.equal(await card.getByRole('button').count(), 0)
    await card.waitFor({ state: 'detached' })
    assert.equal(stage.desk.heardOf('accept').length, 0)
    await page.context().close()
  })

  test('an offer that is gone when it is accepted opens nothing', async () => {
    const { page } = await stage.open('/desk')
    await page.locator('.inbox-row').first().waitFor()
    stage.desk.offer('con_0937', me)
    await page.getByRole('button', { name: 'Accept' }).waitFor()
    stage.desk.forgetOffers()
    await page.keyboard.press('Alt+a')
    await page.getByText('Taken by someone else').waitFor()
    assert.equal(new URL(page.url()).search, '')
    await page.context().close()
  })

  test('files go up beside a message and are links with type and size; what is refused says why', async () => {
    const { desk } = stage
    const { page } = await openOwn(stage)
    const picker = page.locator('.composer input[type=file]')
    await picker.setInputFiles([
      { name: 'statement.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 statement') },
      { name: 'sheet.xls', mimeType: 'application/vnd.ms-excel', buffer: Buffer.from('x') },
    ])
    await page.getByText('images, PDF and plain text are taken', { exact: false }).waitFor()
    await page.getByRole('button', { name: 'Leave out sheet.xls' }).click()
    await field(page).fill('Your statement')
    await page.keyboard.press('Enter')
    const link = page.locator('.attached a')
    await link.getByText('application/pdf, 18 B').waitFor()
    assert.equal(await link.getAttribute('download'), 'statement.pdf')
    assert.equal(desk.heardOf('message')[0]?.attachments?.length, 1)
    assert.equal((await page.request.get((await link.getAttribute('href')) ?? '')).status(), 200)
    await page.context().close()
  })

  test('the context lives: values with their age, what is missing says why, the course, the channels', async () => {
    const { desk } = stage
    const { page } = await openOwn(stage)
    const context = page.getByRole('complementary', { name: 'Context' })
    await context.getByText('known for 9 years').waitFor()
    await context.getByText('too old').waitFor()
    await context.getByText('not known').waitFor()
    assert.equal(
      await context
        .getByRole('row', { name: /Declines, 5 min/ })
        .locator('b')
        .textContent(),
      '3',
    )
    desk.setFeature('con_4821', 'declines5m', 4)
    desk.setFeature('con_4821', 'declines5m', 5)
    await context
      .getByRole('row', { name: /Declines, 5 min/ })
      .getByText('5', { exact: true })
      .waitFor()
    assert.equal(await context.locator('.spark').count(), 1, 'a course is drawn of what was seen, of nothing else')
    assert.equal(await context.locator('.emotion-note').count(), 10)
    assert.equal(await context.locator('.emotion-joined').count(), 1)
    await context.getByText('This conversation, 2 messages').waitFor()
    await context.getByText('IBAN_CODE sealed').waitFor()
    await context.getByText('Asked about travel insurance').waitFor()
    await page.context().close()
  })

  test('a supervisor sees all, and hands over what somebody else has; a desk has no such list', async () => {
    const { desk } = stage
    const { page } = await stage.open('/desk?list=all', { as: 'person:lead' })
    await page.getByRole('link', { name: /current ··6412/ }).click()
    await page.getByText('The bot has this conversation.', { exact: false }).first().waitFor()
    await page.getByRole('button', { name: 'Hand over' }).click()
    await page.getByLabel(/^disputes/).check()
    await page.locator('dialog').getByRole('button', { name: 'Hand over' }).click()
    await page.locator('dialog').waitFor({ state: 'detached' })
    assert.deepEqual(desk.heardOf('handoff')[0]?.to, { kind: 'queue', queue: 'disputes' })
    await page.context().close()
    const own = await openOwn(stage)
    assert.equal(await own.page.getByRole('link', { name: 'All', exact: true }).count(), 0)
    await own.page.context().close()
  })
})
