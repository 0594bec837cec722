/** The desk in a browser: the page built afresh, a floor to open it on, and what tests of it do over and over. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Locator, Page } from 'playwright-core'
import { build } from 'vite'
import { launch } from './browser.ts'
import { FixtureDesk } from './fixture-desk.ts'

export const me = 'person:cards-1'
export const colleague = 'person:cards-2'

/** The page, built afresh, and a floor to open it on. */
export interface DeskStage extends AsyncDisposable {
  readonly browser: Browser
  readonly desk: FixtureDesk
  /** A browser of somebody's own; `as` null has no cookie. */
  readonly open: (
    path?: string,
    options?: { width?: number; height?: number; theme?: 'light' | 'dark'; as?: string | null; scale?: number },
  ) => Promise<{ page: Page; complaints: string[] }>
}

export async function openDeskStage(): Promise<DeskStage> {
  const folder = await mkdtemp(join(tmpdir(), 'battuta-desk-'))
  await build({
    configFile: fileURLToPath(new URL('../../web/vite.config.ts', import.meta.url)),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  })
  const desk = await FixtureDesk.open(folder)
  const browser = await launch()
  return {
    browser,
    desk,
    open: async (path = '/desk', { width = 1440, height = 900, theme = 'light', as = me, scale = 1 } = {}) => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, hasTouch: width < 500, deviceScaleFactor: scale })
      if (as !== null) await context.addCookies([{ name: 'fixture-desk', value: desk.session(as), url: desk.url }])
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('console', (message) => void (message.type() === 'error' && complaints.push(`${message.text()} ${message.location().url}`)))
      page.on('pageerror', (error) => complaints.push(String(error)))
      await page.goto(desk.url + path)
      return { page, complaints }
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      await desk.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Where one writes. */
export function field(page: Page): Locator {
  return page.locator('.composer textarea')
}

/** Opens a conversation of one's own and waits until it can be answered. */
export async function openOwn(stage: DeskStage, options: Parameters<DeskStage['open']>[1] = {}): ReturnType<DeskStage['open']> {
  const opened = await stage.open('/desk?conversation=con_4821', options)
  await opened.page.getByText('Can you make it start now?').nth(1).waitFor({ state: 'attached' })
  await opened.page.getByRole('button', { name: 'Reply on chat' }).waitFor({ state: 'attached' })
  return opened
}

/** The line is good again. */
export function live(page: Page): Promise<void> {
  return page.locator('.desk-strip').waitFor({ state: 'detached', timeout: 20_000 })
}
