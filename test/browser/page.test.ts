import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { launchBrowser } from './browser.ts'
import { callSlack, openSandbox, openSandboxOf, send, startRelay } from './stage.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.close())

const SLACK_CARD = '.slack .room .attachment'
const DISCORD_CARD = '.discord .room .embed'

describe('the sandbox page', () => {
  it('shows a card in both products as soon as there is one, and turns its colour when the incident ends', async () => {
    const { page, world, trouble } = await openSandbox(browser)
    const relay = await startRelay(world)
    await send(relay, 'i_new', { incident_severity: 'Warning', incident_status: 'Warning' })
    await Promise.all([SLACK_CARD, DISCORD_CARD].map((card) => page.waitForSelector(card)))
    const before = [await barOf(page, SLACK_CARD), await barOf(page, DISCORD_CARD)]
    expect(await page.locator('.room .edited').count()).toBe(0)

    await send(relay, 'i_rslv')
    await page.locator('.slack .room .edited').waitFor()
    await page.locator('.discord .room .edited').waitFor()
    const after = [await barOf(page, SLACK_CARD), await barOf(page, DISCORD_CARD)]
    expect(after[0]).not.toBe(before[0])
    expect(after[1]).not.toBe(before[1])
    expect(await page.locator('.slack .room article > .post').first().getAttribute('class')).toContain('fresh')
    expect(trouble).toEqual([])
  })

  it('opens a thread beside the channel, and closes it with Escape and with its button', async () => {
    const { page, world } = await openSandbox(browser)
    const relay = await startRelay(world)
    await send(relay, 'i_new')
    await send(relay, 'i_ack')
    for (const product of ['slack', 'discord']) {
      const summary = page.locator(`.${product} .room .summary`)
      await summary.click()
      const side = page.locator(`.${product} .side`)
      await side.getByText('acknowledged').first().waitFor()
      const [room, beside] = [await page.locator(`.${product} .room`).boundingBox(), await side.boundingBox()]
      expect(beside?.x).toBeGreaterThanOrEqual((room?.x ?? 0) + (room?.width ?? 0) - 1)
      expect(room?.width).toBeGreaterThan(300)
      await page.keyboard.press('Escape')
      await side.waitFor({ state: 'hidden' })
      expect(await focusOf(page)).toContain('summary')
      await summary.click()
      await side.getByRole('button', { name: 'Close the thread' }).click()
      await side.waitFor({ state: 'hidden' })
    }
  })

  it('shows a broadcast reply in the channel too, and leads to its thread from there', async () => {
    const { page, world } = await openSandbox(browser)
    const { ts } = await callSlack(world, 'chat.postMessage', { channel: 'C0INCIDENTS', text: 'disk full & slow' })
    const reply = { channel: 'C0INCIDENTS', text: 'it is worse', thread_ts: ts, reply_broadcast: true }
    await callSlack(world, 'chat.postMessage', reply)
    await page.getByRole('button', { name: 'disk full & slow' }).click()
    await page.locator('.slack .side').getByText('it is worse').waitFor()
  })

  it('marks what nobody has looked at, and draws a line before it', async () => {
    const { page, world } = await openSandbox(browser)
    world.sandbox.slack.postAs('ann', 'incidents', 'first')
    await page.locator('.slack .room').getByText('first').waitFor()
    expect(await page.title()).toBe('Sandbox')

    world.sandbox.slack.postAs('ben', 'payments', 'old news')
    world.sandbox.slack.postAs('ben', 'payments', '<!here> look at this')
    const payments = page.getByRole('button', { name: /payments\s+2 unread\s+with mentions:\s+1/ })
    await payments.waitFor()
    expect(await page.title()).toBe('(2) Sandbox')
    expect(await styleOf(page, '[data-channel=C0PAYMENTS]', 'fontWeight')).toBe('700')

    await payments.click()
    await page.locator('.slack .line.new + article').getByText('old news').waitFor()
    await page.getByRole('button', { name: 'payments', exact: true }).first().waitFor()
    expect(await page.title()).toBe('Sandbox')
    expect(await styleOf(page, '[data-channel=C0PAYMENTS]', 'fontWeight')).toBe('400')
  })

  it('follows the system between the dark and the light look, until one is chosen for a product', async () => {
    const { page, world } = await openSandbox(browser, { colorScheme: 'dark' })
    const looks = async (of: Page) => [await styleOf(of, '#slack'), await styleOf(of, '#discord')]
    expect(await looks(page)).toEqual(['rgb(26, 29, 33)', 'rgb(49, 51, 56)'])
    await page.emulateMedia({ colorScheme: 'light' })
    expect(await looks(page)).toEqual(['rgb(255, 255, 255)', 'rgb(255, 255, 255)'])

    await page.locator('#discord').getByRole('button', { name: 'Dark look' }).click()
    expect(await looks(page)).toEqual(['rgb(255, 255, 255)', 'rgb(49, 51, 56)'])
    await page.reload()
    await page.locator('#discord [aria-pressed=true]').waitFor()
    expect(await looks(page)).toEqual(['rgb(255, 255, 255)', 'rgb(49, 51, 56)'])

    const other = await openSandboxOf(world, browser, { colorScheme: 'light' })
    expect(await looks(other.page)).toEqual(['rgb(255, 255, 255)', 'rgb(255, 255, 255)'])
  })

  it.each(['Asia/Kathmandu', 'America/New_York'])('tells times as they are in %s', async (timezoneId) => {
    const { page, world } = await openSandbox(browser, { timezoneId })
    const ts = Number(world.sandbox.slack.postAs('ann', 'incidents', 'what time is it?'))
    const said = new Intl.DateTimeFormat('en-US', { timeStyle: 'short', timeZone: timezoneId }).format(ts * 1000)
    expect(await page.locator('.slack article .by time').innerText()).toBe(said)
  })

  it('says who would have been notified', async () => {
    const { page, world } = await openSandbox(browser)
    await callSlack(world, 'chat.postMessage', { channel: 'C0INCIDENTS', text: '<@U0ANNLEE01> <!here> please' })
    await page.locator('.slack').getByText('would notify: @Ann Lee, @here').waitFor()
    const { discord } = world.sandbox
    discord.postAs('ben', 'incidents', '<@1100000000000000011> look')
    await page.locator('.discord').getByText('would notify: @Ann Lee').waitFor()
  })

  it('shows hostile text as text: no element, no dialog, no request, nobody called', async () => {
    const { page, world, foreign, trouble } = await openSandbox(browser)
    const relay = await startRelay(world)
    const hostile =
      '<img src=https://evil.example/a.png onerror=alert(1)> <!channel> @everyone [x](https://evil.example)'
    await send(relay, 'i_new', {
      title: hostile,
      description: `${hostile}\n<script>alert(2)</script>`,
      labels: { note: hostile },
      responders: [],
      detail_url: 'javascript:alert(3)',
    })
    for (const card of [SLACK_CARD, DISCORD_CARD]) {
      await page.locator(card).getByText('<script>alert(2)</script>').waitFor()
    }
    for (const product of ['slack', 'discord']) {
      // A sign without width keeps Discord itself from reading a mention.
      expect((await page.locator(`.${product} .room`).innerText()).replaceAll('\u200b', '')).toContain(hostile)
      expect(await page.locator(`.${product} :is(img, script, iframe, object, .mention, .pings)`).count()).toBe(0)
      expect(await page.locator(`.${product} a[href*="evil"], .${product} a[href^="javascript"]`).count()).toBe(0)
    }
    expect(foreign).toEqual([])
    expect(trouble).toEqual([])
  })
})

/** The colour of the bar beside a card. */
function barOf(page: Page, card: string): Promise<string> {
  return page.evaluate<string>(`document.querySelector(${JSON.stringify(card)}).style.getPropertyValue('--bar')`)
}

function styleOf(page: Page, selector: string, name = 'backgroundColor'): Promise<string> {
  return page.evaluate<string>(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).${name}`)
}

/** What has the focus: its element and classes. */
function focusOf(page: Page): Promise<string> {
  return page.evaluate<string>('document.activeElement.outerHTML.slice(0, 80)')
}
