import { existsSync } from 'node:fs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

// What the browser tests stand on:
//
//   findBrowser()                   the path of an installed Chromium, or undefined
//   NO_BROWSER                      the sentence for people who have none
//   launchBrowser()                 a Browser of its own, in beforeAll; close it in afterAll
//   openTab(browser, url, options)  a fresh context with one page at `url`, and what went wrong in it
//
// vitest.config.ts leaves test/browser out where findBrowser() finds nothing, and says so. In CI (env CI) it stays in,
// and launchBrowser() fails: the suite cannot be missing there without anybody seeing it.

/** What to do where no browser is installed. */
export const NO_BROWSER =
  'no Chromium found: install one (Debian: apt-get install chromium; macOS: brew install --cask chromium) or name one in CHROMIUM'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Only what the pages themselves ask for may leave the browser. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The Chromium to test with: the one that CHROMIUM names, or one where systems put it; undefined if there is none. */
export function findBrowser(): string | undefined {
  const named = process.env['CHROMIUM']
  return (named === undefined || named === '' ? PLACES : [named]).find((path) => existsSync(path))
}

/** Start Chromium without a window, with a profile that is thrown away at its end; throws {@link NO_BROWSER} if there is none. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser()
  if (executablePath === undefined) throw new Error(NO_BROWSER)
  const { chromium } = await import('playwright-core')
  // Chromium's own walls need a user who is not root.
  const walls = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return await chromium.launch({ executablePath, headless: true, args: [...walls, ...QUIET] })
}

/** One page, and everything about it that no test wants to see. */
export interface Tab {
  readonly page: Page
  /** Requests to another origin, which are not let out. */
  readonly foreign: readonly string[]
  /** Uncaught errors, errors in the console, and dialogs. */
  readonly trouble: readonly string[]
  readonly close: () => Promise<void>
}

/** Open `url` in a context of its own: nothing is remembered from other tabs. Times are told in UTC unless `options` say. */
export async function openTab(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    timezoneId: 'UTC',
    ...options,
  })
  const page = await context.newPage()
  const { origin } = new URL(url)
  const foreign: string[] = []
  const trouble: string[] = []
  await context.route(
    (asked) => asked.origin !== origin && asked.protocol.startsWith('http'),
    async (route) => {
      foreign.push(route.request().url())
      await route.abort()
    },
  )
  page.on('pageerror', (error) => trouble.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && trouble.push(message.text()))
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(url)
  return { page, foreign, trouble, close: () => context.close() }
}
