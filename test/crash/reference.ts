import { drain, isClear } from './drain.ts'
import type { Image } from './instrument.ts'
import { startRelay } from './relay.ts'
import { toShown, type Destination } from './shown.ts'
import type { Story } from './story.ts'
import { createWorld } from './world.ts'

/** A relay that nothing happens to: its cards are what cards ought to look like. */
export interface Reference {
  /** The card for the newest promised state of each story, by destination. */
  show(stories: readonly Story[]): Promise<(story: Story, destination: Destination) => string | undefined>
  close(): Promise<void>
}

export async function startReference(image: Image, folder: string): Promise<Reference> {
  const world = await createWorld(folder, { deduplicates: true })
  const relay = startRelay(image, world)
  let before: Promise<unknown> = Promise.resolve()

  /** Every push holds the whole incident, so the newest one is enough. */
  async function tell(stories: readonly Story[]): Promise<void> {
    for (const { told } of stories) {
      const newest = told.findLast(({ state }) => state === 'acked')
      if (newest !== undefined && (await relay.push(newest.body)) !== 200)
        throw new Error('the reference relay is gone')
    }
    const debts = await drain(relay)
    if (debts === undefined || !isClear(debts)) throw new Error('the reference relay does not come to rest')
  }

  return {
    async show(stories) {
      const told = before.then(() => tell(stories))
      before = told
      await told
      return ({ name }, destination) =>
        toShown(world.sandbox, destination).find(({ look }) => look.includes(name))?.look
    },
    async close() {
      relay.kill('SIGKILL')
      await relay.ended
      await world.close()
    },
  }
}
