import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toPlan } from '../../../src/incident/plan.ts'
import { judge } from '../../../src/incident/sequence.ts'
import type { KnownIncident } from '../../../src/store/store.ts'
import { event, T } from './fixture.ts'

describe('judge', () => {
  it.each([
    ['the first event', { effectiveAtMs: 5 }, undefined, 'apply'],
    ['a newer one', { effectiveAtMs: 6 }, { effectiveAtMs: 5 }, 'apply'],
    ['one of the same millisecond', { effectiveAtMs: 5 }, { effectiveAtMs: 5 }, 'apply'],
    ['a strictly older one', { effectiveAtMs: 4 }, { effectiveAtMs: 5 }, 'stale'],
    [
      'a tie that was updated later',
      { effectiveAtMs: 5, updatedAtMs: 2 },
      { effectiveAtMs: 5, updatedAtMs: 1 },
      'apply',
    ],
    [
      'a tie that was updated earlier',
      { effectiveAtMs: 5, updatedAtMs: 1 },
      { effectiveAtMs: 5, updatedAtMs: 2 },
      'behind',
    ],
    ['a tie that does not say when', { effectiveAtMs: 5 }, { effectiveAtMs: 5, updatedAtMs: 2 }, 'apply'],
  ] as const)('%s', (_, given, seen, verdict) => {
    expect(judge(given, seen, T)).toBe(verdict)
  })

  it('calls nothing stale for having been received by a clock that was set back', () => {
    const yesterday = T - 86_400_000
    expect(judge({ effectiveAtMs: yesterday + 300_000 }, { effectiveAtMs: T }, yesterday)).toBe('apply')
    expect(judge({ effectiveAtMs: yesterday }, { effectiveAtMs: T }, yesterday)).toBe('stale')
  })
})

describe('the order of arrival', () => {
  const life = fc
    .uniqueArray(
      fc.record({ timeMs: fc.integer({ min: T, max: T + 20 }), updatedAtMs: fc.integer({ min: T, max: T + 3 }) }),
      {
        minLength: 1,
        maxLength: 12,
        selector: ({ timeMs, updatedAtMs }) => `${timeMs}/${updatedAtMs}`,
      },
    )
    .chain((times) => fc.tuple(fc.constant(times), fc.shuffledSubarray(times, { minLength: times.length })))

  it('does not matter to what the card shows in the end, ties included', () => {
    fc.assert(
      fc.property(life, ([times, shuffled]) => {
        const inOrder = times.toSorted((a, b) => a.timeMs - b.timeMs || a.updatedAtMs - b.updatedAtMs)
        expect(shown(shuffled)).toEqual(shown(inOrder))
      }),
      { numRuns: 2_000 },
    )
  })

  it('loses no reply of a tie', () => {
    fc.assert(
      fc.property(life, ([times]) => {
        const atOnce = times.map(({ updatedAtMs }) => ({ timeMs: T, updatedAtMs }))
        const first = { timeMs: T, updatedAtMs: 0 }
        expect(play([first, ...atOnce]).replies).toHaveLength(atOnce.length + 1)
      }),
      { numRuns: 300 },
    )
  })

  interface Instant {
    readonly timeMs: number
    readonly updatedAtMs: number
  }

  function shown(instants: readonly Instant[]): unknown {
    const { known } = play(instants)
    return [known?.incident.snapshot, known?.incident.last]
  }

  /** Apply events as a store would: the incident a plan brings is what the next one is judged against. */
  function play(instants: readonly Instant[]): { known: KnownIncident | undefined; replies: string[] } {
    let known: KnownIncident | undefined
    const replies: string[] = []
    for (const { timeMs, updatedAtMs } of instants) {
      const id = `${timeMs}/${updatedAtMs}`
      const plan = toPlan({
        event: event(id, 'i_comm', { updatedAtMs, title: id }),
        effectiveAtMs: timeMs,
        receivedAtMs: T,
        known,
        routes: [{ name: 'all', to: ['sre'], continue: false, match: {}, attention: {}, mention: [] }],
        lateEvents: 'skip',
        nowMs: T,
      })
      const lane = { incidentId: 'inc-1', destination: 'sre', generation: 1, wantedVersion: 1, shownVersion: 0 }
      const never = { shownAtMs: 0, changedSinceMs: 0, changedAtMs: 0 }
      const rest = { frozen: false, editAttempts: 0, editDueAtMs: 0, ...never, urgency: 1 } as const
      if (plan.incident !== undefined) known = { incident: plan.incident, lanes: [{ ...lane, ...rest }] }
      replies.push(
        ...plan.lanes.flatMap(({ owed }) => owed.filter(({ kind }) => kind === 'reply').map(({ key }) => key)),
      )
    }
    return { known, replies }
  }
})
