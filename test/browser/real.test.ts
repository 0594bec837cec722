/** The pages against the real server: a customer is understood, a person sees why, and a killed server costs nobody a word. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { startServer } from '../system/server-process.ts'
import type { ServerProcess } from '../system/server-process.ts'
import { violations } from './axe.ts'
import { launch, noBrowser, suiteMsMax } from './browser.ts'
import { bubbles, openChat, write } from './chat-page.ts'

describe('the real server', { skip: noBrowser, timeout: suiteMsMax }, () => {
  let folder: string
  let server: ServerProcess
  let browser: Browser
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'battuta-real-'))
    server = await startServer(folder, ['--traffic', 'off'])
    browser = await launch()
  })
  after(async () => {
    await browser.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const open = async (path: string): Promise<{ page: Page; complaints: string[] }> => {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
    const complaints: string[] = []
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(server.url + path)
    return { page, complaints }
  }
  test('a message on the demo page is answered, stands in the stream, is explained, and replays bit for bit', async () => {
    const desk = await open(`/#code=${server.code}`)
    await desk.page.getByText('No decision yet', { exact: false }).first().waitFor()
    const shop = await open('/demo')
    await openChat(shop.page)
    await write(shop.page, 'My new card has not arrived yet')
    await shop.page.locator('li.theirs .bubble').first().waitFor()
    assert.match((await bubbles(shop.page))[1] ?? '', /card/i)

    await desk.page.getByRole('row').filter({ hasText: 'card arrival' }).first().waitFor()
    await desk.page.getByRole('link', { name: 'Decisions' }).click()
    await desk.page.getByRole('heading', { level: 1 }).filter({ hasText: 'Answered with' }).waitFor()
    await desk.page.getByText('My new card has not arrived yet').first().waitFor()
    await desk.page.getByRole('button', { name: 'Replay' }).click()
    await desk.page.getByText('equal, bit for bit').waitFor()
    assert.deepEqual(await violations(desk.page), [])
    assert.deepEqual([...desk.complaints, ...shop.complaints], [])
    await Promise.all([desk.page.context().close(), shop.page.context().close()])
  })

  test('a server killed in mid-conversation loses no message and repeats none', async () => {
    const { page } = await open('/demo')
    await openChat(page)
    await write(page, 'Where is my card?')
    await page.locator('li.theirs .bubble').first().waitFor()
    const gone = once(server.process, 'close')
    server.process.kill('SIGKILL')
    await gone
    await page.getByText('No connection.', { exact: false }).first().waitFor()
    await write(page, 'I forgot my PIN')
    await page.getByText('Waits for the connection').waitFor()
    server = await startServer(folder, ['--traffic', 'off', '--port', new URL(server.url).port])
    await page.locator('li.theirs .bubble').nth(1).waitFor({ timeout: 30_000 })
    const said = await bubbles(page)
    assert.equal(said.length, 4, said.join(' | '))
    assert.deepEqual([said[0], said[2]], ['Where is my card?', 'I forgot my PIN'])
    await page.reload()
    await page.locator('li.theirs .bubble').nth(1).waitFor()
    assert.deepEqual(await bubbles(page), said, 'a page that is opened again is told the same')
    await page.context().close()
  })
})
