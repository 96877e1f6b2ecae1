import { pause, type Debts, type Relay } from './relay.ts'

/** In our ms; the relay's longest wait of its own is five of its minutes. */
const PATIENCE_MS = 90_000
const LOOK_EVERY_MS = 100

/** In our ms, what is `open` may be so while nothing is owed: the relay looks after it every few seconds of its own. */
const OPEN_PATIENCE_MS = 20_000

/** Wait until a relay owes nothing, and nothing is `open` that its clock has to end. Gives what it still owed when patience ended, or undefined if the process did. */
export async function drain(relay: Relay, open = (): boolean => false): Promise<Debts | undefined> {
  const untilMs = performance.now() + PATIENCE_MS
  let clearSinceMs = Infinity
  let debts: Debts | undefined
  while (relay.isAlive) {
    debts = (await relay.debts()) ?? debts
    const nowMs = performance.now()
    clearSinceMs = debts !== undefined && isClear(debts) ? Math.min(clearSinceMs, nowMs) : Infinity
    const isOver = nowMs >= clearSinceMs && (!open() || nowMs > clearSinceMs + OPEN_PATIENCE_MS)
    if (debts !== undefined && (isOver || nowMs > untilMs)) return debts
    await pause(LOOK_EVERY_MS)
  }
  return undefined
}

export function isClear({ unapplied, lanesDue, pending, sending, ambiguous }: Debts): boolean {
  return unapplied + lanesDue + pending + sending + ambiguous === 0
}
