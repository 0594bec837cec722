/** The desk when something goes: the connection, the conversation, the session. No word is lost, none is said twice or by the wrong person. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { noBrowser, suiteMsMax } from './browser.ts'
import { colleague, field, live, me, openDeskStage, openOwn } from './desk-page.ts'
import type { DeskStage } from './desk-page.ts'
import { password } from './fixture-desk-data.ts'

describe('desk, when something goes', { skip: noBrowser, timeout: suiteMsMax }, () => {
  let stage: DeskStage
  before(async () => {
    stage = await openDeskStage()
  })
  after(() => stage[Symbol.asyncDispose]())
  beforeEach(() => stage.desk.reset())

  const lines = (page: Page): Promise<string[]> => page.locator('.line-text > p').allTextContents()

  test('a connection lost in mid-sentence loses no word and repeats none, and says all the while how it stands', async () => {
    const { desk } = stage
    const { page } = await openOwn(stage)
    desk.loseAccepted = true
    await field(page).fill('First words')
    await page.keyboard.press('Enter')
    await page.getByText(/not live since \d\d:\d\d:\d\d/).waitFor()
    await page
      .locator('.desk-strip')
      .getByText(/next try|Trying now/)
      .waitFor()
    desk.up = false
    desk.cut()
    await field(page).fill('Second words, in the tunnel')
    await page.keyboard.press('Enter')
    await page.getByText('Waits for the connection').last().waitFor()
    await field(page).fill('half a senten')
    desk.loseAccepted = false
    desk.up = true
    await page.reload()
    await live(page)
    await page.waitForFunction(() => document.querySelectorAll('.line-unsent').length === 0)
    assert.equal(await field(page).inputValue(), 'half a senten', 'the draft outlives the page')
    const said = await lines(page)
    for (const text of ['First words', 'Second words, in the tunnel']) assert.equal(said.filter((line) => line === text).length, 1, text)
    assert.deepEqual(
      desk.held
        .get('con_4821')
        ?.entries.slice(-2)
        .map(({ text }) => text),
      ['First words', 'Second words, in the tunnel'],
    )
    await page.context().close()
  })

  test('without a connection an offer waits, dimmed, with the reason; a person need not wait for the countdown', async () => {
    const { desk } = stage
    const { page } = await openOwn(stage)
    desk.offer('con_0937', me, 60_000)
    const accept = page.getByRole('button', { name: 'Accept' })
    await accept.waitFor()
    desk.up = false
    desk.cut()
    await page.getByText('An offer cannot be accepted without a connection.').waitFor()
    assert.ok(await accept.isDisabled())
    assert.notEqual(
      await page
        .locator('.inbox-row b')
        .first()
        .evaluate((row) => getComputedStyle(row).color),
      await page.locator('.desk-brand').evaluate((brand) => getComputedStyle(brand).color),
    )
    await page.getByRole('button', { name: 'Hand over' }).click()
    await page.getByText('It cannot be handed over without a connection.').waitFor()
    await page.keyboard.press('Escape')
    // By then the next try is far enough off to be cut short.
    await page.waitForFunction(() => /(?:[3-9]|1\d) s to next try/.test(document.querySelector('.desk-strip')?.textContent ?? ''))
    desk.up = true
    await page.getByRole('button', { name: 'Try again now' }).click()
    await live(page)
    await accept.click()
    await page.getByText('You took over, epoch 3').waitFor()
    await page.context().close()
  })

  test('what was written under an epoch that is over is refused, its words are kept, and go back into the field', async () => {
    const { desk } = stage
    const { page } = await openOwn(stage)
    desk.seize('con_4821', colleague, true)
    await field(page).fill('It starts now.')
    await page.keyboard.press('Enter')
    const refused = page.locator('.line-refused')
    await refused.getByText('Somebody else has this conversation now; nothing was sent.').waitFor()
    await page.getByText('Cards desk 2 has it').waitFor()
    assert.ok(!desk.held.get('con_4821')?.entries.some(({ text }) => text === 'It starts now.'))
    await page.reload()
    await refused.getByText('It starts now.').waitFor()
    desk.seize('con_4821', me)
    await page.locator('[data-compose="reply"]:enabled').waitFor()
    await refused.getByRole('button', { name: 'Back into the field' }).click()
    await page.waitForFunction(() => document.querySelector<HTMLTextAreaElement>('.composer textarea')?.value === 'It starts now.')
    await page.keyboard.press('Escape')
    await page.keyboard.press('r')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelectorAll('.line-unsent').length === 0)
    assert.equal(desk.held.get('con_4821')?.entries.at(-1)?.text, 'It starts now.')
    await page.context().close()
  })

  test('what waited for a connection is not said by whoever no longer has the conversation', async () => {
    const { desk } = stage
    const { page } = await openOwn(stage)
    desk.up = false
    desk.cut()
    await page.locator('.desk-strip').waitFor()
    await field(page).fill('Still mine?')
    await page.keyboard.press('Enter')
    desk.seize('con_4821', colleague, true)
    desk.up = true
    await page.locator('.line-refused').getByText('Somebody else has this conversation now; nothing was sent.').waitFor({ timeout: 20_000 })
    assert.equal(desk.heardOf('message').at(-1)?.epoch, 7)
    assert.ok(!desk.held.get('con_4821')?.entries.some(({ text }) => text === 'Still mine?'))
    await page.context().close()
  })

  test('name and password, or a link, open the desk; a session that ends keeps the draft; signing out keeps nothing', async () => {
    const { desk } = stage
    const { page } = await stage.open('/desk?conversation=con_4821', { as: null })
    await page.getByLabel('Name').fill('Cards desk 1')
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('CREDENTIALS_INVALID').waitFor()
    await page.getByLabel('Password').fill(password)
    await page.keyboard.press('Enter')
    await field(page).fill('not yet said')
    desk.endSessions()
    await page.getByRole('heading', { name: 'Your session has ended.' }).waitFor()
    await page.getByLabel('Name').fill('Cards desk 1')
    await page.getByLabel('Password').fill(password)
    await page.keyboard.press('Enter')
    await field(page).waitFor()
    assert.equal(await field(page).inputValue(), 'not yet said')
    await page.getByRole('button', { name: /^Available ?,/ }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in to the desk.' }).waitFor()
    assert.equal(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('battuta-desk')).length), 0)
    await page.context().close()
    const linked = await stage.open('/desk#code=good-code', { as: null })
    await linked.page.locator('.inbox-row').first().waitFor()
    assert.equal(new URL(linked.page.url()).hash, '')
    await linked.page.context().close()
  })
})
