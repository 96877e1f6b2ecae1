import { describe, expect, it } from 'vitest'
import {
  DOCUMENTED_TYPES,
  toAttention,
  type AttentionContext,
  type AttentionTable,
} from '../../../src/incident/attention.ts'
import { incident } from './fixture.ts'

const LATER_MS = 60_000

describe('attention by default', () => {
  const escalated = incident({ assignment: { type: 'escalate', layer: 1 } })
  const up = { severity: { from: 'Warning', to: 'Critical', direction: 'up' } } as const
  const down = { severity: { from: 'Critical', to: 'Warning', direction: 'down' } } as const
  it.each<[string, Partial<AttentionContext>, string, string]>([
    ['i_new', {}, 'card', 'new_responders'],
    ['i_assign', {}, 'thread', 'new_responders'],
    ['i_assign', { ageMs: 2_000 }, 'call', 'new_responders'],
    ['i_assign', { incident: escalated, ageMs: 0 }, 'broadcast', 'new_responders'],
    ['i_snooze', {}, 'thread', 'none'],
    ['i_wake', {}, 'thread', 'none'],
    ['i_ack', {}, 'thread', 'none'],
    ['i_unack', {}, 'broadcast', 'responders'],
    ['i_unack', { incident: incident({ progress: 'Processing' }) }, 'thread', 'none'],
    ['i_storm', {}, 'broadcast', 'responders'],
    ['i_custom', {}, 'thread', 'none'],
    ['i_rslv', {}, 'broadcast', 'none'],
    ['i_reopen', {}, 'broadcast', 'responders'],
    ['i_merge', {}, 'thread', 'none'],
    ['i_comm', {}, 'thread', 'none'],
    ['i_r_title', {}, 'thread', 'none'],
    ['i_r_desc', {}, 'thread', 'none'],
    ['i_r_impact', {}, 'thread', 'none'],
    ['i_r_rc', {}, 'thread', 'none'],
    ['i_r_rsltn', {}, 'thread', 'none'],
    ['i_r_severity', { changes: up }, 'broadcast', 'responders'],
    ['i_r_severity', { changes: down }, 'thread', 'none'],
    ['i_r_field', {}, 'thread', 'none'],
    ['i_something_new', {}, 'thread', 'none'],
    ['relay_snooze_ended', {}, 'thread', 'responders'],
  ])('%s %j', (eventType, change, loudness, mention) => {
    expect(toAttention(context(eventType, change), {})).toEqual({ loudness, mention })
  })

  it('covers all 19 documented types', () => {
    expect(DOCUMENTED_TYPES).toHaveLength(19)
  })
})

describe('a route', () => {
  const table: AttentionTable = {
    'i_comm:Critical': { loudness: 'broadcast' },
    i_comm: { loudness: 'off' },
    i_rslv: { mention: ['here'] },
    default: { loudness: 'card' },
  }
  it.each([
    ['i_comm', 'Critical', 'broadcast', 'none'],
    ['i_comm', 'Info', 'off', 'none'],
    ['i_rslv', 'Info', 'broadcast', ['here']],
    ['i_reopen', 'Info', 'card', 'responders'],
  ])('says what %s of a %s incident is worth', (eventType, severity, loudness, mention) => {
    expect(toAttention(context(eventType, { incident: incident({ severity }) }), table)).toEqual({ loudness, mention })
  })
})

function context(eventType: string, change: Partial<AttentionContext>): AttentionContext {
  return { eventType, incident: incident(), changes: {}, ageMs: LATER_MS, ...change }
}
