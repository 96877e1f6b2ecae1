import type { Child } from './child.ts'
import type { Figure } from './figure.ts'
import type { LoadResult, Order } from './load.ts'

/** What a measurement is given. */
export interface Bench {
  /** Fewer and shorter rounds: to see that it works, not to judge by. */
  readonly quick: boolean
  /** Empty, on the disk that is measured, and of this measurement alone. */
  readonly folder: string
  /** Have the load generator, which is a process of its own, carry out an order. Every order gets a seed of its own. */
  load(order: Unseeded): Promise<LoadResult>
  /** Say what is going on. */
  say(line: string): void
}

type WithoutSeed<T> = T extends unknown ? Omit<T, 'seed'> : never
export type Unseeded = WithoutSeed<Order>

export type Measure = (bench: Bench) => Promise<readonly Figure[]>

/** `load` of a bench, on top of a load generator that runs. Seeds begin after `from`. */
export function createLoad(loader: Child, from = 0): Bench['load'] {
  let seed = from
  return async (order) => (await loader.ask({ ...order, seed: ++seed })) as LoadResult
}
