/** A real browser for tests: the system's Chromium, headless, with everything that calls home switched off. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { Fixture } from './fixture-server.ts'

const known = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const found = process.env['BATTUTA_CHROMIUM'] ?? known.find((path) => existsSync(path))

/** For `test({ skip })`: false when there is a browser, else the line that says how to have one. */
export const noBrowser: string | false = found ? false : `no browser: install Chromium or set BATTUTA_CHROMIUM to one (looked at ${known.join(', ')})`

/** A whole file on a busy machine; each test has the runner's own limit. */
export const suiteMsMax = 900_000

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: found as string, args: flags })
}

/** The pages, built afresh into a temporary folder and served by a fixture. */
export interface Stage extends AsyncDisposable {
  readonly browser: Browser
  readonly fixture: Fixture
  /** Where the built pages are. */
  readonly folder: string
  /** A page of this size and theme in a browser of its own; it collects what it complained about. */
  readonly open: (
    path: string,
    options?: { width?: number; height?: number; theme?: 'light' | 'dark'; signedIn?: boolean },
  ) => Promise<{ page: Page; complaints: string[] }>
}

export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'battuta-web-'))
  await build({
    configFile: fileURLToPath(new URL('../../web/vite.config.ts', import.meta.url)),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  })
  const fixture = await Fixture.open(folder)
  const browser = await launch()
  return {
    browser,
    fixture,
    folder,
    open: async (path, { width = 1440, height = 900, theme = 'light', signedIn = true } = {}) => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, hasTouch: width < 500 })
      if (signedIn) await context.addCookies([{ name: 'fixture', value: '1', url: fixture.url }])
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('console', (message) => void (message.type() === 'error' && complaints.push(`${message.text()} ${message.location().url}`)))
      page.on('pageerror', (error) => complaints.push(String(error)))
      await page.goto(fixture.url + path)
      return { page, complaints }
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      await fixture.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
