import type { Browser, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { DiscordState } from '../../src/sandbox/discord/state.ts'
import type { SlackState } from '../../src/sandbox/slack/state.ts'
import type { Run } from '../contract/sandbox-run.ts'
import { openTab, type Tab } from './browser.ts'

/** The page as somebody who uses its controls sees it. */
export interface Strip {
  readonly tab: Tab
  readonly page: Page
  readonly send: Locator
  readonly chat: Locator
  readonly faults: Locator
  readonly inspector: Locator
  /** Press a button of a group. */
  press(group: Locator, name: string): Promise<void>
  /** Wait until a group says this. */
  says(group: Locator, words: string | RegExp, withinMs?: number): Promise<void>
  choose(group: Locator, field: string, value: string): Promise<void>
  /** Send one event of a type and wait until the relay took it. */
  event(type: string): Promise<void>
}

export async function openStrip(
  browser: Browser,
  url: string,
  options: Parameters<typeof openTab>[2] = {},
): Promise<Strip> {
  const tab = await openTab(browser, `${url}/sandbox`, options)
  const { page } = tab
  const group = (name: string): Locator => page.getByRole('group', { name, exact: true })
  const strip: Strip = {
    tab,
    page,
    send: group('Send an event'),
    chat: group('Act as a person in chat'),
    faults: group('Make a platform fail'),
    inspector: page.getByRole('complementary', { name: 'Inspector' }),
    press: (inside, name) => inside.getByRole('button', { name, exact: true }).click(),
    says: async (inside, words, withinMs = 30_000) =>
      inside.getByRole('status').filter({ hasText: words }).first().waitFor({ timeout: withinMs }),
    async choose(inside, field, value) {
      await inside.getByLabel(field, { exact: true }).selectOption(value)
    },
    async event(type) {
      await strip.choose(strip.send, 'Event', type)
      await strip.press(strip.send, 'Send')
      await strip.says(strip.send, '200 accepted')
    },
  }
  return strip
}

/** Everything that was sent is shown: no lane owes anything. */
export async function settled(run: Run, withinMs = 60_000): Promise<void> {
  const owing = async () => {
    const { lanes, work } = await run.relay()
    const behind = lanes.filter(({ wantedVersion, shownVersion, frozen }) => wantedVersion > shownVersion && !frozen)
    return { lanes: lanes.length > 0, work, behind }
  }
  await expect.poll(owing, { timeout: withinMs, interval: 100 }).toEqual({ lanes: true, work: [], behind: [] })
}

/** The cards that are there, and the texts below each: as JSON without the backslashes, which Discord has many of. */
export async function seen(run: Run, channel = 'incidents') {
  const { slack, discord } = (await run.get('state')) as { slack: SlackState; discord: DiscordState }
  const shown = (messages: readonly Root[] = []) =>
    messages
      .filter(({ deleted }) => !deleted)
      .map(({ thread, ...card }) => ({ card: toText(card), thread: toText(thread) }))
  return {
    slack: shown(slack.channels.find(({ name }) => name === channel)?.messages),
    discord: shown(discord.channels.find(({ name }) => name === channel)?.messages),
  }
}

interface Root {
  readonly deleted: boolean
  readonly thread: readonly object[]
}

function toText(shown: object): string {
  return JSON.stringify(shown).replaceAll('\\', '')
}
