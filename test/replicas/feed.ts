import type { Random } from '../crash/random.ts'
import { call, pause } from '../crash/relay.ts'
import { createStory, type Story, type Told } from '../crash/story.ts'
import type { Outages } from './outages.ts'
import type { Seat } from './world.ts'

export interface Feed {
  readonly stories: readonly Story[]
  /**
   * Events that may be judged after a newer one of their incident, and are then skipped as late: by their word. Whoever
   * sends two of an incident at once says nothing of their order; and what a relay keeps until Postgres is back may come
   * there after what another one brought at once.
   */
  readonly mayBeLate: ReadonlySet<string>
  /** Resolves when the last push was answered, or was not. */
  readonly over: Promise<void>
  /** Begin nothing more. */
  stop(): void
  /** Let every incident's newest push be answered: what it came to before, its sender does not know. */
  finish(): Promise<void>
}

export interface FeedOptions {
  readonly seats: readonly Seat[]
  readonly random: Random
  readonly outages: Outages
  readonly lengthMs: number
  /** Told of every answer, or that there was none. */
  readonly note: (push: Push) => void
}

export interface Push {
  readonly word: string
  readonly seat: number
  readonly answer: number | 'refused' | 'broken'
  readonly tookMs: number
}

/**
 * Of a forum with more than 40 posts in a quarter of an hour Discord shows too many to look a lost one up: the relay
 * then does not know, and says so. That is no promise to be tested here.
 */
const NEW_EVERY_MS = 26_000
/** A short run is too short for that; it has so many. */
const FEWEST_NEW = 8
const EVENTS = { from: 10, to: 50 }
const REST_MS = { from: 200, to: 3_500 }
/** The source waits no longer for an answer. */
const ANSWER_WITHIN_MS = 2_000
/** What was kept here may still be on its way after Postgres is back. */
const DRAINED_WITHIN_MS = 30_000
/** All is well by then. */
const FINISH_TRIES = 60

/** Push what happens to many incidents to all relays, as a source behind a load balancer does. */
export function startFeed({ seats, random, outages, lengthMs, note }: FeedOptions): Feed {
  let untilMs = performance.now() + lengthMs
  const isOver = (): boolean => performance.now() > untilMs
  const stories: Story[] = []
  const mayBeLate = new Set<string>()

  async function beginAll(): Promise<void> {
    const count = Math.max(Math.round(lengthMs / NEW_EVERY_MS), FEWEST_NEW)
    const telling: Promise<void>[] = []
    while (!isOver()) {
      const story = createStory(random)
      stories.push(story)
      telling.push(tell(story))
      await pause((lengthMs / count) * (0.5 + random.next()))
    }
    await Promise.all(telling)
  }

  async function tell(story: Story): Promise<void> {
    for (let left = random.between(EVENTS.from, EVENTS.to); left > 0 && !isOver(); left--) {
      if (random.chance(0.15)) {
        const [older, newer] = [story.next(), story.next()]
        mayBeLate.add(older.word)
        await Promise.all([send(older), send(newer)])
      } else if (random.chance(0.2)) await sendEverywhere(story.next())
      else await send(story.next())
      await pause(random.between(REST_MS.from, REST_MS.to))
    }
  }

  /** At most one retry, and none after an answer that says no. */
  async function send(told: Told): Promise<void> {
    let answer = await balance(told)
    if (answer === 'broken') answer = await balance(told)
    hear(told, answer)
  }

  async function sendEverywhere(told: Told): Promise<void> {
    const answers = await Promise.all(seats.map((seat) => push(seat, told)))
    hear(told, answers.includes(200) ? 200 : 'broken')
  }

  function hear(told: Told, answer: Push['answer']): void {
    if (told.state !== 'acked') told.state = answer === 200 ? 'acked' : 'unsure'
  }

  /** To any relay; where nobody listens, to the next one. */
  async function balance(told: Told): Promise<Push['answer']> {
    const from = random.between(0, seats.length - 1)
    for (const seat of [...seats.slice(from), ...seats.slice(0, from)]) {
      const answer = await push(seat, told)
      if (answer !== 'refused') return answer
    }
    return 'refused'
  }

  async function push(seat: Seat, told: Told): Promise<Push['answer']> {
    const sentAtMs = performance.now()
    const request = { method: 'POST', path: '/webhook/flashduty', body: told.body, withinMs: ANSWER_WITHIN_MS }
    const answered = await call(seat.port, request)
    const answer = typeof answered === 'object' ? answered.status : answered
    const nowMs = performance.now()
    note({ word: told.word, seat: seat.index, answer, tookMs: nowMs - sentAtMs })
    if (answer === 200 && outages.touched(seat.index, sentAtMs - DRAINED_WITHIN_MS, nowMs)) mayBeLate.add(told.word)
    return answer
  }

  return {
    stories,
    mayBeLate,
    over: beginAll(),
    stop: () => void (untilMs = 0),
    async finish() {
      const isUnsure = ({ state }: Told): boolean => state !== 'acked'
      const unsure = stories.flatMap(({ told }) => told.slice(-1)).filter(isUnsure)
      await Promise.all(
        unsure.map(async (told) => {
          for (let tries = 0; isUnsure(told) && tries < FINISH_TRIES; tries++) {
            await send(told)
            if (isUnsure(told)) await pause(500)
          }
        }),
      )
    },
  }
}
