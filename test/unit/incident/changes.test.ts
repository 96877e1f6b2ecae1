import { describe, expect, it } from 'vitest'
import { toChanges, type Changes } from '../../../src/incident/changes.ts'
import type { Incident, Responder } from '../../../src/incident/incident.ts'
import { incident } from './fixture.ts'

const ann: Responder = { id: '1', name: 'Ann' }
const bob: Responder = { email: 'bob@example.com', name: 'Bob' }

describe('toChanges', () => {
  it.each<[string, Partial<Incident>, Partial<Incident>, Changes]>([
    ['nothing', {}, {}, {}],
    ['a title', { title: 'a' }, { title: 'b' }, { title: { from: 'a', to: 'b' } }],
    ['a text that came', {}, { impact: 'checkout down' }, { impact: { to: 'checkout down' } }],
    ['a text that went', { rootCause: 'dns' }, {}, { rootCause: { from: 'dns' } }],
    ['empty is as absent', { resolution: '' }, {}, {}],
    [
      'severity up',
      { severity: 'Info' },
      { severity: 'Critical' },
      { severity: { from: 'Info', to: 'Critical', direction: 'up' } },
    ],
    [
      'severity down',
      { severity: 'Critical' },
      { severity: 'Warning' },
      { severity: { from: 'Critical', to: 'Warning', direction: 'down' } },
    ],
    [
      'an unknown severity',
      { severity: 'P0' },
      { severity: 'Info' },
      { severity: { from: 'P0', to: 'Info', direction: 'other' } },
    ],
    ['alerts', { alertCount: 3 }, { alertCount: 7 }, { alertCount: { from: 3, to: 7 } }],
    ['a snooze that was set', {}, { snoozedUntilMs: 9 }, { snooze: { toMs: 9 } }],
    ['a snooze that was ended', { snoozedUntilMs: 9 }, {}, { snooze: { fromMs: 9 } }],
    [
      'custom fields',
      {
        fields: [
          { name: 'prio', value: 'P3' },
          { name: 'gone', value: 'x' },
        ],
      },
      {
        fields: [
          { name: 'new', value: 'y' },
          { name: 'prio', value: 'P1' },
        ],
      },
      {
        fields: [
          { name: 'new', to: 'y' },
          { name: 'prio', from: 'P3', to: 'P1' },
          { name: 'gone', from: 'x' },
        ],
      },
    ],
    [
      'a label called __proto__',
      { labels: [] },
      { labels: [{ name: '__proto__', value: 'x' }] },
      { labels: [{ name: '__proto__', to: 'x' }] },
    ],
    ['people', { responders: [ann] }, { responders: [bob] }, { joined: [bob], left: [ann] }],
    [
      'an acknowledgment',
      { responders: [ann, bob] },
      { responders: [{ ...ann, acknowledgedAtMs: 5 }, bob] },
      { acknowledged: [{ ...ann, acknowledgedAtMs: 5 }] },
    ],
    [
      'one withdrawn',
      { responders: [{ ...ann, acknowledgedAtMs: 5 }] },
      { responders: [ann] },
      { unacknowledged: [{ ...ann, acknowledgedAtMs: 5 }] },
    ],
  ])('tells %s', (_, before, after, changes) => {
    expect(toChanges(incident(before), incident(after))).toEqual(changes)
  })

  it('knows nothing of an incident seen for the first time', () => {
    expect(toChanges(undefined, incident({ severity: 'Critical', responders: [ann] }))).toEqual({})
  })
})
