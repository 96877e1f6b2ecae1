import type { Image } from './instrument.ts'
import { startRelay } from './relay.ts'
import { createWorld } from './world.ts'

/** How long the process takes from its start until it accepts events, ms. */
export async function timeStart(image: Image, folder: string): Promise<number> {
  const world = await createWorld(folder, { deduplicates: true })
  const startedAtMs = performance.now()
  const relay = startRelay(image, world)
  await relay.ready
  const tookMs = performance.now() - startedAtMs
  if (!relay.isAlive) throw new Error(`the relay does not start: see ${folder}/relay.log`)
  relay.kill('SIGKILL')
  await relay.ended
  await world.close()
  return tookMs
}
