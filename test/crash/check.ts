import type { Sandbox } from '../../src/sandbox/server.ts'
import { DESTINATIONS, toShown, type Destination, type ShownCard } from './shown.ts'
import { PEOPLE } from './people.ts'
import type { Story } from './story.ts'

/**
 * - `lost`          an event that got a 200 has not the effect it owes.
 * - `doubled`       two cards of one incident in one place, or an event told twice, or somebody called twice.
 * - `out_of_order`  a reply stands above one that tells of something earlier.
 * - `wrong_card`    the card does not show the newest state.
 * - `unfinished`    work is left, or was given up, though nothing hinders it.
 * - `died`          the process ended by itself.
 */
export type Fault = 'lost' | 'doubled' | 'out_of_order' | 'wrong_card' | 'unfinished' | 'died'

export interface Violation {
  readonly fault: Fault
  readonly detail: string
}

/** What the promises say of a sandbox at rest. `expected` gives the card of an undisturbed relay. */
export function check(
  sandbox: Sandbox,
  stories: readonly Story[],
  expected: (story: Story, destination: Destination) => string | undefined,
): readonly Violation[] {
  return DESTINATIONS.flatMap((destination) => {
    const shown = toShown(sandbox, destination)
    return stories.flatMap((story) => {
      const cards = shown.filter(
        ({ look, thread }) => isAbout(story, look) || thread.some((line) => tells(story, line)),
      )
      const found = checkStory(story, cards, destination, expected(story, destination))
      return found.map(({ fault, detail }) => ({ fault, detail: `${detail} (${story.name} in ${destination})` }))
    })
  })
}

function isAbout({ name }: Story, look: string): boolean {
  return look.includes(name)
}

function tells({ told }: Story, line: string): boolean {
  return told.some(({ word }) => line.includes(word))
}

/**
 * A line about whom the incident is given to: of an event of its own, or for those whom the card could not call yet. That
 * one says who did the newest thing, which is told elsewhere. Whether such a line is there twice is told by whom it calls.
 */
const GIVEN = /👉 Assigned to .{0,400}?\bby\b.{0,60}?w[\da-z]{5}z/gu

function checkStory(
  story: Story,
  cards: readonly ShownCard[],
  destination: Destination,
  expected: string | undefined,
): readonly Violation[] {
  const promised = story.told.filter(({ state }) => state === 'acked')
  const [card, ...more] = cards
  if (card === undefined) return promised.length === 0 ? [] : [{ fault: 'lost', detail: 'there is no card' }]
  const violations: Violation[] = more.map(() => ({ fault: 'doubled', detail: 'there is one more card' }))
  const thread = cards
    .flatMap((one) => one.thread)
    .join('\n')
    .replaceAll(GIVEN, '')

  let lastAt = -1
  for (const { word, speaks, state } of story.told) {
    const count = thread.split(word).length - 1
    if (count === 0 && speaks && state === 'acked') violations.push({ fault: 'lost', detail: `${word} is not told` })
    if (count > 1) violations.push({ fault: 'doubled', detail: `${word} is told ${count} times` })
    const at = thread.indexOf(word)
    if (at === -1) continue
    if (at < lastAt) violations.push({ fault: 'out_of_order', detail: `${word} is told too early` })
    lastAt = at
  }
  violations.push(...checkCalls(story, cards, destination))
  if (expected !== undefined && card.look !== expected && more.length === 0) {
    violations.push({ fault: 'wrong_card', detail: `the card shows ${card.look}\n  instead of ${expected}` })
  }
  return violations
}

/** Nobody is called more often than there was a reason to, nor forgotten. */
function checkCalls({ told }: Story, cards: readonly ShownCard[], destination: Destination): readonly Violation[] {
  return PEOPLE.flatMap(({ name, slack, discord }): readonly Violation[] => {
    const count = cards.flatMap(({ called }) => called).filter((id) => id === slack || id === discord).length
    const reasons = told.filter(({ calls }) => calls.some((who) => who.name === name))
    const most = reasons.length
    if (count > most) return [{ fault: 'doubled', detail: `${name} is called ${count} times and not ${most}` }]
    // Slack is asked who somebody is, and may not answer in time.
    const isPromised = destination !== 'slack' && reasons.some(({ state }) => state === 'acked')
    return count === 0 && isPromised ? [{ fault: 'lost', detail: `${name} is not called` }] : []
  })
}
