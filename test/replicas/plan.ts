import type { Random } from '../crash/random.ts'

/** How many relays there are. */
export const SEATS = 3

/**
 * What happens to the relays and to what they need.
 *
 * - `kill`     a process is gone from one instruction to the next, and is started again at once.
 * - `roll`     a process is asked to end, and the next one is started: a rollout.
 * - `stop`     a process stands still, and then goes on as if no time had passed.
 * - `cut`      a relay's way to Postgres swallows everything and tells nobody.
 * - `restart`  Postgres ends, in order (`fast`) or as if its machine had gone (`kill`), and is back after a while.
 */
export type Trouble =
  | { readonly kind: 'kill' | 'roll'; readonly atMs: number; readonly seat: number }
  | { readonly kind: 'stop' | 'cut'; readonly atMs: number; readonly seat: number; readonly forMs: number }
  | { readonly kind: 'restart'; readonly atMs: number; readonly how: 'fast' | 'kill'; readonly forMs: number }

const KILL_EVERY_MS = 5_000
/** All but the kills in one turn take so long; a shorter run has the same ones, shortened. */
const TURN_MS = 170_000
const STOP_MS = 60_000
const CUT_MS = { from: 10_000, to: 40_000 }
const PAUSE_MS = 12_000
/** From a restart that a client would hardly see to one that a sender cannot wait for. */
const AWAY_MS = [0, 3_000, 15_000] as const

/**
 * The troubles of a run, in order. One is killed every 5 s, whatever else is; of the longer ones there is one at a time,
 * so that at least one relay can always do its work, and none lasts beyond the run.
 */
export function toPlan(lengthMs: number, random: Random): readonly Trouble[] {
  const long = toLongTroubles(lengthMs, random)
  const kills: Trouble[] = []
  for (let atMs = KILL_EVERY_MS; atMs < lengthMs; atMs += KILL_EVERY_MS) {
    // One that stands still is to go on.
    const still = long.find((one) => one.kind === 'stop' && one.atMs <= atMs && atMs <= one.atMs + one.forMs)
    const seats = Array.from({ length: SEATS }, (_, seat) => seat)
    kills.push({
      kind: 'kill',
      atMs,
      seat: random.pick(seats.filter((seat) => still?.kind !== 'stop' || seat !== still.seat)),
    })
  }
  return [...long, ...kills].toSorted((a, b) => a.atMs - b.atMs)
}

function toLongTroubles(lengthMs: number, random: Random): readonly Trouble[] {
  const scale = Math.min(1, lengthMs / TURN_MS)
  const anySeat = (): number => random.between(0, SEATS - 1)
  const troubles: Trouble[] = []
  let atMs = 0
  for (let turn = 0; ; turn++) {
    for (const kind of ['stop', 'restart', 'cut', 'roll'] as const) {
      atMs += Math.round(PAUSE_MS * scale)
      const trouble = toTrouble(kind, turn)
      const forMs = 'forMs' in trouble ? trouble.forMs : 0
      if (trouble.atMs + forMs >= lengthMs) return troubles
      troubles.push(trouble)
      atMs += forMs
    }
  }

  function toTrouble(kind: 'stop' | 'restart' | 'cut' | 'roll', turn: number): Trouble {
    switch (kind) {
      case 'stop':
        return { kind, atMs, seat: anySeat(), forMs: Math.round(STOP_MS * scale) }
      case 'cut':
        return { kind, atMs, seat: anySeat(), forMs: Math.round(random.between(CUT_MS.from, CUT_MS.to) * scale) }
      case 'restart': {
        const forMs = Math.round(random.pick(AWAY_MS) * scale)
        return { kind, atMs, how: turn % 2 === 0 ? 'kill' : 'fast', forMs }
      }
      case 'roll':
        return { kind, atMs, seat: anySeat() }
    }
  }
}
