import { toRealMs } from './fast-clock.ts'
import type { Random } from './random.ts'
import { pause, type Relay } from './relay.ts'
import type { Story, Told } from './story.ts'

const NOT_AN_EVENT = '{"event_id":'

/** How often, from 0 to 1, something out of the ordinary is done. */
export interface Mood {
  /** A life begins with new incidents. */
  readonly begins: number
  /** So many of them at most. */
  readonly atOnce: number
  /** Nobody starts the process again for longer than a platform knows a repeated call. */
  readonly away: number
  /** A push is sent twice at once. */
  readonly twice: number
  /** Something comes that is no event. */
  readonly nonsense: number
}
/** Most lives go on with what others left. */
export const USUAL: Mood = { begins: 0.35, atOnce: 2, away: 0.03, twice: 0.05, nonsense: 0.02 }
/** For paths that chance takes once in a hundred lives. */
export const EAGER: Mood = { begins: 0.9, atOnce: 4, away: 0.25, twice: 0.4, nonsense: 0.3 }

/** Who pushes, and how. */
export interface Sender {
  readonly random: Random
  readonly mood: Mood
}

/** Push what happens to some incidents, each in order, until the process is gone. */
export async function feed(relay: Relay, stories: readonly Story[], sender: Sender): Promise<void> {
  await Promise.all(stories.map((story) => feedOne(relay, story, sender)))
}

async function feedOne(relay: Relay, story: Story, sender: Sender): Promise<void> {
  const { random, mood } = sender
  // Whether the sender tries again what it has no answer to is up to it.
  const unsure = story.told.at(-1)
  if (unsure?.state === 'unsure' && random.chance(0.5)) await send(relay, unsure, sender)
  for (let left = random.between(1, 5); left > 0 && relay.isAlive; left--) {
    await pause(toRealMs(random.between(0, 1_800)))
    if (!relay.isAlive) return
    if (random.chance(mood.nonsense)) await relay.push(NOT_AN_EVENT)
    await send(relay, story.next(), sender)
  }
}

async function send(relay: Relay, told: Told, sender?: Sender): Promise<void> {
  const twice = sender?.random.chance(sender.mood.twice) === true
  const answers = await Promise.all([relay.push(told.body), ...(twice ? [relay.push(told.body)] : [])])
  if (told.state !== 'acked') told.state = answers.includes(200) ? 'acked' : 'unsure'
}

/** Let every incident's newest push be answered. */
export async function finish(relay: Relay, stories: readonly Story[]): Promise<void> {
  for (const { told } of stories) {
    const newest = told.at(-1)
    if (newest !== undefined && newest.state !== 'acked') await send(relay, newest)
  }
}
