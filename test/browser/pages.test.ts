/** Every page, in both themes, on a desk and on a phone: accessible, within its width, without complaints. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { violations } from './axe.ts'
import { noBrowser, openStage, suiteMsMax } from './browser.ts'
import type { Stage } from './browser.ts'

const pages: readonly { name: string; path: string; ready: (page: Page) => Promise<unknown>; signedIn?: boolean }[] = [
  { name: 'live', path: '/', ready: (page) => page.locator('.stream-table tbody tr').nth(8).waitFor() },
  { name: 'why over live', path: '/?why=dec_01JD4M70003', ready: (page) => page.locator('dialog .steps').waitFor() },
  { name: 'decisions', path: '/decisions', ready: (page) => page.locator('.decision-list li').nth(8).waitFor() },
  { name: 'why', path: '/decisions/dec_01JD4M70006', ready: (page) => page.locator('.steps').waitFor() },
  { name: 'why of a failure', path: '/decisions/dec_01JD4M70010', ready: (page) => page.locator('.steps').waitFor() },
  { name: 'customers', path: '/customers', ready: (page) => page.locator('.lookup-list li').first().waitFor() },
  { name: 'customer', path: '/customers/user%3Acurrent-4821?open=dec_01JD4M70001', ready: (page) => page.locator('.inline-reads').waitFor() },
  { name: 'sign-in', path: '/', signedIn: false, ready: (page) => page.getByRole('heading', { name: 'This console opens with a link.' }).waitFor() },
  { name: 'demo', path: '/demo', ready: (page) => page.getByRole('button', { name: 'Chat with Harbour Bank' }).waitFor() },
]
/** Opening the console without a cookie asks once and is told 401, which the browser writes down. */
const expected = (complaint: string) => /401/.test(complaint) && /\/v1\/session/.test(complaint)

describe('pages', { skip: noBrowser, timeout: suiteMsMax }, () => {
  let stage: Stage
  before(async () => {
    stage = await openStage()
    stage.fixture.chat.say('bot', 'Good morning. How can I help?')
  })
  after(() => stage[Symbol.asyncDispose]())

  for (const { name, path, ready, signedIn = true } of pages) {
    for (const width of [1440, 360]) {
      test(`${name}, ${width} px, light and dark: no serious finding, no sideways scrolling, no complaint`, async () => {
        const { page, complaints } = await stage.open(path, { width, signedIn })
        await ready(page)
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

  test('nothing comes from another origin, and nothing on a page is inline', async () => {
    for (const path of ['/', '/demo']) {
      const { page } = await stage.open(path)
      await page.locator('h1').first().waitFor({ state: 'attached' })
      const origins = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin))
      assert.deepEqual([...new Set(origins)], [stage.fixture.url])
      assert.equal(await page.locator('script:not([src]), style').count(), 0)
      await page.context().close()
    }
  })

  test('the theme is what the address says, then what was chosen, then what the system prefers', async () => {
    const { page } = await stage.open('/?theme=dark', { theme: 'light' })
    const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)
    await page.getByRole('button', { name: 'Use the light theme' }).click()
    assert.equal(await scheme(), 'light')
    assert.equal(new URL(page.url()).search, '')
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.reload()
    await page.getByRole('button', { name: 'Use the dark theme' }).waitFor()
    assert.equal(await scheme(), 'light')
    await page.context().close()
  })
})
