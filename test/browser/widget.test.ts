/** The widget on other people's pages: nothing of theirs gets in, nothing of it gets out, and everybody can use it. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { violations } from './axe.ts'
import { noBrowser, openStage, suiteMsMax } from './browser.ts'
import type { Stage } from './browser.ts'
import { bubbles, field, openChat, until, write } from './chat-page.ts'
import { openHostPage } from './host-page.ts'
import type { HostPage } from './host-page.ts'

/** Everything a page can say to all elements at once, as loud as it can. */
const hostile = `<style>
  * { all: unset !important; font-size: 40px !important; color: hotpink !important; display: inline !important; visibility: hidden !important }
  html { font-size: 40px }
  :root { --ink: red; --paper: lime; --accent: red }
  battuta-widget { width: 3px; transform: rotate(9deg) !important; opacity: 0.1 !important }
  .panel, .bubble, button, textarea { background: red !important; border: 9px solid red !important }
</style>`

describe('widget', { skip: noBrowser, timeout: suiteMsMax }, () => {
  let stage: Stage
  let host: HostPage
  before(async () => {
    stage = await openStage()
    host = await openHostPage(stage.fixture.url)
  })
  after(async () => {
    await host.close()
    await stage[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    stage.fixture.chat.reset()
    stage.fixture.chat.origins.add(host.url)
  })

  const visit = async (options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> => {
    const context = await stage.browser.newContext({ viewport: { width: 1280, height: 860 }, ...options })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(host.url)
    return { page, complaints }
  }
  const look = (page: Page): Promise<unknown> =>
    page.locator('.panel').evaluate((panel) => {
      const looks = (element: Element | null) => {
        const { fontSize, color, backgroundColor, borderTopWidth, visibility, display } = getComputedStyle(element as Element)
        return { fontSize, color, backgroundColor, borderTopWidth, visibility, display }
      }
      const { width, height, right } = panel.getBoundingClientRect()
      const inside = ['.head', '.first', '.field', '.send', '.bubble', '.foot'].map((name) => looks(panel.querySelector(name)))
      return {
        inside: [looks(panel), ...inside],
        width,
        height,
        right: innerWidth - right,
        opacity: getComputedStyle((panel.getRootNode() as ShadowRoot).host).opacity,
      }
    })

  test('a page’s own styles, however loud, change nothing of it, and it changes nothing of the page', async () => {
    const looks: unknown[] = []
    for (const head of ['', hostile]) {
      stage.fixture.chat.said.length = 0
      host.show({ head })
      const { page, complaints } = await visit()
      await page.locator('.launcher').waitFor()
      const before = await page
        .locator('h1')
        .evaluate((element) => [...getComputedStyle(element)].map((name) => getComputedStyle(element).getPropertyValue(name)))
      await openChat(page)
      await write(page, 'hello')
      await page.getByText('You said: hello').waitFor()
      looks.push(await look(page))
      assert.deepEqual(
        await page.locator('h1').evaluate((element) => [...getComputedStyle(element)].map((name) => getComputedStyle(element).getPropertyValue(name))),
        before,
      )
      assert.deepEqual(complaints, [])
      await page.context().close()
    }
    assert.deepEqual(looks[1], looks[0])
  })

  test('under a policy that allows its server and nothing else it works whole, styles and downloads included', async () => {
    const { url } = stage.fixture
    host.show({ policy: `default-src 'none'; script-src ${url}; connect-src ${url} ${url.replace('http', 'ws')}` })
    const { page, complaints } = await visit()
    await openChat(page)
    await page.locator('input[type=file]').setInputFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('a note') })
    await page.getByRole('button', { name: 'Remove note.txt' }).waitFor()
    await write(page, 'see the note')
    await page.getByText('You said: see the note').waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download note.txt' }).click()])
    assert.equal(download.suggestedFilename(), 'note.txt')
    assert.equal(await readFile(await download.path(), 'utf8'), 'a note')
    assert.equal(await page.locator('.panel').evaluate((panel) => panel.getBoundingClientRect().width), 384)
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('all of it by keyboard: in, to every control, out, and focus comes back to where it was', async () => {
    host.show({})
    const { page } = await visit()
    await page.locator('.launcher').waitFor()
    const focused = () =>
      page.evaluate(() => {
        const inside = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement
        return inside?.getAttribute('aria-label') ?? inside?.textContent?.trim()
      })
    await page.locator('#before').focus()
    await page.keyboard.press('Tab')
    assert.equal(await focused(), 'Chat with Harbour Bank')
    await page.keyboard.press('Enter')
    await until(async () => (await focused()) === 'Write a message', 'the field has the focus')
    await page.getByText('Assistant, AI, answers at once').waitFor()
    await page.keyboard.type('by hand')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('in two lines')
    await page.keyboard.press('Enter')
    await page.getByText('You said: by hand').waitFor()
    assert.deepEqual((await bubbles(page))[0], 'by hand\nin two lines')
    const reached: unknown[] = []
    for (let step = 0; step < 2; step++) {
      await page.keyboard.press('Tab')
      reached.push(await focused())
    }
    for (let step = 0; step < 3; step++) await page.keyboard.press('Shift+Tab')
    for (let step = 0; step < 5; step++) {
      reached.push(await focused())
      await page.keyboard.press('Shift+Tab')
    }
    assert.deepEqual(reached, ['Send', 'A person, please', 'Attach a file', 'Conversation', 'Close', 'Make smaller', 'Before'])
    await field(page).focus()
    await page.keyboard.press('Escape')
    await until(async () => String(await focused()).startsWith('Chat with Harbour Bank. '), 'the button has the focus back')
    await page.keyboard.press('Enter')
    await until(async () => (await focused()) === 'Write a message', 'and opens it again')
    await page.context().close()
  })

  test('what the page opens gives the focus back to the page, and keys meant for the field reach no shortcut of it', async () => {
    host.show({})
    const { page } = await visit()
    await page.locator('.launcher').waitFor()
    await page.evaluate(() => {
      const seen: string[] = []
      Object.assign(window, { seen })
      document.addEventListener('keydown', ({ key }) => seen.push(key))
      document.querySelector('#before')?.addEventListener('click', () => window.Battuta?.open('about my order'))
    })
    await page.locator('#before').click()
    await until(async () => (await field(page).inputValue()) === 'about my order', 'the words are in the field')
    await page.keyboard.press('End')
    await page.keyboard.type('/j')
    assert.equal(await field(page).inputValue(), 'about my order/j')
    await page.keyboard.press('Escape')
    await until(() => page.evaluate(() => document.activeElement?.id === 'before'), 'the page’s button has the focus')
    assert.deepEqual(await page.evaluate(() => (window as unknown as { seen: string[] }).seen), [])
    await page.locator('#before').click()
    assert.equal(await field(page).inputValue(), 'about my order/j', 'the customer’s own words stay')
    await page.context().close()
  })

  test('unread messages are counted for customer and page, and read by opening', async () => {
    host.show({})
    const { page } = await visit()
    await openChat(page)
    await write(page, 'hello')
    await page.getByText('You said: hello').waitFor()
    await page.evaluate(() => {
      const counts: number[] = []
      Object.assign(window, { counts })
      window.Battuta?.on('unread', (count) => counts.push(count))
    })
    await page.getByRole('button', { name: 'Close' }).click()
    stage.fixture.chat.say('bot', 'one')
    stage.fixture.chat.say('bot', 'two')
    await page.getByRole('button', { name: 'Chat with Harbour Bank. 2 new messages' }).waitFor()
    assert.equal(await page.locator('[role=status]').last().textContent(), '2 new messages')
    await page.evaluate(() => window.Battuta?.open())
    await page.getByText('two', { exact: true }).waitFor()
    await page.evaluate(() => window.Battuta?.close())
    await page.getByRole('button', { name: 'Chat with Harbour Bank', exact: true }).waitFor()
    assert.deepEqual(await page.evaluate(() => (window as unknown as { counts: number[] }).counts), [0, 1, 2, 0])
    await page.context().close()
  })

  test('a customer who signs in speaks under their own token, and one who signs out leaves nothing behind', async () => {
    const { chat } = stage.fixture
    const jwt = `x.${Buffer.from('{"sub":"42"}').toString('base64url')}.y`
    host.show({})
    const { page } = await visit()
    await openChat(page)
    await write(page, 'hello')
    await page.getByText('You said: hello').waitFor()
    chat.conversation = 'con_42'
    chat.said.length = 0
    chat.say('bot', 'Good morning')
    await page.evaluate((token) => window.Battuta?.identify(token), jwt)
    await page.getByText('Good morning').waitFor()
    assert.deepEqual(await bubbles(page), ['Good morning'])
    assert.deepEqual(chat.sessions, [{}, { jwt }])
    await page.evaluate((token) => window.Battuta?.identify(token), jwt)
    assert.equal(chat.sessions.length, 2, 'the same customer again asks for nothing')
    await field(page).fill('half a sen')
    await page.evaluate(() => window.Battuta?.identify(null))
    assert.equal(await field(page).inputValue(), '')
    await until(() => chat.sessions.length === 3, 'somebody nobody knows')
    const left = await page.evaluate(() => JSON.stringify([...Object.entries(localStorage), ...Object.entries(sessionStorage)]))
    assert.doesNotMatch(left, /half a sen|"42"/)
    await page.context().close()
  })

  test('an event that customers may send goes with the token, and a refusal reaches the page', async () => {
    host.show({})
    const { page } = await visit()
    await page.locator('.launcher').waitFor()
    await page.evaluate(() => window.Battuta?.event('appOpened', { screen: 'cards' }))
    const [event] = stage.fixture.chat.events as [Record<string, unknown>]
    assert.deepEqual([event['type'], event['data'], event['specversion']], ['appOpened', { screen: 'cards' }, '1.0'])
    stage.fixture.chat.origins.clear()
    assert.equal(await page.evaluate(() => window.Battuta?.event('appOpened', {}).catch((error: { code: string }) => error.code)), 'UNREACHABLE')
    await page.context().close()
  })

  test('in a language of its own it is that language throughout, and written from the right where that is so', async () => {
    for (const [locale, ai, write, dir] of [
      ['de', 'Sie schreiben mit einem Assistenten. Er ist eine KI.', 'Nachricht schreiben', 'ltr'],
      ['ar', 'أنت تتحدث مع مساعد. إنه ذكاء اصطناعي.', 'اكتب رسالة', 'rtl'],
    ] as const) {
      stage.fixture.chat.reset()
      stage.fixture.chat.origins.add(host.url)
      host.show({ tag: `data-name="Harbour Bank" data-locale="${locale}"` })
      const { page, complaints } = await visit()
      await page.locator('.launcher').click()
      await page.getByText(ai).waitFor()
      await page.getByLabel(write).fill('hello')
      await page.keyboard.press('Enter')
      await page.getByText('You said: hello').waitFor()
      const places = await page.locator('.panel').evaluate((panel) => {
        const middle = (name: string) => {
          const { left, right } = (panel.querySelector(name) as Element).getBoundingClientRect()
          return (left + right) / 2
        }
        return {
          mine: middle('.mine .bubble'),
          theirs: middle('.theirs .bubble'),
          panel: panel.getBoundingClientRect().left,
          send: middle('.send'),
          field: middle('.field'),
        }
      })
      assert.equal(places.mine > places.theirs, dir === 'ltr')
      assert.equal(places.send > places.field, dir === 'ltr')
      assert.equal(places.panel > 640, dir === 'ltr', 'at the end of the line')
      assert.equal(await page.locator('.battuta').getAttribute('lang'), locale)
      assert.deepEqual(await violations(page), [])
      assert.deepEqual(complaints, [])
      await page.context().close()
    }
  })

  test('without a language in the tag it speaks the browser’s', async () => {
    host.show({ tag: 'data-name="Harbour Bank"' })
    const { page } = await visit({ locale: 'fr-CA' })
    await page.getByRole('button', { name: 'Discuter avec Harbour Bank' }).waitFor()
    await page.context().close()
  })

  test('accent, side and theme are the tag’s, and an accent that could not be read on is darkened', async () => {
    host.show({ tag: 'data-name="Shop" data-accent="#8a8f00" data-position="left" data-theme="dark" data-locale="en"' })
    const { page } = await visit()
    const launcher = page.getByRole('button', { name: 'Chat with Shop' })
    await launcher.waitFor()
    assert.equal((await launcher.boundingBox())?.x, 24)
    const { background, text } = await launcher.evaluate((element) => ({
      background: getComputedStyle(element).backgroundColor,
      text: getComputedStyle(element).color,
    }))
    assert.notEqual(background, 'rgb(138, 143, 0)')
    assert.equal(text, 'rgb(255, 255, 255)')
    await openChat(page)
    assert.equal(await page.locator('.panel').evaluate((panel) => getComputedStyle(panel).backgroundColor), 'rgb(20, 25, 28)')
    await page.context().close()
  })

  test('on a phone it fills the screen, hides the page from the keyboard, and every button can be touched', async () => {
    host.show({})
    const { page } = await visit({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true })
    await openChat(page)
    // It slides in; where it comes to rest is what counts.
    await page.locator('.panel').evaluate((panel) => Promise.all(panel.getAnimations().map((animation) => animation.finished)))
    assert.deepEqual(await page.locator('.panel').boundingBox(), { x: 0, y: 0, width: 360, height: 640 })
    assert.ok((await field(page).evaluate((element) => parseFloat(getComputedStyle(element).fontSize))) >= 16, 'a smaller field zooms')
    for (const button of await page.locator('.panel button').all()) {
      const box = await button.boundingBox()
      assert.ok(box && box.height >= 44 && box.width >= 44, `${await button.textContent()} ${JSON.stringify(box)}`)
    }
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press('Tab')
      assert.notEqual(await page.evaluate(() => document.activeElement?.id), 'before')
    }
    await page.keyboard.press('Escape')
    await page.locator('.launcher').waitFor()
    await page.context().close()
  })

  test('two tags are one chat', async () => {
    host.show({ head: `<script src="${stage.fixture.url}/widget.js" async></script>` })
    const { page } = await visit()
    await page.locator('.launcher').first().waitFor()
    await page.waitForLoadState('load')
    assert.equal(await page.locator('battuta-widget').count(), 1)
    await page.context().close()
  })

  test('with reduced motion nothing moves, and in forced colours everything has its edge', async () => {
    host.show({})
    const { page } = await visit({ reducedMotion: 'reduce', forcedColors: 'active' })
    await openChat(page)
    await write(page, 'hello')
    await page.getByText('You said: hello').waitFor()
    stage.fixture.chat.typing('bot', true)
    await page.locator('.beats').waitFor()
    assert.equal(await page.locator('.panel').evaluate((panel) => panel.getAnimations({ subtree: true }).length), 0)
    for (const name of ['.mine .bubble', '.theirs .bubble', '.send'])
      assert.notEqual(
        await page
          .locator(name)
          .first()
          .evaluate((element) => getComputedStyle(element).borderTopColor),
        'rgba(0, 0, 0, 0)',
        name,
      )
    await page.context().close()
  })

  for (const theme of ['light', 'dark'] as const) {
    for (const width of [1440, 360]) {
      test(`${theme}, ${width} px: no serious finding, open and closed, in every state`, async () => {
        const { chat } = stage.fixture
        host.show({})
        const { page } = await visit({ viewport: { width, height: 800 }, colorScheme: theme, reducedMotion: 'reduce' })
        await page.locator('.launcher').waitFor()
        assert.deepEqual(await violations(page), [])
        await openChat(page)
        await write(page, 'hello')
        await page.getByText('You said: hello').waitFor()
        for (const kind of ['waiting', 'joined', 'transferred', 'lost', 'unanswered', 'returned', 'resolved'] as const) chat.notice(kind, 'Cards team')
        chat.join('Cards team')
        chat.say('human', 'Is this it?', { attachments: [{ id: 'att_9', name: 'statement.pdf', type: 'application/pdf', bytes: 90_000 }] })
        chat.read()
        chat.typing('human', true)
        await page.locator('input[type=file]').setInputFiles([
          { name: 'photo.heic', mimeType: 'image/heic', buffer: Buffer.from('x') },
          { name: 'receipt.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(2_000) },
        ])
        await page.getByRole('button', { name: 'Remove receipt.pdf' }).waitFor()
        chat.refusedText = 'no'
        await write(page, 'no')
        await page.getByRole('button', { name: 'Try again' }).waitFor()
        assert.deepEqual(await violations(page), [])
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0)
        await page.getByRole('button', { name: 'Make smaller' }).click()
        await page.locator('.launcher-small').waitFor()
        assert.deepEqual(await violations(page), [])
        await page.context().close()
      })
    }
  }
})
