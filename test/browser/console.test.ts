/** The console by keyboard, and in the states that are hard to reach with a real server. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { noBrowser, openStage, suiteMsMax } from './browser.ts'
import type { Stage } from './browser.ts'
import { problem } from './fixture-server.ts'
import { violations } from './axe.ts'

describe('console', { skip: noBrowser, timeout: suiteMsMax }, () => {
  let stage: Stage
  before(async () => {
    stage = await openStage()
  })
  after(() => stage[Symbol.asyncDispose]())
  beforeEach(() => {
    stage.fixture.liveUp = true
    stage.fixture.empty = false
    stage.fixture.failing.clear()
    stage.fixture.replay = { mode: 'recorded', version: '3f9c1e7a52d04b18', equal: true, differences: [] }
  })

  test('the stream by keyboard: J and K move, Enter asks why, Esc comes back to the same row', async () => {
    const { page } = await stage.open('/')
    await page.locator('.stream-table a').nth(3).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    const row = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    await page.getByText(/^paused, \d+ waiting/).waitFor()
    await page.keyboard.press('Enter')
    await page.locator('dialog[open] .steps').waitFor()
    assert.match(page.url(), /\/\?why=dec_/)
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), row)
    assert.equal(new URL(page.url()).search, '')
    await page.keyboard.press('k')
    assert.notEqual(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), row)
    await page.context().close()
  })

  test('nothing moves while the stream is paused, and P goes on', async () => {
    const { page } = await stage.open('/')
    const first = page.locator('.stream-table tbody tr').first().locator('.at')
    await first.waitFor()
    await page.keyboard.press('p')
    const before = await first.textContent()
    await page.getByText(/^paused, [1-9]\d* waiting/).waitFor()
    assert.equal(await first.textContent(), before)
    await page.keyboard.press('p')
    await page.waitForFunction((old) => document.querySelector('.stream-table tbody .at')?.textContent !== old, before)
    await page.context().close()
  })

  test('the letters can be switched off, and then do nothing', async () => {
    const { page } = await stage.open('/')
    await page.locator('.stream-table a').first().waitFor()
    await page.keyboard.press('?')
    await page.getByRole('checkbox', { name: 'Single letters act as keys' }).uncheck()
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('p')
    await page.keyboard.press('j')
    assert.equal(await page.getByRole('button', { name: /pause/ }).getAttribute('aria-pressed'), 'false')
    assert.equal(await page.evaluate(() => document.activeElement?.closest('.stream-table')), null)
    await page.context().close()
  })

  test('Tab reaches everything and is never trapped', async () => {
    const { page } = await stage.open('/decisions/dec_01JD4M70000')
    await page.locator('.steps').waitFor()
    const focusable = await page.locator('a[href], button:not([disabled]), input, select, summary, [tabindex="0"]').count()
    const seen = new Set<string>()
    for (let step = 0; step < focusable + 4; step++) {
      await page.keyboard.press('Tab')
      seen.add(
        await page.evaluate(() => {
          const all = [...document.querySelectorAll('*')]
          return String(all.indexOf(document.activeElement as Element))
        }),
      )
    }
    assert.ok(seen.size >= focusable, `${seen.size} of ${focusable} were reached`)
    await page.context().close()
  })

  test('a lost feed says since when, keeps its values, counts down, and comes back by itself', async () => {
    const { page } = await stage.open('/')
    await page.locator('.figure').first().waitFor()
    const events = await page.locator('.figure-value').nth(1).textContent()
    stage.fixture.dropLive()
    await page
      .locator('.not-live')
      .getByText(/not live since \d\d:\d\d:\d\d/)
      .waitFor()
    await page
      .locator('.not-live')
      .getByText(/Trying again in \d+ s|Trying now/)
      .waitFor()
    assert.equal(await page.locator('.figure-value').nth(1).textContent(), events)
    assert.equal(await page.locator('.score .caesura').count(), 6)
    assert.deepEqual(await violations(page), [])
    stage.fixture.liveUp = true
    await page.locator('.not-live').waitFor({ state: 'detached', timeout: 20_000 })
    assert.equal(await page.locator('.score .caesura').count(), 0)
    await page.context().close()
  })

  test('a person need not wait for the countdown', async () => {
    const { page } = await stage.open('/')
    await page.locator('.figure').first().waitFor()
    stage.fixture.dropLive()
    await page.getByRole('button', { name: 'Try again now' }).waitFor()
    stage.fixture.liveUp = true
    await page.getByRole('button', { name: 'Try again now' }).click()
    await page.locator('.not-live').waitFor({ state: 'detached' })
    await page.context().close()
  })

  test('before the first event each panel says what will fill it', async () => {
    stage.fixture.empty = true
    const { page } = await stage.open('/')
    await page.getByText('No decision yet. It starts with an event:').waitFor()
    assert.match((await page.locator('pre.command').textContent()) ?? '', new RegExp(`curl ${stage.fixture.url}/v1/events`))
    assert.equal(await page.getByText('No prediction in two minutes.').count(), 1)
    assert.deepEqual(await violations(page), [])
    await page.context().close()
  })

  test('a refused door is shown with its words, its code and one action, and recovers', async () => {
    stage.fixture.failing.set('/v1/decisions', problem(503, 'NOT_READY', 'Recovery has 1,204 events to go. Try again in a moment.'))
    const { page } = await stage.open('/decisions')
    await page.getByRole('alert').getByText('Recovery has 1,204 events to go.').waitFor()
    assert.equal(await page.getByRole('alert').getByText('NOT_READY').count(), 1)
    assert.deepEqual(await violations(page), [])
    stage.fixture.failing.clear()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.locator('.decision-list li').first().waitFor()
    await page.context().close()
  })

  test('the link’s code opens the console once and leaves the address', async () => {
    const { page } = await stage.open('/#code=good-code', { signedIn: false })
    await page.locator('.figure').first().waitFor()
    assert.equal(new URL(page.url()).hash, '')
    await page.reload()
    await page.locator('.figure').first().waitFor()
    await page.context().close()
    const refused = await stage.open('/#code=old-code', { signedIn: false })
    await refused.page.getByRole('alert').getByText('That link did not open it.').waitFor()
    assert.equal(new URL(refused.page.url()).hash, '')
    await refused.page.context().close()
  })

  test('a decision is explained: the sentence, the rule with its values, and a replay that is equal', async () => {
    const { page } = await stage.open('/decisions/dec_01JD4M70000')
    await page.getByRole('heading', { level: 1, name: 'Answered with cardDeclined: an angry customer of value.' }).waitFor()
    assert.match((await page.locator('.source pre').textContent()) ?? '', /models\.tone\.scores\?\.anger \/\* 0\.87 \*\/ \?\? 0\) > 0\.8/)
    assert.equal(await page.locator('.source-line.taken').count(), 3)
    assert.equal(await page.title(), 'dec_01JD4M70000 · Decisions · Battuta')
    await page.getByRole('button', { name: 'Replay' }).click()
    await page.getByText('equal, bit for bit').waitFor()
    assert.ok(stage.fixture.asked.includes('POST /v1/decisions/dec_01JD4M70000/replay'))
    stage.fixture.replay = {
      mode: 'recorded',
      version: '3f9c1e7a52d04b18',
      equal: false,
      differences: [{ path: 'outcome.name', recorded: 'cardDeclined', replayed: 'cardNotWorking' }],
    }
    await page.getByRole('button', { name: 'Replay' }).click()
    await page.getByText('1 difference').waitFor()
    assert.equal(await page.getByRole('cell', { name: '→ cardNotWorking' }).count(), 1)
    await page.context().close()
  })

  test('search and filters live in the address, and a copied address shows the same', async () => {
    const { page } = await stage.open('/decisions')
    await page.locator('.decision-list li').first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('travel')
    await page.waitForURL(/search=travel/)
    await page.getByLabel('Who acts').selectOption('bot')
    await page.waitForURL(/act=bot/)
    const shown = () => page.locator('.decision-list .decision-name').allTextContents()
    await page.waitForFunction(() => [...document.querySelectorAll('.decision-name')].every((name) => name.textContent?.includes('travelNotice')))
    const before = await shown()
    await page.goto(page.url())
    await page.locator('.decision-list li').first().waitFor()
    assert.deepEqual(await shown(), before)
    await page.context().close()
  })

  test('a timeline opens a decision in place and keeps it in the address', async () => {
    const { page } = await stage.open('/customers/user%3Acurrent-4821')
    await page.locator('button.timeline-open').first().click()
    await page.getByText('Answered with cardNotWorking:').waitFor()
    await page.waitForURL(/open=dec_/)
    await page.getByRole('link', { name: 'Why, step by step' }).click()
    await page.locator('.steps').waitFor()
    await page.goBack()
    await page.getByText('Answered with cardNotWorking:').waitFor()
    await page.context().close()
  })

  test('with reduced motion nothing travels', async () => {
    const { page } = await stage.open('/')
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.locator('.gap').first().waitFor({ state: 'attached' })
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0)
    await page.context().close()
  })
})
