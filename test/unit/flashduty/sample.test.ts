import { describe, expect, it } from 'vitest'
import { readEvent } from '../../../src/flashduty/event.ts'
import { SAMPLE_TYPES, toSamplePushes, UNKNOWN_TYPE } from '../../../src/flashduty/sample.ts'
import { DOCUMENTED_TYPES } from '../../../src/incident/attention.ts'
import { toChanges, type Changes } from '../../../src/incident/changes.ts'
import { toState } from '../../../src/incident/state.ts'

const STARTED_AT_MS = Date.UTC(2026, 2, 14, 3, 2)
const all = toSamplePushes('i_reopen', { incidentId: 'sample-1', startedAtMs: STARTED_AT_MS })

/** What each type is expected to change, by the source's documentation. */
const CHANGED: Readonly<Record<string, readonly (keyof Changes)[]>> = {
  i_assign: ['joined'],
  i_ack: ['progress', 'acknowledged'],
  i_storm: ['alertCount'],
  i_r_severity: ['severity', 'status'],
  i_r_title: ['title'],
  i_r_desc: ['description'],
  i_r_field: ['fields'],
  i_merge: ['alertCount'],
  i_snooze: ['snooze'],
  i_wake: ['snooze'],
  [UNKNOWN_TYPE]: ['fields'],
  i_unack: ['progress', 'unacknowledged'],
  i_rslv: ['progress', 'status'],
  i_r_impact: ['impact'],
  i_r_rc: ['rootCause'],
  i_r_rsltn: ['resolution'],
  i_reopen: ['progress', 'status'],
}

describe('the sample incident', () => {
  it('has every documented type once, and one that is not', () => {
    expect([...SAMPLE_TYPES].toSorted()).toEqual([...DOCUMENTED_TYPES, UNKNOWN_TYPE].toSorted())
  })

  it('is read whole, in order, and changes what each type says', () => {
    const read = all.map((push) => readEvent(JSON.stringify(push)))
    expect(read.flatMap((one) => one?.dropped ?? ['no event'])).toEqual([])
    const events = read.flatMap((one) => one?.event ?? [])
    for (const [index, event] of events.entries()) {
      const before = events[index - 1]
      if (before !== undefined) expect(event.timeMs).toBeGreaterThan(before.timeMs ?? Infinity)
      const changed = Object.keys(toChanges(before?.incident, event.incident))
      expect(changed.toSorted(), event.type).toEqual([...(CHANGED[event.type] ?? [])].toSorted())
    }
    const states = events.map(({ incident, timeMs = 0 }) => toState(incident, timeMs))
    expect(new Set(states)).toEqual(new Set(['triggered', 'processing', 'snoozed', 'recovered']))
  })

  it('ends with the type and at the instant that are asked for, everything before it in between', () => {
    const atMs = STARTED_AT_MS + 10_000
    const pushes = toSamplePushes('i_ack', {
      incidentId: 'x',
      startedAtMs: STARTED_AT_MS,
      atMs,
      only: ['i_new', 'i_assign'],
    })
    expect(pushes.map(({ event_type: type, event_time: at }) => [type, at])).toEqual([
      ['i_new', STARTED_AT_MS],
      ['i_assign', STARTED_AT_MS + 2_500],
      ['i_ack', atMs],
    ])
    expect(pushes.at(-1)?.incident).toMatchObject({ ack_time: atMs / 1000, start_time: STARTED_AT_MS / 1000 })
  })

  it('stands in for a type nobody documented', () => {
    const push = toSamplePushes('i_brand_new', { incidentId: 'x', startedAtMs: STARTED_AT_MS }).at(-1)
    expect(push).toMatchObject({ event_type: 'i_brand_new', incident: { progress: 'Processing' } })
  })
})
