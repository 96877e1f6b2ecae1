import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createHttpApp } from '../../src/http.ts'
import { startHttp } from '../../src/http-server.ts'
import { createLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { createSandbox } from '../../src/sandbox/server.ts'
import type { World } from '../e2e/relay.ts'
import { findFaults } from './axe.ts'
import { launchBrowser, openTab } from './browser.ts'
import { callSlack, openSandbox, send, startRelay } from './stage.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.close())

const CHANNEL = 'C0INCIDENTS'

describe('the sandbox page with the keyboard', () => {
  it('leads through channels, messages and threads, with the focus always to be seen', async () => {
    const { page, world } = await openSandbox(browser)
    await postThread(world)
    await page.locator('.slack .summary').waitFor()

    const seen = await tabTo(page, '.slack [aria-current]')
    await page.keyboard.press('ArrowDown')
    expect(await focused(page, '[data-channel=C0PAYMENTS]')).toBe(true)
    await page.keyboard.press('Enter')
    await page.locator('.slack .room h3').getByText('payments').waitFor()
    expect(await focused(page, '.slack [aria-current][data-channel=C0PAYMENTS]')).toBe(true)
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')

    seen.push(...(await tabTo(page, '.slack .room .scroll')), ...(await tabTo(page, '.slack .summary')))
    await page.keyboard.press('Enter')
    await page.locator('.slack .side').getByText('a reply').waitFor()
    expect(await focused(page, '.slack .side')).toBe(true)
    seen.push(...(await tabTo(page, '.slack .close')), ...(await tabTo(page, '.slack .side .scroll')))
    await page.keyboard.press('Escape')
    await page.locator('.slack .side').waitFor({ state: 'hidden' })
    expect(await focused(page, '.slack .summary')).toBe(true)
    seen.push(...(await tabTo(page, '.discord [aria-current]')))
    expect(seen.filter((outline) => outline === 'none')).toEqual([])
  })
})

describe('the sandbox page in a narrow window', () => {
  it('shows one product at a time, and nothing is wider than the window', async () => {
    const { page, world } = await openSandbox(browser, { viewport: { width: 390, height: 780 } })
    await postThread(world)
    await page.locator('.slack .summary').click()
    const side = await page.locator('.slack .side').boundingBox()
    expect(side).toMatchObject({ x: 0, width: 390 })
    await page.keyboard.press('Escape')

    expect(await page.locator('#discord').isVisible()).toBe(false)
    await page.getByRole('tab', { name: 'Slack' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.locator('#discord').waitFor()
    expect(await page.locator('#slack').isVisible()).toBe(false)
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  })
})

describe('axe', () => {
  it.each([1440, 390])('finds nothing serious %i px wide: light and dark, without and with a thread', async (width) => {
    // What fades in has no contrast of its own while it does.
    const options = { reducedMotion: 'reduce', viewport: { width, height: 900 } } as const
    const { page, world } = await openSandbox(browser, options)
    const relay = await startRelay(world)
    await send(relay, 'i_new', { labels: { service: 'checkout', note: '<!channel>' } })
    await send(relay, 'i_ack')
    for (const product of ['slack', 'discord']) {
      await page.locator(`.${product} .summary`).waitFor({ state: 'attached' })
    }
    await callSlack(world, 'chat.postMessage', { channel: 'C0PAYMENTS', text: '<!here> look' })
    world.sandbox.slack.postAs('ben', CHANNEL, '<!here> look')
    world.sandbox.discord.postAs('ben', 'incidents', '<@1100000000000000011> look')
    world.sandbox.discord.postAs('ben', 'payments', '<@1100000000000000011> look')
    await page.locator('.discord .badge').first().waitFor({ state: 'attached' })

    for (const product of width < 760 ? ['Slack', 'Discord'] : ['both']) {
      if (product !== 'both') await page.getByRole('tab', { name: product }).click()
      expect(await faultsInBothLooks(page)).toEqual([])
      for (const summary of await page.locator('.room .summary').locator('visible=true').all()) await summary.click()
      await page.locator('.side').locator('visible=true').first().waitFor()
      expect(await faultsInBothLooks(page)).toEqual([])
    }
  })
})

async function faultsInBothLooks(page: Page): Promise<readonly string[]> {
  await page.emulateMedia({ colorScheme: 'light' })
  const light = await findFaults(page)
  await page.emulateMedia({ colorScheme: 'dark' })
  return [...light, ...(await findFaults(page))]
}

describe('the sandbox page under load', () => {
  it('keeps what did not change, the focus and the place when hundreds of messages come and change', async () => {
    const { page, world } = await openSandbox(browser)
    const first = await postThread(world)
    for (let count = 0; count < 40; count += 1) await post(world, `message ${count}\nwith\nsome\nlines`)
    await page.locator('.slack .room').getByText('message 39').waitFor()
    await page.evaluate(`document.querySelector('.slack .scroll').scrollTop = 0`)
    await page.locator('.slack .summary').focus()
    await page.evaluate(`window.kept = [...document.querySelectorAll('.slack .room .post')].slice(1, 41)
      window.changes = 0
      new MutationObserver((all) => { window.changes += all.length })
        .observe(document.querySelector('.slack .room .posts'), { childList: true, subtree: true })`)

    for (let count = 0; count < 300; count += 1) {
      await callSlack(world, 'chat.update', { channel: CHANNEL, ts: first, text: `changed ${count}` })
    }
    await post(world, 'the last one')
    await page.locator('.slack .room').getByText('changed 299').waitFor()
    await page.locator('.slack .room').getByText('the last one', { exact: true }).waitFor()
    expect(await page.evaluate('window.kept.every((each) => each.isConnected)')).toBe(true)
    expect(await focused(page, '.slack .summary')).toBe(true)
    expect(await page.evaluate<number>(`document.querySelector('.slack .scroll').scrollTop`)).toBeLessThan(60)
    expect(await page.evaluate<number>('window.changes')).toBeLessThan(300)
  })

  it('says that the sandbox is gone, and goes on by itself when it is back', async () => {
    const log = createLog({ level: 'silent', secrets: () => [] })
    const start = (port: number) => {
      const { app, slack } = createSandbox({ nowMs: Date.now, limits: false })
      const http = createHttpApp({ webhook: app, metrics: createMetrics(), log, readiness: () => [] })
      return startHttp(http, { host: '127.0.0.1', port, log }).then((started) => ({ ...started, slack }))
    }
    const first = await start(0)
    const { page, close } = await openTab(browser, `http://127.0.0.1:${first.port}/sandbox`)
    onTestFinished(close)
    await page.getByText('Live', { exact: true }).waitFor()
    await first.close(0)
    await page.getByText('Connection lost. Reconnecting…').waitFor()
    const second = await start(first.port)
    onTestFinished(() => second.close(0))
    second.slack.postAs('ann', 'incidents', 'here again')
    await page.locator('.slack .room').getByText('here again').waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
  })

  it('weighs little, and all of it is its own', async () => {
    const folder = fileURLToPath(new URL('../../src/sandbox/page/', import.meta.url))
    const files = readdirSync(folder)
    const bytes = files.map((file) => gzipSync(readFileSync(folder + file)).length)
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(80_000)
    const { page, foreign, trouble } = await openSandbox(browser)
    const loaded = await page.evaluate<string[]>(`performance.getEntriesByType('resource').map(({ name }) => name)`)
    const ours = loaded.filter(
      (name) => new URL(name).origin === new URL(page.url()).origin || name.startsWith('data:'),
    )
    expect(ours).toEqual(loaded)
    expect([...foreign, ...trouble]).toEqual([])
  })
})

/** Post a message with a reply in Slack; gives the message's ts. */
async function postThread(world: World): Promise<string> {
  const { ts } = await callSlack(world, 'chat.postMessage', { channel: CHANNEL, text: 'a message' })
  await callSlack(world, 'chat.postMessage', { channel: CHANNEL, text: 'a reply', thread_ts: ts })
  return ts
}

function post(world: World, text: string): Promise<{ ts: string }> {
  return callSlack(world, 'chat.postMessage', { channel: CHANNEL, text })
}

/** Press Tab until something has the focus; gives the outlines of all that had it on the way. */
async function tabTo(page: Page, selector: string): Promise<string[]> {
  const outlines: string[] = []
  for (let steps = 0; steps < 80; steps += 1) {
    await page.keyboard.press('Tab')
    outlines.push(await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle'))
    if (await focused(page, selector)) return outlines
  }
  throw new Error(`Tab does not lead to ${selector}`)
}

function focused(page: Page, selector: string): Promise<boolean> {
  return page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`)
}
