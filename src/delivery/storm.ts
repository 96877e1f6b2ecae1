import type { DerivedBoard } from '../flashduty/derive.ts'
import { boardPrefix, isBoard, STORM_BOARD, waitingIn, type Board } from '../incident/board.ts'
import { isClosed } from '../incident/state.ts'
import type { DueLane } from '../store/lane.ts'
import type { Backlog, Store } from '../store/store.ts'

export interface StormOptions {
  readonly store: Pick<Store, 'backlog' | 'accept'>
  readonly outlets: () => ReadonlyMap<string, unknown>
  /** More new incidents than this waiting for their card in a destination are a storm. */
  readonly stormAfter: () => number
  /** The event that tells of a board, as a push. */
  readonly toBoardPush: (push: DerivedBoard) => string
  readonly hash: (body: string) => string
}

export interface Storms {
  /** Begin, refresh and end the boards of the destinations, given the lanes that are due. Gives how many events that made. */
  tell(due: readonly DueLane[], nowMs: number): Promise<number>
  /** When a board is to be looked at again. */
  dueAtMs(): number
  /** Another process keeps the boards of these destinations from now on. */
  forget(destinations: readonly string[]): void
  /** The clock was moved. */
  shift(byMs: number): void
}

/** A board is edited this often at most: it takes from the edits that the cards need. */
const REFRESH_MS = 10_000
/** How often a destination with many waiting cards is counted before it has a board. */
const LOOK_MS = 1_000
/** Lanes of one class that make it worth to count: the loop sees no more of them at once. */
const MANY = 10
/** How many of each severity a board names. */
const NAMED = 5

/**
 * Keeps the storm boards: one message that counts and names the new incidents whose cards have to wait, for as long as
 * there are too many. A board is told of by events of our own, so that it is stored, sent and repaired like any card.
 */
export function createStorms({ store, outlets, stormAfter, toBoardPush, hash }: StormOptions): Storms {
  const nextAtMs = new Map<string, number>()
  /** Destinations with a board that is not over. */
  const open = new Set<string>()
  /** Destinations that were asked about a board of another process. */
  const asked = new Set<string>()

  async function tell(due: readonly DueLane[], nowMs: number): Promise<number> {
    await findOpen()
    const crowd = new Map<string, number>()
    for (const { destination, urgency } of due)
      if (urgency <= 1) crowd.set(destination, (crowd.get(destination) ?? 0) + 1)
    const many = Math.min(MANY, stormAfter())
    const crowded = [...crowd].filter(([, count]) => count > many).map(([destination]) => destination)
    let told = 0
    for (const destination of new Set([...crowded, ...open])) {
      if ((nextAtMs.get(destination) ?? 0) > nowMs || !outlets().has(destination)) continue
      const isTold = await refresh(destination, await store.backlog({ destination, named: NAMED }), nowMs)
      nextAtMs.set(destination, nowMs + (isTold ? REFRESH_MS : LOOK_MS))
      if (isTold) told++
    }
    return told
  }

  async function findOpen(): Promise<void> {
    for (const destination of outlets().keys()) {
      if (asked.has(destination)) continue
      const backlog = await store.backlog({ destination, named: 0 })
      // What a process told before it died may be judged long after this: until then nobody knows whether it is over.
      if (backlog.isTold || isOpen(backlog)) open.add(destination)
      asked.add(destination)
    }
  }

  async function refresh(destination: string, backlog: Backlog, nowMs: number): Promise<boolean> {
    const waiting = waitingIn(backlog.groups)
    const wasOpen = isOpen(backlog)
    if (wasOpen) open.add(destination)
    // What was told last is not judged yet: what would be told now is told then.
    if (backlog.isTold) return false
    if (!wasOpen) open.delete(destination)
    if (!wasOpen && waiting <= stormAfter()) return false
    const isOver = waiting === 0
    const { board } = backlog
    const startedAtMs = (wasOpen ? board?.firstAtMs : undefined) ?? nowMs
    const incidentId = wasOpen && board !== undefined ? board.id : boardPrefix(destination) + String(startedAtMs)
    // After the board's newest state, whatever became of the clock since.
    const atMs = Math.max(nowMs, (board?.effectiveAtMs ?? 0) + 1)
    const event = {
      eventId: `${incidentId}/${Math.floor(nowMs / REFRESH_MS)}${isOver ? '/over' : ''}`,
      eventType: STORM_BOARD,
    }
    const content = { destination, groups: backlog.groups }
    if (wasOpen && !isOver && isSame(board?.snapshot.board, content)) return false
    const body = toBoardPush({ ...event, eventTimeMs: atMs, incidentId, startedAtMs, isOver, board: content })
    const accepted = await store.accept({
      id: event.eventId,
      incidentId,
      type: event.eventType,
      effectiveAtMs: atMs,
      receivedAtMs: nowMs,
      body,
      bodyHash: hash(body),
    })
    open.add(destination)
    return accepted.result !== 'duplicate'
  }

  return {
    tell,
    dueAtMs() {
      const known = [...open].filter((destination) => outlets().has(destination))
      return Math.min(...known.map((destination) => nextAtMs.get(destination) ?? 0), Infinity)
    },
    forget(destinations) {
      for (const known of [open, asked, nextAtMs]) for (const destination of destinations) known.delete(destination)
    },
    shift: (byMs) => {
      for (const [destination, atMs] of nextAtMs) nextAtMs.set(destination, atMs + byMs)
    },
  }
}

function isOpen(backlog: Backlog | undefined): boolean {
  const snapshot = backlog?.board?.snapshot
  return snapshot !== undefined && isBoard(snapshot) && !isClosed(snapshot)
}

function isSame(a: Board | undefined, b: Board): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
