import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { run } from '../e2e/relay.ts'
import { launchBrowser, openTab } from './browser.ts'

// The page that `render --html` writes, opened from the disk in a real browser.
vi.setConfig({ testTimeout: 120_000 })

let browser: Browser
let folder: string
beforeAll(async () => {
  browser = await launchBrowser()
  folder = mkdtempSync(join(tmpdir(), 'relay-page-'))
})
afterAll(async () => {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
})

it('shows every type on both platforms, from one file, and asks nobody for anything', async () => {
  const file = join(folder, 'messages.html')
  expect(await run(['render', '--all', '--language', 'en', '--html', file])).toMatchObject({ code: 0 })
  expect(readdirSync(folder)).toEqual(['messages.html'])
  const tab = await openTab(browser, 'about:blank')
  const asked: string[] = []
  tab.page.on('request', (request) => asked.push(request.url()))
  await tab.page.goto(pathToFileURL(file).href)
  const exhibits = tab.page.locator('section.exhibit')
  await exhibits.first().waitFor()
  expect(await exhibits.count()).toBe(22)

  const raised = exhibits.filter({ has: tab.page.getByRole('heading', { name: 'i_r_severity', exact: true }) })
  for (const product of ['slack', 'discord']) {
    const words = await raised.locator(`.${product}`).innerText()
    for (const one of [
      'checkout-api: 5xx rate > 12%',
      'Processing',
      'Severity raised by Ann Lee: Warning → 🔴 Critical',
    ]) {
      expect(words, product).toContain(one)
    }
  }
  expect(await exhibits.locator('article').count()).toBeGreaterThanOrEqual(2 * 22 + 2 * 21)
  const builder = await raised.getByRole('link', { name: 'Block Kit Builder (card)' }).getAttribute('href')
  expect(builder).toMatch(/^https:\/\/app\.slack\.com\/block-kit-builder\/#%7B%22blocks%22/)
  // The map's modules are in the file itself.
  expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(file).href])
  expect([tab.foreign, tab.trouble]).toEqual([[], []])
  await tab.close()
})

it('shows hostile text as text', async () => {
  const file = join(folder, 'hostile.html')
  const event = join(folder, 'event.json')
  const { output } = await run([
    'trigger',
    'i_new',
    '--set',
    'title=</script><img src=x onerror=alert(1)><b>x',
    '--dry-run',
  ])
  writeFileSync(event, output)
  expect(await run(['render', event, '--html', file])).toMatchObject({ code: 0 })
  const tab = await openTab(browser, pathToFileURL(file).href)
  const text = tab.page.locator('.exhibit .slack').getByText('</script><img src=x onerror=alert(1)><b>x').first()
  await text.waitFor()
  expect(await tab.page.locator('.exhibit img').count()).toBe(0)
  expect(tab.trouble).toEqual([])
  await tab.close()
})
