import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest'
import { DOCUMENTED_TYPES } from '../../src/incident/attention.ts'
import { SLOW_START_MS, startRun, type Run } from '../contract/sandbox-run.ts'
import { launchBrowser } from './browser.ts'
import { openStrip, seen, settled, type Strip } from './strip.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
}, SLOW_START_MS)
afterAll(() => browser.close())

let run: Run
let strip: Strip
beforeEach(async () => {
  run = await startRun()
  strip = await openStrip(browser, run.url)
}, SLOW_START_MS)
afterEach(async () => {
  expect([strip.tab.trouble, strip.tab.foreign]).toEqual([[], []])
  await strip.tab.close()
})

describe('sending events from the page', { timeout: 180_000 }, () => {
  it('every documented type and an unknown one lands in both chats', async () => {
    const types = await strip.send
      .getByLabel('Event', { exact: true })
      .locator('option')
      .evaluateAll((options) => options.map((option) => (option as unknown as { value: string }).value))
    expect(types.toSorted()).toEqual([...DOCUMENTED_TYPES, 'i_not_known_yet'].toSorted())
    for (const type of types) await strip.event(type)
    await settled(run)
    const { slack, discord } = await seen(run)
    expect([slack.length, discord.length]).toEqual([1, 1])
    const { lanes } = await run.relay()
    expect(lanes.map(({ shownVersion }) => shownVersion)).toEqual([types.length, types.length])
    for (const { thread } of [...slack, ...discord]) {
      for (const words of [
        'acknowledged',
        'snoozed until',
        'commented',
        'Recovered',
        'Reopened',
        'P3',
        'i_not_known_yet',
      ])
        expect(thread).toContain(words)
    }
  })

  it('what is no JSON is said at once and sent all the same, and the refusal is shown', async () => {
    await strip.send.getByText('Payload').click()
    const body = strip.send.getByLabel('Body of the push, JSON')
    await body.fill('{"event_id": "x",\n "event_type": }')
    await strip.says(strip.send, /Not JSON: Unexpected token/)
    expect(await body.getAttribute('aria-invalid')).toBe('true')
    await strip.press(strip.send, 'Send')
    await strip.says(strip.send, /400 invalid_json: /)
    await body.fill('{"event_id": "x", "event_type": "i_new", "event_time": 1, "incident": {}}')
    expect(await body.getAttribute('aria-invalid')).toBe('false')
    await strip.press(strip.send, 'Send')
    await strip.says(strip.send, /400 \w+ at incident\.incident_id: /)
    await strip.press(strip.send, 'Back to what is chosen')
    await strip.press(strip.send, 'Send')
    await strip.says(strip.send, '200 accepted')
  })

  it('a payload is sent as it was edited', async () => {
    await strip.send.getByText('Payload').click()
    const body = strip.send.getByLabel('Body of the push, JSON')
    await body.fill((await body.inputValue()).replace(/"title": "[^"]*"/, '"title": "typed <!channel> by hand"'))
    await strip.press(strip.send, 'Send')
    await strip.says(strip.send, '200 accepted')
    await strip.press(strip.send, 'Send')
    await strip.says(strip.send, '200 duplicate')
    await settled(run)
    expect((await seen(run)).slack.map(({ card }) => card)).toEqual([
      expect.stringContaining('typed <!channel> by hand'),
    ])
  })

  it('a duplicate and a late event leave the card as it is, and say so', async () => {
    await strip.press(strip.send, 'Send late')
    await strip.says(strip.send, 'There is no incident yet')
    await strip.event('i_new')
    await settled(run)
    const before = await seen(run)
    await strip.press(strip.send, 'Send again')
    await strip.says(strip.send, /200 duplicate: .*nothing else happens/)
    await strip.choose(strip.send, 'Event', 'i_rslv')
    await strip.press(strip.send, 'Send late')
    await strip.says(strip.send, /200 stale: .*stays as it is/)
    await settled(run)
    expect(await seen(run)).toEqual(before)
  })

  it('a burst of 50 changes ends with one card that is right', async () => {
    await strip.event('i_new')
    await strip.press(strip.send, 'Burst of 50')
    await strip.says(strip.send, 'Burst of 50: 50 accepted', 60_000)
    await settled(run)
    const { slack, discord } = await seen(run)
    expect([...slack, ...discord].map(({ card }) => card)).toEqual([
      expect.stringContaining('(change 50 of 50)'),
      expect.stringContaining('(change 50 of 50)'),
    ])
    await strip.inspector.getByText('Inspector').click()
    const rows = await strip.inspector.getByRole('list', { name: 'API calls' }).getByRole('listitem').all()
    expect(rows.length).toBeLessThan(60)
  })

  it('a storm of incidents brings the storm board, which the inspector shows', async () => {
    await strip.inspector.getByText('Inspector').click()
    await strip.inspector.getByRole('tab', { name: 'Relay' }).click()
    await strip.press(strip.send, 'Storm of 60')
    await strip.says(strip.send, 'Storm of 60: 60 accepted', 60_000)
    await strip.inspector
      .getByText(/slack-incidents: \d+ new incidents wait for their card/)
      .waitFor({ timeout: 60_000 })
    const board = async () =>
      (await seen(run)).slack.some(({ card }) => /host-\d\d: not reachable.*host-\d\d: not reachable/.test(card))
    await expect.poll(board, { timeout: 60_000 }).toBe(true)
  })

  it('a whole incident plays at a pace one can watch, and stops when told to', async () => {
    await strip.page.clock.install()
    await strip.press(strip.send, 'Play an incident')
    for (const type of ['i_new', 'i_assign', 'i_ack', 'i_comm', 'i_r_severity', 'i_r_rc']) {
      await strip.says(strip.send, `${type} is accepted`)
      await strip.page.clock.runFor(2_500)
    }
    await strip.says(strip.send, 'A whole incident: 7 accepted')
    await settled(run)
    expect((await seen(run)).slack.map(({ card }) => card)).toEqual([expect.stringContaining('Recovered')])
    await strip.press(strip.send, 'Play an incident')
    await strip.says(strip.send, 'i_new is accepted')
    await strip.press(strip.send, 'Stop')
    await strip.says(strip.send, 'A whole incident: stopped, 1 accepted')
  })
})
