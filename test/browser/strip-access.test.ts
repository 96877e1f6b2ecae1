import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SLOW_START_MS, startAlone, startRun, type Run } from '../contract/sandbox-run.ts'
import { findFaults } from './axe.ts'
import { launchBrowser } from './browser.ts'
import { openStrip, settled, type Strip } from './strip.ts'

let browser: Browser
let run: Run
beforeAll(async () => {
  browser = await launchBrowser()
  run = await startRun()
}, SLOW_START_MS)
afterAll(() => browser.close())

/** Go on with Tab until something of this role and name has the focus. */
async function tabTo({ page }: Strip, role: 'combobox' | 'button' | 'tab' | 'textbox', name: RegExp): Promise<void> {
  const target = page.getByRole(role, { name }).first()
  for (let n = 0; n < 80; n++) {
    await page.keyboard.press('Tab')
    if (await target.evaluate((element) => element.matches(':focus'))) return
  }
  expect.fail(`Tab does not lead to the ${role} ${name}`)
}

describe('the controls and the inspector', { timeout: 180_000 }, () => {
  it('can be used with the keyboard alone', async () => {
    const strip = await openStrip(browser, run.url)
    const { page } = strip
    await page.getByRole('button', { name: 'Send', exact: true }).waitFor()
    await tabTo(strip, 'combobox', /^Event$/)
    await page.keyboard.type('i_new')
    await tabTo(strip, 'button', /^Send$/)
    await page.keyboard.press('Enter')
    await strip.says(strip.send, '200 accepted')
    await tabTo(strip, 'button', /^Delete the card$/)
    await strip.chat.getByRole('option', { name: /checkout-api/ }).waitFor({ state: 'attached' })
    await page.keyboard.press('Space')
    await strip.says(strip.chat, 'The card is deleted.')
    const summary = strip.inspector.locator('summary').first()
    for (let n = 0; n < 80 && !(await summary.evaluate((element) => element.matches(':focus'))); n++) {
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await tabTo(strip, 'tab', /^API calls$/)
    await page.keyboard.press('ArrowRight')
    await strip.inspector.getByRole('tabpanel', { name: 'Relay' }).waitFor()
    await strip.inspector.getByRole('row', { name: /slack-incidents/ }).waitFor()
    await strip.tab.close()
  })

  it.each([
    ['light', { width: 1440, height: 900 }],
    ['dark', { width: 1440, height: 900 }],
    ['light', { width: 400, height: 800 }],
    ['dark', { width: 400, height: 800 }],
  ] as const)('have no serious fault and nothing cut off, %s, %j', async (colorScheme, viewport) => {
    const strip = await openStrip(browser, run.url, { colorScheme, viewport, reducedMotion: 'reduce' })
    const { page } = strip
    const controls = page.locator('#strip > details')
    if (!(await controls.evaluate((element) => element.hasAttribute('open')))) await page.getByText('Controls').click()
    await strip.send.getByText('Payload').click()
    await strip.send.getByLabel('Body of the push, JSON').fill('{')
    await strip.press(strip.send, 'Send')
    await strip.says(strip.send, '400 invalid_json')
    await strip.press(strip.send, 'Back to what is chosen')
    await strip.event('i_new')
    await settled(run)
    await strip.inspector.getByText('Inspector').click()
    const call = strip.inspector.getByRole('listitem').filter({ hasText: 'chat.postMessage' }).last()
    // Not with the mouse, which rows that come in above could make miss.
    await call.locator('summary').press('Enter')
    await call.getByRole('region', { name: 'Answer' }).waitFor()
    expect(await findFaults(page)).toEqual([])
    await strip.inspector.getByRole('tab', { name: 'Relay' }).click()
    await strip.inspector
      .getByRole('row', { name: /slack-incidents/ })
      .first()
      .waitFor()
    expect(await findFaults(page)).toEqual([])
    const wider = await page.evaluate(() => {
      const { body } = (globalThis as unknown as { document: { body: { scrollWidth: number; clientWidth: number } } })
        .document
      return body.scrollWidth - body.clientWidth
    })
    expect(wider).toBe(0)
    expect([strip.tab.trouble, strip.tab.foreign]).toEqual([[], []])
    await strip.tab.close()
  })

  it('are closed at first in a narrow window, and say what they are', async () => {
    const strip = await openStrip(browser, run.url, { viewport: { width: 400, height: 800 } })
    expect(await strip.send.isVisible()).toBe(false)
    await strip.page.getByText('Controls').click()
    await strip.send.waitFor()
    expect(await strip.page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]')).toEqual([
      0,
      0,
      '',
    ])
    await strip.tab.close()
  })

  it('without a relay offer what people do and faults, and say why there is no more', async () => {
    const strip = await openStrip(browser, (await startAlone()).url)
    await strip.page.getByText('No relay runs in this process, so there is nothing to send events to here').waitFor()
    expect(await strip.send.count()).toBe(0)
    await strip.press(strip.chat, 'Remove the bot')
    await strip.says(strip.chat, 'The bot was removed from #incidents.')
    await strip.chat.getByRole('button', { name: 'Invite the bot' }).waitFor()
    await strip.press(strip.faults, 'Set the fault')
    await strip.faults.getByText('Slack, 1 × chat.postMessage: 429').waitFor()
    await strip.inspector.getByText('Inspector').click()
    await strip.inspector.getByRole('tab', { name: 'Relay' }).click()
    await strip.inspector.getByText('No relay runs in this process. Where yours runs:').waitFor()
    expect([strip.tab.trouble, strip.tab.foreign]).toEqual([[], []])
    await strip.tab.close()
  })
})
