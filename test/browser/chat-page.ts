/** What tests do with the widget on a page, whoever's page it is. */
import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'

const untilMsMax = 15_000

/** Opens the chat by its button and waits until it is connected. */
export async function openChat(page: Page): Promise<void> {
  await page.locator('.launcher').click()
  await page.getByText('Assistant, AI, answers at once').waitFor()
}

export function field(page: Page): Locator {
  return page.getByLabel('Write a message')
}

export async function write(page: Page, text: string): Promise<void> {
  await field(page).fill(text)
  await page.keyboard.press('Enter')
}

/** Every bubble's words, as they are seen. */
export function bubbles(page: Page): Promise<(string | undefined)[]> {
  return page.locator('li > p.bubble').evaluateAll((all) => all.map((bubble) => bubble.textContent?.replace('You: ', '')))
}

/** Waits for something that no page shows. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + untilMsMax
  while (!(await holds())) {
    assert.ok(performance.now() < end, `not within ${untilMsMax / 1_000} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
