/** The customer's side: a connection that breaks neither loses nor repeats anything, and always says how things stand. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { violations } from './axe.ts'
import { noBrowser, openStage, suiteMsMax } from './browser.ts'
import type { Stage } from './browser.ts'
import { bubbles, field, openChat, until, write } from './chat-page.ts'

describe('chat', { skip: noBrowser, timeout: suiteMsMax }, () => {
  let stage: Stage
  before(async () => {
    stage = await openStage()
  })
  after(() => stage[Symbol.asyncDispose]())
  beforeEach(() => stage.fixture.chat.reset())

  const open = async (): Promise<Page> => {
    const { page } = await stage.open('/demo', { signedIn: false })
    await openChat(page)
    return page
  }
  const said = (): string[] => stage.fixture.chat.said.filter(({ from }) => from === 'customer').map(({ text }) => text)
  const breakLine = async (page: Page): Promise<void> => {
    stage.fixture.chat.up = false
    stage.fixture.chat.cut()
    await page.getByText('No connection.', { exact: false }).first().waitFor()
  }

  test('the first line says that it is an AI, the header does, and every answer does again', async () => {
    const page = await open()
    assert.match((await page.getByRole('region', { name: 'Conversation' }).textContent()) ?? '', /^You are chatting with an assistant\. It is an AI\./)
    assert.equal((await page.locator('.head .presence').textContent())?.trim(), 'Assistant, AI, answers at once')
    await write(page, 'Hello')
    await page.getByText('You said: Hello').waitFor()
    assert.equal((await page.locator('.theirs .by').textContent())?.trim(), 'Assistant, AI')
    await page.getByText('Delivered').waitFor()
    await page.context().close()
  })

  test('nobody who does not open it is connected, and somebody who talked before is', async () => {
    const { page } = await stage.open('/demo', { signedIn: false })
    await page.locator('.launcher').waitFor()
    assert.deepEqual([stage.fixture.chat.sessions.length, stage.fixture.chat.sockets], [0, 0])
    await openChat(page)
    await write(page, 'Hello')
    await page.getByText('You said: Hello').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.reload()
    await until(() => stage.fixture.chat.sockets === 1, 'the page connects again')
    assert.equal(stage.fixture.chat.sessions.length, 1, 'with the token it has')
    await page.context().close()
  })

  test('what is written without a connection waits, is sent once, and what was said meanwhile arrives once', async () => {
    const page = await open()
    await write(page, 'one')
    await page.getByText('You said: one').waitFor()
    await breakLine(page)
    await write(page, 'two')
    await page.getByText('Waits for the connection').waitFor()
    stage.fixture.chat.say('agent', 'meanwhile')
    stage.fixture.chat.up = true
    stage.fixture.chat.repeat = true
    await page.getByText('You said: two').waitFor({ timeout: 20_000 })
    assert.deepEqual(await bubbles(page), ['one', 'You said: one', 'meanwhile', 'two', 'You said: two'])
    assert.deepEqual(said(), ['one', 'two'])
    await page.context().close()
  })

  test('a browser that goes offline says so at once, and comes back by itself', async () => {
    const page = await open()
    await write(page, 'one')
    await page.getByText('You said: one').waitFor()
    await page.context().setOffline(true)
    await page.getByText('No connection.', { exact: false }).first().waitFor()
    await write(page, 'two')
    await page.getByText('Waits for the connection').waitFor()
    await page.context().setOffline(false)
    await page.getByText('You said: two').waitFor({ timeout: 20_000 })
    assert.deepEqual(await bubbles(page), ['one', 'You said: one', 'two', 'You said: two'])
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

  test('a reload in mid-sentence keeps the sentence, what waited, and the whole conversation', async () => {
    const page = await open()
    await write(page, 'before')
    await page.getByText('You said: before').waitFor()
    await breakLine(page)
    await write(page, 'kept')
    await page.getByText('Waits for the connection').waitFor()
    await field(page).fill('and I was about to s')
    stage.fixture.chat.up = true
    await page.reload()
    await page.getByText('You said: kept').waitFor({ timeout: 20_000 })
    assert.equal(await field(page).inputValue(), 'and I was about to s')
    assert.deepEqual(await bubbles(page), ['before', 'You said: before', 'kept', 'You said: kept'])
    assert.deepEqual(said(), ['before', 'kept'])
    await page.context().close()
  })

  test('two tabs of one customer are one conversation: each message stands in both, once', async () => {
    const first = await open()
    await write(first, 'from the first')
    await first.getByText('You said: from the first').waitFor()
    const second = await first.context().newPage()
    await second.goto(`${stage.fixture.url}/demo`)
    await openChat(second)
    await second.getByText('You said: from the first').waitFor()
    await write(second, 'from the second')
    for (const page of [first, second]) {
      await page.getByText('You said: from the second').waitFor()
      assert.deepEqual(await bubbles(page), ['from the first', 'You said: from the first', 'from the second', 'You said: from the second'])
    }
    assert.equal(stage.fixture.chat.sessions.length, 1, 'on one token')
    await first.context().close()
  })

  test('what one tab could not send is sent by another when the first is closed', async () => {
    const first = await open()
    await write(first, 'hello')
    await first.getByText('You said: hello').waitFor()
    await breakLine(first)
    await write(first, 'left behind')
    await first.getByText('Waits for the connection').waitFor()
    const second = await first.context().newPage()
    await first.close()
    stage.fixture.chat.up = true
    await second.goto(`${stage.fixture.url}/demo`)
    await until(() => said().includes('left behind'), 'the second tab sends it')
    assert.deepEqual(said(), ['hello', 'left behind'])
    await second.context().close()
  })

  test('without storage, as in some private windows, everything but a reload works', async () => {
    const { page } = await stage.open('/healthz', { signedIn: false })
    await page.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage']) {
        Object.defineProperty(window, name, {
          get: () => {
            throw new DOMException('The operation is insecure.', 'SecurityError')
          },
        })
      }
    })
    await page.goto(`${stage.fixture.url}/demo`)
    await openChat(page)
    await write(page, 'private')
    await page.getByText('You said: private').waitFor()
    stage.fixture.chat.cut()
    await write(page, 'still here')
    await page.getByText('You said: still here').waitFor({ timeout: 20_000 })
    assert.deepEqual(await bubbles(page), ['private', 'You said: private', 'still here', 'You said: still here'])
    assert.equal(stage.fixture.chat.sessions.length, 1, 'on the token it had')
    await page.context().close()
  })

  test('a colleague joins beside a bar line, is named by their team, and the bot comes back as one', async () => {
    const page = await open()
    const { chat } = stage.fixture
    chat.answers = false
    await page.getByRole('button', { name: 'A person, please' }).click()
    await page.getByText('Sent', { exact: true }).waitFor()
    assert.deepEqual(said(), ['A person, please'])
    chat.notice('waiting', 'Cards team')
    chat.owner(null, 'Cards team')
    await page.getByText('A person will answer here').waitFor()
    assert.match((await page.locator('.told-frame').textContent()) ?? '', /^A person takes over Cards team, \d\d:\d\d\. They get everything above/)
    assert.equal(await page.getByText('Sent', { exact: true }).count(), 1, 'a notice has answered nobody')
    chat.join('Cards team')
    await page.getByText('A person answers here').waitFor()
    assert.match(
      (await page.locator('.bar-line').textContent()) ?? '',
      /^A colleague joined and has read this conversation Cards team, a person, \d\d:\d\d\. You need not repeat anything\./,
    )
    assert.equal((await page.locator('.head .presence').textContent())?.trim(), 'A person is with you')
    await page.getByText(/Seen \d\d:\d\d/).waitFor()
    chat.say('human', 'I have read it.')
    assert.equal((await page.locator('.by').last().textContent())?.trim(), 'Colleague, Cards team')
    chat.notice('returned')
    chat.owner('bot')
    await page.getByText('The assistant is back. It is an AI').waitFor()
    await page.getByRole('button', { name: 'A person, please' }).waitFor()
    assert.deepEqual(await violations(page), [])
    await page.context().close()
  })

  test('typing shows for who has the conversation, under their name, and for nobody of an earlier epoch', async () => {
    const page = await open()
    const { chat } = stage.fixture
    await write(page, 'hello')
    await page.getByText('You said: hello').waitFor()
    chat.typing('bot', true)
    await page.getByLabel('The assistant is writing').waitFor()
    chat.join('Cards team')
    await page.getByText('A person answers here').waitFor()
    assert.equal(await page.locator('.beats').count(), 0, 'a change of owner ends it')
    chat.typing('bot', true, 1)
    chat.typing('human', true)
    await page.getByLabel('Your colleague is writing').waitFor()
    assert.equal(await page.locator('.beats').count(), 1)
    assert.equal((await page.locator('.typing .by').textContent())?.trim(), 'Colleague, Cards team')
    chat.say('human', 'there')
    await page.getByText('there', { exact: true }).waitFor()
    assert.equal(await page.locator('.beats').count(), 0, 'what was written has been said')
    await page.context().close()
  })

  test('a message goes from sent to delivered to seen, and stays so over a reload', async () => {
    const page = await open()
    const { chat } = stage.fixture
    chat.answers = false
    await write(page, 'hello')
    await page.getByText('Sent', { exact: true }).waitFor()
    chat.say('human', 'hi')
    await page.getByText(/Delivered \d\d:\d\d/).waitFor()
    chat.read()
    await page.getByText(/Seen \d\d:\d\d/).waitFor()
    await page.reload()
    await page.getByText(/Seen \d\d:\d\d/).waitFor()
    await page.context().close()
  })

  test('the other side is told of typing, and of reading only what was before the eyes', async () => {
    const page = await open()
    const { chat } = stage.fixture
    const heard = (type: string): unknown[] =>
      chat.heard.filter((frame) => frame.type === type).map((frame) => ('on' in frame ? frame.on : 'seq' in frame ? frame.seq : null))
    await field(page).pressSequentially('hello')
    await until(() => heard('typing').length === 1, 'typing is told once')
    await page.keyboard.press('Enter')
    await page.getByText('You said: hello').waitFor()
    await until(() => heard('typing').length === 2, 'and its end')
    assert.deepEqual(heard('typing'), [true, false])
    await until(() => heard('seen').at(-1) === 2, 'what is in sight is seen')
    await page.getByRole('button', { name: 'Make smaller' }).click()
    chat.say('bot', 'out of sight')
    await page.getByRole('button', { name: /1 new message/ }).waitFor()
    assert.equal(heard('seen').at(-1), 2)
    await page.getByRole('button', { name: /1 new message/ }).click()
    await until(() => heard('seen').at(-1) === 3, 'opened, it is')
    await page.context().close()
  })

  test('the conversation does not jump away from somebody who reads further up', async () => {
    const { chat } = stage.fixture
    for (let index = 0; index < 40; index++) chat.say('bot', `line ${index}`)
    const page = await open()
    await page.getByText('line 39').waitFor()
    const log = page.getByRole('region', { name: 'Conversation' })
    const top = () => log.evaluate(({ scrollTop }) => scrollTop)
    assert.ok((await top()) > 400, 'it opens at its end')
    await log.evaluate((element) => (element.scrollTop = 100))
    chat.say('bot', 'news')
    await page.getByRole('button', { name: 'New message' }).click()
    await page.getByText('news').waitFor()
    await until(async () => (await top()) > 400, 'the button leads to the end')
    assert.equal(await page.getByRole('button', { name: 'New message' }).count(), 0)
    await page.context().close()
  })

  test('a refused message says why and what to do, and is the customer’s again', async () => {
    const { chat } = stage.fixture
    chat.refusedText = 'too long'
    const page = await open()
    await write(page, 'too long')
    await page.getByText('Not sent: The message is empty or longer than 4,000 characters.', { exact: false }).waitFor()
    assert.deepEqual(await violations(page), [])
    chat.refusedText = null
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('You said: too long').waitFor()
    assert.deepEqual(await bubbles(page), ['too long', 'You said: too long'])
    await page.context().close()
  })

  test('another conversation under a renewed token is shown alone', async () => {
    const page = await open()
    const { chat } = stage.fixture
    await write(page, 'old')
    await page.getByText('You said: old').waitFor()
    chat.said.length = 0
    chat.conversation = 'con_2'
    chat.say('bot', 'a new beginning')
    chat.cut()
    await page.getByText('a new beginning').waitFor({ timeout: 20_000 })
    await until(async () => (await bubbles(page)).length === 1, 'the old one is gone')
    assert.deepEqual(await bubbles(page), ['a new beginning'])
    await page.context().close()
  })

  test('without a connection the page is as accessible as with one', async () => {
    const page = await open()
    await breakLine(page)
    await write(page, 'waits')
    await page.getByText('Waits for the connection').waitFor()
    assert.deepEqual(await violations(page), [])
    await page.context().close()
  })

  test('the demo page leads into the story: a row asks in the chat, a section is an event, and the small print says what is true', async () => {
    const { page } = await stage.open('/demo', { signedIn: false })
    await page.locator('.launcher').waitFor()
    assert.equal(stage.fixture.chat.sessions.length, 0, 'a page that is looked at asks for nothing')
    await page.getByRole('link', { name: 'Payments' }).click()
    await page.getByRole('heading', { level: 1, name: 'Your payments' }).waitFor()
    await until(() => stage.fixture.chat.events.length === 1, 'the event is told')
    const [event] = stage.fixture.chat.events as [{ type: string; data: unknown }]
    assert.deepEqual([event.type, event.data], ['appOpened', { screen: 'payments' }])
    assert.deepEqual(await violations(page), [])
    await page.getByRole('button', { name: 'Ask about this' }).click()
    await page.getByText('Assistant, AI, answers at once').waitFor()
    assert.equal(await field(page).inputValue(), 'My transfer is still pending. Can you trace it?')
    await page.keyboard.press('Enter')
    await page.getByText('You said: My transfer is still pending. Can you trace it?').waitFor()
    await page.getByText('The figures on this page are made up', { exact: false }).waitFor()
    await page.context().close()
  })
})
