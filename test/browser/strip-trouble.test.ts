import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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
  await strip.inspector.getByText('Inspector').click()
}, SLOW_START_MS)
afterEach(async () => {
  expect([strip.tab.trouble, strip.tab.foreign]).toEqual([[], []])
  await strip.tab.close()
})

const rows = (words: string) =>
  strip.inspector.getByRole('list', { name: 'API calls' }).getByRole('listitem').filter({ hasText: words })

describe('faults that are set on the page', { timeout: 180_000 }, () => {
  it.each([
    ['slack', 'Slack', 'chat.update'],
    ['discord', 'Discord', 'PATCH /channels/:id/messages/:mid'],
  ] as const)(
    'a 429 of %s is seen in the inspector, and the card converges after it',
    async (platform, name, method) => {
      await strip.event('i_new')
      await settled(run)
      await strip.choose(strip.faults, 'Platform', platform)
      await strip.choose(strip.faults, 'Calls', 'edits')
      await strip.faults.getByLabel('Retry-After, s').fill('1')
      await strip.press(strip.faults, 'Set the fault')
      await strip.faults.getByRole('list').getByText(`${name}, 1 × ${method}: 429`).waitFor()
      await strip.event('i_ack')
      await strip.inspector.getByLabel('Failures only').check()
      await rows('429').getByText('too many calls: wait as long as Retry-After says').waitFor({ timeout: 60_000 })
      await strip.inspector
        .getByLabel('Platform', { exact: true })
        .selectOption(platform === 'slack' ? 'discord' : 'slack')
      await rows('429').waitFor({ state: 'hidden' })
      await settled(run)
      expect((await seen(run))[platform].map(({ card }) => card)).toEqual([expect.stringContaining('Processing')])
      await strip.faults.getByRole('list').waitFor({ state: 'hidden' })
    },
  )

  it('a lost answer doubles nothing, and the inspector says what happened', async () => {
    await strip.choose(strip.faults, 'Platform', 'slack')
    await strip.choose(strip.faults, 'Fault', 'lost')
    await strip.press(strip.faults, 'Set the fault')
    await strip.says(strip.faults, 'Set: the next calls meet it.')
    await strip.event('i_new')
    await rows('chat.postMessage').getByText('done, but the answer was lost').waitFor()
    await strip.inspector.getByRole('tab', { name: 'Relay' }).click()
    await strip.inspector.getByText(/card in slack-incidents is ambiguous/).waitFor()
    expect((await seen(run)).slack).toHaveLength(1)
    await strip.event('i_ack')
    await strip.inspector
      .getByRole('row', { name: /discord-incidents version 2 of 2 up to date/ })
      .waitFor({ timeout: 60_000 })
    expect((await seen(run)).slack).toHaveLength(1)
  })

  it('can be cleared before they are met', async () => {
    await strip.choose(strip.faults, 'Calls', 'any call')
    await strip.choose(strip.faults, 'Fault', '500')
    await strip.press(strip.faults, 'Set the fault')
    await strip.faults.getByText('Slack, 1 × any call: 500').waitFor()
    await strip.press(strip.faults, 'Clear faults')
    await strip.says(strip.faults, 'Both platforms behave.')
    await strip.event('i_new')
    await settled(run)
    expect((await run.panel()).calls.filter(({ fault }) => fault !== undefined)).toEqual([])
  })
})

describe('what people do in chat', { timeout: 180_000 }, () => {
  it('a deleted card is made again with the next event', async () => {
    await strip.event('i_new')
    await settled(run)
    for (const platform of ['slack', 'discord']) {
      await strip.choose(strip.chat, 'Platform', platform)
      await strip.chat.getByRole('option', { name: /checkout-api/ }).waitFor({ state: 'attached' })
      await strip.press(strip.chat, 'Delete the card')
      await strip.says(strip.chat, 'The card is deleted.')
    }
    const gone = await seen(run)
    expect([gone.slack, gone.discord]).toEqual([[], []])
    await strip.event('i_ack')
    await settled(run)
    const { slack, discord } = await seen(run)
    expect([...slack, ...discord].map(({ card }) => card)).toEqual([
      expect.stringContaining('Processing'),
      expect.stringContaining('Processing'),
    ])
    await strip.inspector.getByRole('tab', { name: 'Relay' }).click()
    await strip.inspector.getByRole('row', { name: /slack-incidents version 2 of 2, card no. 2/ }).waitFor()
  })

  it('an archived channel is a circuit that is open, and unarchived it gets what it missed', async () => {
    await strip.choose(strip.chat, 'Channel', await idOf('slack'))
    await strip.press(strip.chat, 'Archive the channel')
    await strip.says(strip.chat, 'Somebody archived #incidents.')
    await strip.event('i_new')
    await strip.inspector.getByRole('tab', { name: 'Relay' }).click()
    await strip.inspector.getByText(/Circuit open: destination:slack-incidents/).waitFor()
    await strip.press(strip.chat, 'Unarchive the channel')
    await strip.says(strip.chat, 'Somebody unarchived #incidents.')
    expect((await run.panel()).places.slack.find(({ name }) => name === 'incidents')).toMatchObject({ archived: false })
    const [card] = (await run.relay()).work
    await run.post('relay/retry', { ids: [card?.id] })
    await settled(run)
    expect((await seen(run)).slack).toHaveLength(1)
  })

  it('a reply to a locked thread is a dead letter, which is retried from the inspector', async () => {
    await strip.event('i_new')
    await strip.event('i_comm')
    await settled(run)
    await strip.choose(strip.chat, 'Platform', 'discord')
    await strip.press(strip.chat, 'Lock the thread')
    await strip.says(strip.chat, 'The thread is locked.')
    await strip.event('i_custom')
    await strip.inspector.getByRole('tab', { name: 'Relay' }).click()
    const dead = strip.inspector.getByText(/reply in discord-incidents is dead: .*the thread is locked/)
    await dead.waitFor({ timeout: 60_000 })
    await strip.press(strip.chat, 'Unlock the thread')
    await strip.says(strip.chat, 'The thread is unlocked.')
    await strip.inspector.getByRole('button', { name: /^Retry / }).click()
    await strip.says(strip.inspector, /: It is tried again now\./)
    await dead.waitFor({ state: 'hidden' })
    await settled(run)
    expect((await seen(run)).discord.map(({ thread }) => thread)).toEqual([
      expect.stringContaining('ran a custom action'),
    ])
  })
})

it('a call opens to what was said in it, without a token', { timeout: 180_000 }, async () => {
  await strip.event('i_new')
  await settled(run)
  const row = rows('chat.postMessage').first()
  // Not with the mouse, which rows that come in above could make miss.
  await row.locator('summary').press('Enter')
  await row.getByRole('region', { name: 'Request' }).getByText('"channel":').waitFor()
  await row.getByRole('region', { name: 'Answer' }).getByText('"ok": true').waitFor()
  expect(await strip.page.content()).not.toMatch(/xoxb-|discord\.bot-token/)
})

async function idOf(platform: 'slack' | 'discord'): Promise<string> {
  return (await run.panel()).places[platform].find(({ name }) => name === 'incidents')?.id ?? ''
}
