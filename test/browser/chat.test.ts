/** The customer's side: a connection that breaks neither loses nor repeats anything, and always says how things stand. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { violations } from './axe.ts'
import { noBrowser, openStage, suiteMsMax } from './browser.ts'
import type { Stage } from './browser.ts'

describe('chat', { skip: noBrowser, timeout: suiteMsMax }, () => {
  let stage: Stage
  before(async () => {
    stage = await openStage()
  })
  after(() => stage[Symbol.asyncDispose]())
  beforeEach(() => {
    const { chat } = stage.fixture
    Object.assign(chat, { up: true, loseAccepted: false, repeat: false, refusedText: null })
    chat.said.length = 0
  })

  const write = async (page: Page, text: string) => {
    await page.getByLabel('Write a message').fill(text)
    await page.keyboard.press('Enter')
  }
  const bubbles = (page: Page) => page.locator('.bubble').evaluateAll((all) => all.map((bubble) => bubble.textContent?.replace('You: ', '')))
  const open = async () => {
    const opened = await stage.open('/demo', { signedIn: false })
    await opened.page.getByText('Assistant, AI, answers at once').waitFor()
    return opened.page
  }

  test('the first line says that it is an AI, and every answer does again', async () => {
    const page = await open()
    assert.match((await page.getByRole('log').textContent()) ?? '', /^You are chatting with an assistant\. It is an AI\./)
    await write(page, 'Hello')
    await page.getByText('You said: Hello').waitFor()
    assert.equal(await page.locator('.chat-theirs .chat-by').textContent(), ' Assistant, AI')
    await page.getByText('Delivered').waitFor()
    await page.context().close()
  })

  test('what is written without a connection waits, is sent once, and what was said meanwhile arrives once', async () => {
    const page = await open()
    await write(page, 'one')
    await page.getByText('You said: one').waitFor()
    stage.fixture.chat.up = false
    stage.fixture.chat.cut()
    await page.getByText('No connection.', { exact: false }).first().waitFor()
    await write(page, 'two')
    await page.getByText('Waits for the connection').waitFor()
    stage.fixture.chat.say('agent', 'meanwhile')
    stage.fixture.chat.up = true
    stage.fixture.chat.repeat = true
    await page.getByText('You said: two').waitFor({ timeout: 20_000 })
    assert.deepEqual(await bubbles(page), ['one', 'You said: one', 'meanwhile', 'two', 'You said: two'])
    assert.deepEqual(
      stage.fixture.chat.said.filter(({ from }) => from === 'customer').map(({ text }) => text),
      ['one', 'two'],
    )
    await page.context().close()
  })

  test('a lost acknowledgement is no lost message and no second one', async () => {
    const page = await open()
    stage.fixture.chat.loseAccepted = true
    await write(page, 'once')
    await page.getByText('You said: once').waitFor({ timeout: 20_000 })
    stage.fixture.chat.loseAccepted = false
    await page.getByText('Delivered').waitFor({ timeout: 20_000 })
    assert.deepEqual(await bubbles(page), ['once', 'You said: once'])
    assert.equal(stage.fixture.chat.said.length, 2)
    await page.context().close()
  })

  test('a reload shows the whole conversation again and still sends what waited', async () => {
    const page = await open()
    await write(page, 'before')
    await page.getByText('You said: before').waitFor()
    stage.fixture.chat.up = false
    stage.fixture.chat.cut()
    await page.getByText('Trying again in', { exact: false }).waitFor()
    await write(page, 'kept')
    await page.getByText('Waits for the connection').waitFor()
    stage.fixture.chat.up = true
    await page.reload()
    await page.getByText('You said: kept').waitFor({ timeout: 20_000 })
    assert.deepEqual(await bubbles(page), ['before', 'You said: before', 'kept', 'You said: kept'])
    await page.context().close()
  })

  test('a refused message says why and is the customer’s again', async () => {
    stage.fixture.chat.refusedText = 'too long'
    const page = await open()
    await write(page, 'too long')
    await page.getByText('Not sent: The text is longer than 4,000 characters.', { exact: false }).waitFor()
    assert.deepEqual(await violations(page), [])
    stage.fixture.chat.refusedText = null
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('You said: too long').waitFor()
    assert.deepEqual(await bubbles(page), ['too long', 'You said: too long'])
    await page.context().close()
  })

  test('without a connection the page is as accessible as with one', async () => {
    const page = await open()
    stage.fixture.chat.up = false
    stage.fixture.chat.cut()
    await write(page, 'waits')
    await page.getByText('Waits for the connection').waitFor()
    assert.deepEqual(await violations(page), [])
    await page.context().close()
  })

  test('on a phone the field is 16 px, so that it does not zoom, and every button can be touched', async () => {
    const { page } = await stage.open('/demo', { width: 360, signedIn: false })
    await page.getByText('Assistant, AI, answers at once').waitFor()
    const size = await page.getByLabel('Write a message').evaluate((field) => parseFloat(getComputedStyle(field).fontSize))
    assert.ok(size >= 16)
    const box = await page.getByRole('button', { name: 'Send' }).boundingBox()
    assert.ok(box && box.width >= 44 && box.height >= 44)
    await page.context().close()
  })
})
