import { describe, expect, it } from 'vitest'
import type { Incident } from '../../../src/incident/incident.ts'
import { snoozeEndsAtMs, toState, type State } from '../../../src/incident/state.ts'
import { incident, T } from './fixture.ts'

const ann = { name: 'Ann' }

describe('toState', () => {
  it.each<[string, Partial<Incident>, State]>([
    ['nobody is on it', { progress: 'Triggered' }, 'triggered'],
    ['acknowledged', { progress: 'Processing' }, 'processing'],
    ['snoozed', { progress: 'Triggered', snoozedUntilMs: T + 1 }, 'snoozed'],
    ['snoozed while processing', { progress: 'Processing', snoozedUntilMs: T + 1 }, 'snoozed'],
    ['its snooze is over', { progress: 'Triggered', snoozedUntilMs: T }, 'triggered'],
    ['recovered', { progress: 'Closed', status: 'Ok' }, 'recovered'],
    [
      'closed by hand while monitoring disagrees',
      { progress: 'Closed', status: 'Critical', alertCount: 3, closer: ann },
      'closed_firing',
    ],
    [
      'created by hand and closed by hand',
      { progress: 'Closed', status: 'Critical', creator: ann, alertCount: 0 },
      'closed',
    ],
    [
      'created by hand, holding alerts',
      { progress: 'Closed', status: 'Critical', creator: ann, alertCount: 1 },
      'closed_firing',
    ],
    ['closed, and nobody said what monitoring sees', { progress: 'Closed', status: 'Unknown' }, 'closed'],
    ['closed with a snooze left over', { progress: 'Closed', status: 'Ok', snoozedUntilMs: T + 1 }, 'recovered'],
    ['a progress that is new to us', { progress: 'Investigating' }, 'triggered'],
  ])('%s', (_, change, state) => {
    expect(toState(incident(change), T)).toBe(state)
  })

  it('tells when a snooze ends, and only then', () => {
    expect(snoozeEndsAtMs(incident({ snoozedUntilMs: T + 9 }), T)).toBe(T + 9)
    expect(snoozeEndsAtMs(incident({ snoozedUntilMs: T }), T)).toBeUndefined()
    expect(snoozeEndsAtMs(incident({ snoozedUntilMs: T + 9, progress: 'Closed' }), T)).toBeUndefined()
  })
})
