import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { MAIN } from '../e2e/relay.ts'
import { launchBrowser, openTab } from './browser.ts'

// The sample incident plays for 20 s.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

/** `npm run screenshots` writes what the README shows; otherwise nothing is written. */
const WRITES = process.env['SCREENSHOTS'] !== undefined
const PICTURES = fileURLToPath(new URL('../../.github/', import.meta.url))

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.close())

it('plays the sample incident of `npm start` to its end in both products, as the pictures show', async () => {
  const url = await startSandbox()
  const size = { width: 1760, height: 1240 }
  const { page, foreign, trouble } = await open(`${url}/sandbox`, { viewport: size, deviceScaleFactor: 1.5 })
  await page.locator('.slack .summary').click()
  await page.locator('#discord').getByRole('button', { name: 'Dark look' }).click()
  for (const product of ['slack', 'discord']) {
    await page
      .locator(`.${product} .room article`)
      .getByText('Recovered', { exact: true })
      .first()
      .waitFor({ timeout: 60_000 })
  }
  await page.locator('.slack .side').getByText('would notify: @Ann Lee, @Ben Ortiz').first().waitFor()
  await page.locator('.discord .room').getByText('6 replies').waitFor()
  // What is not text in this label would not be in the text of the page.
  for (const product of ['slack', 'discord']) {
    const shown = (await page.locator(`.${product} .room`).innerText()).replaceAll('\u200b', '')
    expect(shown).toContain('last_request=GET /pay?note=<!channel> @everyone <script>')
  }
  await page
    .getByRole('button', { name: /incidents\s+1 unread/ })
    .first()
    .waitFor()
  await page.getByText('Controls', { exact: true }).click()
  await shoot(page, 'sandbox.png')

  await page.getByText('Controls', { exact: true }).click()
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.locator('.discord .summary').click()
  await page.locator('.discord .side').getByText('Recovered after').waitFor()
  await shoot(page, 'sandbox-dark.png')

  const narrow = await open(`${url}/sandbox`, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 })
  await narrow.page.getByRole('tab', { name: 'Discord' }).click()
  await narrow.page.locator('.discord .summary').waitFor()
  await shoot(narrow.page, 'sandbox-narrow.png')
  expect([...foreign, ...narrow.foreign, ...trouble, ...narrow.trouble]).toEqual([])
})

async function open(url: string, options: BrowserContextOptions) {
  const tab = await openTab(browser, url, { colorScheme: 'light', reducedMotion: 'reduce', ...options })
  onTestFinished(tab.close)
  return tab
}

async function shoot(page: Page, name: string): Promise<void> {
  if (!WRITES) return
  await page.mouse.move(0, 0)
  await page.evaluate('document.activeElement.blur()')
  await page.screenshot({ path: PICTURES + name })
}

/** What a newcomer gets: no configuration, a folder without anything. Gives its address. */
async function startSandbox(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'relay-page-'))
  const args = [MAIN, 'start', '--listen', `127.0.0.1:${await findPort()}`]
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill()
    await ended
    rmSync(folder, { recursive: true, force: true })
  })
  let output = ''
  return await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const url = /Watch +(\S+)\/sandbox/.exec(output)?.[1]
      if (url !== undefined) resolve(url)
    })
    child.on('exit', () => reject(new Error(`the sandbox ended:\n${output}`)))
  })
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
