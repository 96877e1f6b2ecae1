/**
 * Holds things that come and go by the thousand a second, each in a numbered slot that the next one takes over.
 * A Map or Set is dearer there: when V8 makes it a new table, all that the old one held stays in memory until the next
 * full collection, and with it all it leads to. Of what 64 busy connections bring, a third outlived its request that way.
 */
export class Slots<T> {
  readonly #things: (T | undefined)[] = []
  readonly #free: number[] = []

  /** How many there are. */
  get size(): number {
    return this.#things.length - this.#free.length
  }

  /** Gives the slot it is in: one that is free by now, or a new one. */
  add(thing: T): number {
    const slot = this.#free.pop() ?? this.#things.length
    this.#things[slot] = thing
    return slot
  }

  /** Undefined if the slot is free. */
  get(slot: number): T | undefined {
    return this.#things[slot]
  }

  /** Free a slot, and give what was in it. Only for whoever was given it, and once: the next one may have it already. */
  take(slot: number): T | undefined {
    const thing = this.#things[slot]
    if (thing === undefined) return undefined
    this.#things[slot] = undefined
    this.#free.push(slot)
    return thing
  }

  /** Any one of those that are meant; undefined if there is none. */
  find(isMeant: (thing: T) => boolean): T | undefined {
    for (const thing of this.#things) if (thing !== undefined && isMeant(thing)) return thing
    return undefined
  }

  /** All there is with its slot, in no order; it may be freed meanwhile. */
  *entries(): Generator<[slot: number, thing: T]> {
    for (const [slot, thing] of this.#things.entries()) if (thing !== undefined) yield [slot, thing]
  }
}
