import { describe, expect, it } from 'vitest'
import { toPlainText } from '../../../src/message/message.ts'
import {
  ANN,
  BARE,
  BOB,
  builtin,
  CAI,
  card,
  fieldsOf,
  INCIDENT,
  linesOf,
  MINUTE_MS,
  reply,
  START_MS,
  type Told,
} from './sample.ts'

const templates = builtin()
const CLOSED = { progress: 'Closed', closedAtMs: START_MS + 42 * MINUTE_MS, closer: ANN }
const RECOVERED = { progress: 'Closed', status: 'Ok', recoveredAtMs: START_MS + 42 * MINUTE_MS }
const UNACKNOWLEDGED = { responders: [ANN, BOB] }

describe('a reply says in one line', () => {
  const cases: readonly (readonly [string, Told, string, string?])[] = [
    [
      'i_new',
      { person: ANN },
      '🆕 New Critical incident by Ann Lee: checkout-api 5xx rate > 12%, assigned to Ann Lee, Bob, Cai',
    ],
    ['i_assign', {}, '👉 Assigned to Ann Lee, Bob, Cai (Default Escalation, level 1)'],
    ['i_assign', { person: ANN, changes: { joined: [BOB] } }, '👉 Assigned to Bob by Ann Lee'],
    ['i_assign', { person: ANN, changes: { joined: [CAI], left: [BOB] } }, '👉 Reassigned from Bob → Cai by Ann Lee'],
    [
      'i_assign',
      { person: ANN, changes: { left: [BOB] }, incident: { responders: [ANN] } },
      '👉 Bob taken off by Ann Lee; still assigned: Ann Lee',
    ],
    [
      'i_assign',
      {
        incident: { assignment: { type: 'escalate', policy: 'Default Escalation', layer: 1 } },
        changes: { joined: [CAI] },
      },
      '📣 Escalated to level 2 of Default Escalation: Cai',
    ],
    [
      'i_snooze',
      { person: ANN, incident: { snoozedUntilMs: START_MS + 60 * MINUTE_MS } },
      '💤 Ann Lee snoozed until 2026-11-23 03:00 UTC',
    ],
    ['i_wake', { person: ANN }, '⏰ Ann Lee ended the snooze'],
    ['relay_snooze_ended', { incident: UNACKNOWLEDGED }, '⏰ The snooze is over; nobody is on it'],
    ['i_ack', { person: ANN }, '👀 Ann Lee acknowledged after 4 m (1 of 3)'],
    ['i_unack', { person: ANN, incident: UNACKNOWLEDGED }, '↩️ Ann Lee withdrew the acknowledgment; nobody is on it'],
    ['i_unack', { person: BOB }, '↩️ Bob withdrew the acknowledgment; still on it: Ann Lee'],
    ['i_storm', { incident: { alertCount: 250 } }, '⛈️ Alert storm: 250 alerts so far'],
    ['i_custom', { person: ANN }, '⚙️ Ann Lee ran a custom action'],
    ['i_rslv', { incident: RECOVERED }, '✅ Recovered after 42 m'],
    [
      'i_rslv',
      { incident: CLOSED, person: ANN },
      '🔥 Closed by Ann Lee after 42 m, but monitoring still says Critical',
    ],
    ['i_rslv', { incident: { ...RECOVERED, closer: ANN } }, '✅ Closed by Ann Lee after 42 m, all alerts recovered'],
    [
      'i_rslv',
      { incident: { ...CLOSED, creator: BOB, alertCount: 0 }, person: ANN },
      '☑️ Closed by Ann Lee after 42 m',
    ],
    ['i_reopen', { person: ANN, incident: UNACKNOWLEDGED }, '🔁 Reopened by Ann Lee; nobody is on it'],
    ['i_merge', { person: ANN }, '🔗 Other incidents were merged in by Ann Lee, now 27 alerts'],
    ['i_merge', { incident: CLOSED }, '🔗 Merged away into another incident'],
    ['i_comm', { person: BOB }, '💬 Bob commented'],
    [
      'i_r_title',
      { person: ANN, changes: { title: { from: 'old', to: 'new' } } },
      '✏️ Title changed by Ann Lee: old → checkout-api 5xx rate > 12%',
    ],
    ['i_r_desc', { person: ANN }, '📝 Description updated by Ann Lee', 'burn rate 14x'],
    ['i_r_impact', { incident: { ...RECOVERED, impact: '3% of\norders' } }, '💥 Impact noted', '3% of\norders'],
    [
      'i_r_rc',
      { person: ANN, incident: { rootCause: 'v1.2.3' }, changes: { rootCause: { from: 'dns', to: 'v1.2.3' } } },
      '🔍 Root cause updated by Ann Lee',
      'v1.2.3',
    ],
    ['i_r_rsltn', { changes: { resolution: { from: 'rollback' } } }, '🛠️ Resolution cleared'],
    [
      'i_r_severity',
      { person: ANN, changes: { severity: { from: 'Warning', to: 'Critical', direction: 'up' } } },
      '🔺 Severity raised by Ann Lee: Warning → 🔴 Critical',
    ],
    [
      'i_r_severity',
      { incident: { severity: 'Info' }, changes: { severity: { from: 'Critical', to: 'Info', direction: 'down' } } },
      '🔻 Severity lowered: Critical → 🔵 Info',
    ],
    [
      'i_r_field',
      {
        person: ANN,
        changes: {
          fields: [
            { name: 'priority', from: 'P3', to: 'P1' },
            { name: 'team', from: 'core' },
          ],
        },
      },
      '🏷️ priority: P3 → P1 · team: core → none, by Ann Lee',
    ],
    ['i_foo', { person: ANN, changes: { alertCount: { from: 3, to: 27 } } }, '🔔 i_foo by Ann Lee: Alerts: 3 → 27'],
  ]
  it.each(cases.map(([type, told, line, quote]) => ({ type, told, line, quote })))(
    '$type: $line',
    ({ type, told, line, quote }) => {
      const { message, fellBack } = reply(templates, type, told)
      expect(fellBack).toBeUndefined()
      expect(linesOf(message)).toEqual([line])
      expect(message.quote).toBe(quote)
      expect(message.summary).toContain('checkout-api 5xx rate > 12%')
      expect(message.footer).toBeUndefined()
    },
  )
})

describe('without a person, a change or any field a reply says', () => {
  it.each([
    ['i_new', '🆕 New Fatal incident: (no title)'],
    ['i_assign', '👉 Assigned to nobody'],
    ['i_snooze', '💤 Someone snoozed the incident'],
    ['i_wake', '⏰ Someone ended the snooze'],
    ['relay_snooze_ended', '⏰ The snooze is over; nobody is on it'],
    ['i_ack', '👀 Someone acknowledged'],
    ['i_unack', '↩️ Someone withdrew the acknowledgment; nobody is on it'],
    ['i_storm', '⛈️ Alert storm'],
    ['i_custom', '⚙️ Someone ran a custom action'],
    ['i_reopen', '🔁 Reopened; nobody is on it'],
    ['i_merge', '🔗 Other incidents were merged in'],
    ['i_comm', '💬 Someone commented'],
    ['i_r_title', '✏️ Title changed: (no title)'],
    ['i_r_desc', '📝 Description cleared'],
    ['i_r_impact', '💥 Impact cleared'],
    ['i_r_rc', '🔍 Root cause cleared'],
    ['i_r_rsltn', '🛠️ Resolution cleared'],
    ['i_r_severity', '🔶 Severity changed: ⚪ Fatal'],
    ['i_r_field', '🏷️ Custom fields changed'],
    ['__proto__', '🔔 __proto__'],
    ['../card', '🔔 ../card'],
  ])('%s: %s', (type, line) => {
    const event = { id: 'e', type, incident: BARE }
    const { message, fellBack } = templates.reply({
      event,
      changes: {},
      effectiveAtMs: START_MS,
      nowMs: START_MS,
      late: true,
    })
    expect(fellBack).toBeUndefined()
    expect(linesOf(message)).toEqual([line])
    expect(toPlainText(message.footer ?? [])).toBe('Arrived late. Happened 2026-11-23 02:00 UTC')
  })
})

describe('the card', () => {
  it('says all of an open incident', () => {
    const { message, fellBack } = card(templates, { impact: '3% of orders', progress: 'Processing' })
    expect(fellBack).toBeUndefined()
    expect(message.tone).toBe('processing')
    expect(message.summary).toBe('🔴 Critical: checkout-api 5xx rate > 12%')
    expect(message.title).toEqual({ text: '🔴 checkout-api 5xx rate > 12%', url: INCIDENT.detailUrl })
    expect(linesOf(message)).toEqual(['👀 Processing in Payments', 'service=checkout env=prod', 'priority: P1'])
    expect(fieldsOf(message)).toEqual({
      Severity: '🔴 Critical',
      Responders: 'Ann Lee ✓, Bob, Cai',
      Alerts: '27 as of 2026-11-23 02:03 UTC',
      Started: '2026-11-23 02:00 UTC (2026-11-23 02:00 UTC)',
      Impact: '3% of orders',
    })
    expect(message.quote).toBe('Error budget burn 14x\nHTTP 502 upstream reset')
    expect(message.links).toEqual([
      { label: 'Open', url: INCIDENT.detailUrl, style: 'primary' },
      { label: 'Acknowledge', url: `${INCIDENT.detailUrl}&ack=1` },
    ])
    expect(toPlainText(message.footer ?? [])).toBe('56E25B · acknowledged by Ann Lee · 2026-11-23 02:03 UTC')
    expect(message.mentions).toEqual([])
  })

  it.each([
    [
      'triggered',
      { severity: 'Warning', responders: [] },
      'warning',
      '🟠',
      '🚨 Triggered in Payments · nobody is assigned',
    ],
    ['of a severity we do not know', { severity: 'P1' }, 'neutral', '⚪', '🚨 Triggered in Payments'],
    [
      'snoozed',
      { snoozedUntilMs: START_MS + 60 * MINUTE_MS },
      'snoozed',
      '🔴',
      '💤 Snoozed in Payments until 2026-11-23 03:00 UTC',
    ],
    ['recovered', RECOVERED, 'recovered', '✅', 'Recovered in Payments'],
    [
      'closed but firing',
      CLOSED,
      'firing',
      '🔥',
      'Closed, still firing in Payments · closed by Ann Lee · monitoring still says Critical',
    ],
    ['closed', { ...CLOSED, creator: BOB, alertCount: 0 }, 'closed', '☑️', 'Closed in Payments · closed by Ann Lee'],
  ])('tells %s apart', (_, changed, tone, icon, line) => {
    const { message } = card(templates, changed)
    expect(message.tone).toBe(tone)
    expect(message.title?.text).toBe(`${icon} checkout-api 5xx rate > 12%`)
    expect(linesOf(message)[0]).toBe(line)
  })

  it('does not call an incident firing that was merged away: its alerts live on in another', () => {
    const last = { id: 'e', type: 'i_merge', atMs: START_MS }
    const { message } = templates.card({
      incident: { ...INCIDENT, ...CLOSED },
      last,
      nowMs: START_MS,
      replacesLost: false,
    })
    expect([message.tone, linesOf(message)[0]]).toEqual(['closed', 'Closed in Payments · closed by Ann Lee'])
  })

  it('shows how long a closed incident took, and no longer asks for an acknowledgment', () => {
    const { message } = card(templates, RECOVERED)
    expect(fieldsOf(message)['Duration']).toBe('42 m')
    expect(message.links.map(({ label }) => label)).toEqual(['Open'])
  })

  it('is the same at any time while nothing happens', () => {
    expect(card(templates, {}, START_MS)).toEqual(card(templates, {}, START_MS + 1e9))
  })

  it('says that it replaces a deleted one', () => {
    const last = { id: 'e', type: 'i_new', atMs: START_MS }
    const { message } = templates.card({ incident: INCIDENT, last, nowMs: START_MS, replacesLost: true })
    expect(linesOf(message)[0]).toMatch(/earlier card .* deleted/)
  })

  it('stays sane for an incident that has next to nothing', () => {
    const last = { id: 'e', type: 'i_new', atMs: Number.MAX_VALUE }
    const { message, fellBack } = templates.card({ incident: BARE, last, nowMs: START_MS, replacesLost: false })
    expect(fellBack).toBeUndefined()
    expect(message.title).toEqual({ text: '⚪ (no title)' })
    expect(message.links).toEqual([])
  })
})
