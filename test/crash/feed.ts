import { toRealMs } from './fast-clock.ts'
import type { Random } from './random.ts'
import { pause, type Relay } from './relay.ts'
import type { Story, Told } from './story.ts'

const NOT_AN_EVENT = '{"event_id":'

/** Push what happens to some incidents, each in order, until the process is gone. */
export async function feed(relay: Relay, stories: readonly Story[], random: Random): Promise<void> {
  await Promise.all(stories.map((story) => feedOne(relay, story, random)))
}

async function feedOne(relay: Relay, story: Story, random: Random): Promise<void> {
  // Whether the sender tries again what it has no answer to is up to it.
  const unsure = story.told.at(-1)
  if (unsure?.state === 'unsure' && random.chance(0.5)) await send(relay, unsure, random)
  for (let left = random.between(1, 5); left > 0 && relay.isAlive; left--) {
    await pause(toRealMs(random.between(0, 1_800)))
    if (!relay.isAlive) return
    if (random.chance(0.02)) await relay.push(NOT_AN_EVENT)
    await send(relay, story.next(), random)
  }
}

async function send(relay: Relay, told: Told, random?: Random): Promise<void> {
  const twice = random?.chance(0.05) === true
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
