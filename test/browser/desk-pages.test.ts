/** Every state of the desk, in both themes, wide and narrow: accessible, within its width, without complaints. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { violations } from './axe.ts'
import { noBrowser, suiteMsMax } from './browser.ts'
import { openDeskStage } from './desk-page.ts'
import type { DeskStage } from './desk-page.ts'

interface State {
  readonly name: string
  readonly path: string
  readonly as?: string | null
  readonly ready: (page: Page, stage: DeskStage) => Promise<unknown>
}

const open = '/desk?conversation=con_4821'
const said = (page: Page) => page.locator('.line-customer').last().waitFor({ state: 'attached' })

const states: readonly State[] = [
  { name: 'signed out', path: '/desk', as: null, ready: (page) => page.getByLabel('Password').waitFor() },
  {
    name: 'an inbox with an offer',
    path: '/desk',
    ready: async (page, { desk }) => {
      await page.locator('.inbox-row').first().waitFor()
      desk.offer('con_0937', 'person:cards-1', 60_000)
      await page.getByRole('button', { name: 'Accept' }).first().waitFor()
    },
  },
  {
    name: 'a conversation with everything in it',
    path: open,
    ready: async (page, { desk }) => {
      await said(page)
      await page.locator('.composer textarea').fill('A note in between')
      await page.getByRole('button', { name: 'Note', exact: true }).click()
      await page.locator('.composer textarea').fill('Called the limits team.')
      await page.keyboard.press('Enter')
      await page.locator('.line-note').waitFor()
      desk.seize('con_4821', 'person:cards-2', true)
      await page.getByRole('button', { name: 'Reply on chat' }).click()
      await page.keyboard.press('Enter')
      desk.customerTypes('con_4821', true)
    },
  },
  { name: 'the context', path: `${open}&pane=context`, ready: (page) => page.getByText('This conversation, 2 messages').waitFor() },
  {
    name: 'giving back to the bot',
    path: open,
    ready: async (page) => {
      await said(page)
      await page.getByRole('button', { name: 'Hand over' }).click()
      await page.getByLabel('Back to the bot').check()
      await page.getByRole('region', { name: 'What the bot will know' }).waitFor()
    },
  },
  {
    name: 'a colleague to choose',
    path: open,
    ready: async (page) => {
      await said(page)
      await page.getByRole('button', { name: 'Hand over' }).click()
      await page.getByLabel('To a colleague').check()
      await page.getByLabel(/^Cards desk 2/).waitFor()
    },
  },
  {
    name: 'resolving',
    path: open,
    ready: async (page) => {
      await said(page)
      await page.getByRole('button', { name: 'Resolve' }).click()
      await page.getByLabel('Solved').waitFor()
    },
  },
  {
    name: 'no connection',
    path: open,
    ready: async (page, { desk }) => {
      await said(page)
      desk.up = false
      desk.cut()
      await page.getByText(/not live since/).waitFor()
    },
  },
  {
    name: 'a conversation that is not one’s own',
    path: '/desk?conversation=con_unknown',
    ready: (page) => page.getByText('This conversation cannot be shown').waitFor(),
  },
  {
    name: 'all of them, for a supervisor',
    path: '/desk?list=all',
    as: 'person:lead',
    ready: (page) => page.getByRole('link', { name: /current ··6412/ }).waitFor(),
  },
]
/** Opening the desk without a cookie asks once and is told 401; what is not one's own is 404; a refused socket says so. */
const expected = (complaint: string) => /(?:401|404).*\/v1\/(?:session|conversations)/.test(complaint) || /WebSocket connection to .*\/v1\/desk/.test(complaint)

describe('pages of the desk', { skip: noBrowser, timeout: suiteMsMax }, () => {
  let stage: DeskStage
  before(async () => {
    stage = await openDeskStage()
  })
  after(() => stage[Symbol.asyncDispose]())
  beforeEach(() => stage.desk.reset())

  for (const { name, path, as = 'person:cards-1', ready } of states) {
    for (const width of [1440, 360]) {
      test(`${name}, ${width} px, light and dark: no serious finding, no sideways scrolling, no complaint`, async () => {
        const { page, complaints } = await stage.open(path, { width, as })
        await ready(page, stage)
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          assert.deepEqual(await violations(page), [], colorScheme)
        }
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, 'the page scrolls sideways')
        assert.deepEqual(
          complaints.filter((complaint) => !expected(complaint)),
          [],
        )
        await page.context().close()
      })
    }
  }

  test('before anything comes, each part says what it waits for, and an empty desk says what will fill it', async () => {
    stage.desk.held.clear()
    const { page } = await stage.open('/desk')
    await page.getByText('No conversation is yours.').waitFor()
    await page.getByRole('button', { name: /^Available ?,/ }).click()
    await page.getByRole('button', { name: /^Away the same/ }).click()
    await page.getByText('Offers come to whoever is available, and you are away.').waitFor()
    await page.getByRole('button', { name: 'Be available' }).click()
    await page.getByText('for as long as its twenty beats last', { exact: false }).waitFor()
    await page.getByRole('link', { name: 'Queue' }).click()
    await page.getByText('Nobody waits.', { exact: false }).waitFor()
    assert.deepEqual(await violations(page), [])
    await page.context().close()
  })

  test('whoever has no desk is told so, and can sign in as somebody else', async () => {
    stage.desk.failing.set('/v1/queues', { status: 403, code: 'FORBIDDEN', detail: 'GET /v1/queues is for desk, supervisor, service or admin.' })
    stage.desk.up = false
    const { page } = await stage.open('/desk')
    await page.getByRole('heading', { name: 'There is no desk for you here.' }).waitFor()
    assert.deepEqual(await violations(page), [])
    stage.desk.failing.clear()
    await page.getByRole('button', { name: 'Sign in as somebody else' }).click()
    await page.getByRole('heading', { name: 'Sign in to the desk.' }).waitFor()
    await page.context().close()
  })

  test('at 1024 the context slides over by its key and goes again; with reduced motion nothing moves', async () => {
    const { page } = await stage.open(open, { width: 1024, height: 768 })
    await said(page)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    const context = page.getByRole('complementary', { name: 'Context' })
    assert.equal(await context.isVisible(), false)
    await page.locator('.composer textarea').blur()
    await page.keyboard.press('c')
    await context.waitFor()
    assert.match(page.url(), /pane=context/)
    stage.desk.customerTypes('con_4821', true)
    await page.locator('.typing-beats').waitFor()
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0)
    await page.getByRole('button', { name: 'Close the context' }).click()
    await context.waitFor({ state: 'hidden' })
    await page.context().close()
  })
})
