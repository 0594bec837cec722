/** The desk under one’s hands: by keyboard only, on a phone, and nothing that moves while it is read. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { noBrowser, suiteMsMax } from './browser.ts'
import { colleague, field, me, openDeskStage, openOwn } from './desk-page.ts'
import type { DeskStage } from './desk-page.ts'
import { password } from './fixture-desk-data.ts'

describe('desk, under one’s hands', { skip: noBrowser, timeout: suiteMsMax }, () => {
  let stage: DeskStage
  before(async () => {
    stage = await openDeskStage()
  })
  after(() => stage[Symbol.asyncDispose]())
  beforeEach(() => stage.desk.reset())

  test('by keyboard only, from signing in to the end', async () => {
    const { desk } = stage
    const { page } = await stage.open('/desk', { as: null })
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key)
    }
    await page.getByLabel('Name').waitFor()
    await press('Tab')
    await page.keyboard.type('Cards desk 1')
    await press('Tab')
    await page.keyboard.type(password)
    await press('Enter')
    await page.locator('.inbox-row').first().waitFor()
    desk.offer('con_0937', me)
    await page.getByRole('button', { name: 'Accept' }).waitFor()
    await press('a')
    await page.getByText('You took over, epoch 3').waitFor()
    await press('f')
    await page.getByRole('button', { name: '1 fact, 1 promise' }).waitFor()
    await press('r')
    await page.keyboard.type('Here I am.')
    await press('Enter', 'Escape', 'n')
    await page.keyboard.type('Recall asked for.')
    await press('Enter', 'Escape', 'h')
    await page.locator('dialog').waitFor()
    await press('Tab', 'Space')
    await page.getByRole('button', { name: 'Hand over' }).last().waitFor()
    await press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    await press('e')
    await page.locator('dialog').waitFor()
    await press('2', 'Enter')
    await page.locator('dialog').waitFor({ state: 'detached' })
    assert.deepEqual(
      desk.heardOf('resolve').map(({ wrapUpCode }) => wrapUpCode),
      ['explained'],
    )
    assert.deepEqual([desk.heardOf('message')[0]?.text, desk.heardOf('note')[0]?.text], ['Here I am.', 'Recall asked for.'])
    await press('j')
    const first = await page.evaluate(() => document.activeElement?.textContent)
    await press('j')
    assert.notEqual(await page.evaluate(() => document.activeElement?.textContent), first)
    await press('k', 'Enter')
    // Whoever opens a conversation of theirs stands in its field.
    await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA')
    await press('Escape', '/')
    await page.keyboard.type('3305')
    await page.waitForURL(/search=3305/)
    await page.waitForFunction(() => document.querySelectorAll('.inbox-row').length === 1)
    await press('Escape', '?')
    await page.getByRole('checkbox', { name: 'Single letters act as keys' }).waitFor()
    await press('Escape')
    await page.context().close()
  })

  test('the letters can be switched off; Tab reaches everything and is never trapped', async () => {
    const { page } = await openOwn(stage)
    await field(page).blur()
    await page.keyboard.press('?')
    await page.getByRole('checkbox', { name: 'Single letters act as keys' }).uncheck()
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('h')
    await page.keyboard.press('e')
    assert.equal(await page.locator('dialog').count(), 0)
    const focusable = await page.evaluate(
      () =>
        [...document.querySelectorAll<HTMLElement>('a[href], button:not([disabled]), input, textarea, summary, [tabindex="0"]')].filter((one) =>
          one.checkVisibility(),
        ).length,
    )
    const seen = new Set<number>()
    for (let step = 0; step < focusable + 4; step++) {
      await page.keyboard.press('Tab')
      seen.add(await page.evaluate(() => [...document.querySelectorAll('*')].indexOf(document.activeElement as Element)))
    }
    assert.ok(seen.size >= focusable, `${seen.size} of ${focusable} were reached`)
    await page.context().close()
  })

  test('new words keep the reading place, and nothing in a list moves under the pointer', async () => {
    const { desk } = stage
    const { page } = await openOwn(stage, { height: 620 })
    const box = page.locator('.lines')
    await box.evaluate((element) => element.scrollTo({ top: 0 }))
    await page.waitForFunction(() => document.querySelector('.lines')?.scrollTop === 0)
    for (const text of ['One', 'Two', 'Three']) desk.customerSays('con_4821', text)
    await page.getByRole('button', { name: '3 new below' }).waitFor()
    assert.equal(await box.evaluate((element) => element.scrollTop), 0)
    await page.getByRole('button', { name: '3 new below' }).click()
    desk.customerSays('con_4821', 'Four')
    await page.locator('.line').last().getByText('Four').waitFor()
    assert.equal(await page.locator('.lines-below').count(), 0)
    assert.ok(await box.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight < 4))

    await page.getByRole('link', { name: /current ··0188/ }).hover()
    const top = () => page.getByRole('link', { name: /current ··0188/ }).evaluate((row) => row.getBoundingClientRect().top)
    const before = await top()
    desk.seize('con_3305', colleague)
    await page.locator('.row-gone').waitFor()
    assert.equal(await top(), before)
    await page.mouse.move(700, 300)
    await page.locator('.row-gone').waitFor({ state: 'detached' })
    assert.ok((await top()) < before)
    await page.context().close()
  })

  test('presence is chosen from the menu; a queue under its promise says so; what is unread is counted', async () => {
    const { desk } = stage
    const { page } = await openOwn(stage)
    await page.getByText('76 % within 0:20, promise 80 %').waitFor()
    await page.getByRole('button', { name: /^Available ?, 3 of 4 places taken/ }).click()
    await page.getByRole('button', { name: /^Busy you keep/ }).click()
    await page.getByRole('button', { name: /^Busy ?, 3 of 4 places taken/ }).waitFor()
    assert.equal(desk.heardOf('presence')[0]?.state, 'busy')
    desk.customerSays('con_1120', 'It came, thank you')
    desk.customerSays('con_1120', 'Goodbye')
    await page
      .getByRole('link', { name: /student ··1120/ })
      .getByText('Goodbye')
      .waitFor()
    await page
      .getByRole('link', { name: /student ··1120/ })
      .locator('.row-unread')
      .waitFor()
    await page.getByRole('link', { name: /student ··1120/ }).click()
    await page.getByRole('heading', { name: 'student ··1120' }).first().waitFor()
    assert.equal(
      await page
        .getByRole('link', { name: /student ··1120/ })
        .locator('.row-unread')
        .count(),
      0,
    )
    await page.context().close()
  })

  test('on a phone an offer is in reach on every pane, its packet is the first screen, and then folds', async () => {
    const { desk } = stage
    const { page } = await openOwn(stage, { width: 360, height: 740 })
    desk.offer('con_0937', me)
    await page.getByRole('button', { name: 'Offer: business ··0937, disputes' }).waitFor()
    assert.equal(await page.getByRole('navigation', { name: 'Inbox' }).isVisible(), false)
    await page.locator('.offer-strip').getByRole('button', { name: 'Accept' }).click()
    await page.getByText('Does the supplier agree to send it back?').waitFor()
    assert.equal(await page.locator('.composer').isVisible(), false, 'the packet fills the first screen')
    await page.getByRole('button', { name: 'To the conversation' }).click()
    await field(page).waitFor()
    await page.getByRole('button', { name: '1 fact, 1 promise' }).waitFor()
    assert.equal(await page.getByText('verified, transfer booked', { exact: false }).count(), 0)
    await page.getByRole('link', { name: 'Context' }).click()
    await page.getByText('known for 9 years').waitFor()
    await page.getByRole('link', { name: 'Inbox' }).click()
    await page.getByRole('link', { name: /business ··0937/ }).waitFor()
    await page.context().close()
  })
})
