import type { SlackFault, Table } from './fault-kinds.ts'

/** There is no thread to start in Slack, and none that is archived: those operations make no call. */
export type SlackOperation = 'card' | 'edit' | 'reply' | 'find a card' | 'find a reply'

/**
 * What each fault makes of each operation of Slack, in how many calls (who we are is asked for before the first look),
 * and what is there then: cards, edits made, replies, and of a look-up what there was.
 */
export const SLACK: Table<SlackFault, SlackOperation> = {
  '429 for 7 s': {
    card: ['retry rate_limited 7000', 1, 0],
    edit: ['retry rate_limited 7000', 1, 0],
    reply: ['retry rate_limited 7000', 1, 0],
    'find a card': ['failed: retry rate_limited 7000', 2, 1],
    'find a reply': ['failed: retry rate_limited 7000', 2, 1],
  },
  '429 without Retry-After': {
    card: ['retry rate_limited', 1, 0],
    edit: ['retry rate_limited', 1, 0],
    reply: ['retry rate_limited', 1, 0],
    'find a card': ['failed: retry rate_limited', 2, 1],
    'find a reply': ['failed: retry rate_limited', 2, 1],
  },
  '429 until a date': {
    card: ['retry rate_limited', 1, 0],
    edit: ['retry rate_limited', 1, 0],
    reply: ['retry rate_limited', 1, 0],
    'find a card': ['failed: retry rate_limited', 2, 1],
    'find a reply': ['failed: retry rate_limited', 2, 1],
  },
  '429 for -5 s': {
    card: ['retry rate_limited', 1, 0],
    edit: ['retry rate_limited', 1, 0],
    reply: ['retry rate_limited', 1, 0],
    'find a card': ['failed: retry rate_limited', 2, 1],
    'find a reply': ['failed: retry rate_limited', 2, 1],
  },
  '429 for 1e12 s': {
    card: ['retry rate_limited 1000', 1, 0],
    edit: ['retry rate_limited 1000', 1, 0],
    reply: ['retry rate_limited 1000', 1, 0],
    'find a card': ['failed: retry rate_limited 1000', 2, 1],
    'find a reply': ['failed: retry rate_limited 1000', 2, 1],
  },
  '429 for 10^12 s': {
    card: ['retry rate_limited', 1, 0],
    edit: ['retry rate_limited', 1, 0],
    reply: ['retry rate_limited', 1, 0],
    'find a card': ['failed: retry rate_limited', 2, 1],
    'find a reply': ['failed: retry rate_limited', 2, 1],
  },
  '429 for more than 2^31 ms': {
    card: ['retry rate_limited', 1, 0],
    edit: ['retry rate_limited', 1, 0],
    reply: ['retry rate_limited', 1, 0],
    'find a card': ['failed: retry rate_limited', 2, 1],
    'find a reply': ['failed: retry rate_limited', 2, 1],
  },
  'ratelimited in a 200 for 7 s': {
    card: ['retry rate_limited 7000', 1, 0],
    edit: ['retry rate_limited 7000', 1, 0],
    reply: ['retry rate_limited 7000', 1, 0],
    'find a card': ['failed: retry rate_limited 7000', 2, 1],
    'find a reply': ['failed: retry rate_limited 7000', 2, 1],
  },
  'ratelimited in a 200': {
    card: ['retry rate_limited', 1, 0],
    edit: ['retry rate_limited', 1, 0],
    reply: ['retry rate_limited', 1, 0],
    'find a card': ['failed: retry rate_limited', 2, 1],
    'find a reply': ['failed: retry rate_limited', 2, 1],
  },
  '503 before': {
    card: ['unknown', 1, 0],
    edit: ['retry server_error', 1, 0],
    reply: ['unknown', 1, 0],
    'find a card': ['failed: retry server_error', 2, 1],
    'find a reply': ['failed: retry server_error', 2, 1],
  },
  '503 after': {
    card: ['unknown', 1, 1],
    edit: ['retry server_error', 1, 1],
    reply: ['unknown', 1, 1],
    'find a card': ['failed: retry server_error', 2, 1],
    'find a reply': ['failed: retry server_error', 2, 1],
  },
  'hang before': {
    card: ['unknown', 1, 0],
    edit: ['retry server_error', 1, 0],
    reply: ['unknown', 1, 0],
    'find a card': ['failed: retry server_error', 2, 1],
    'find a reply': ['failed: retry server_error', 2, 1],
  },
  'hang after': {
    card: ['unknown', 1, 1],
    edit: ['retry server_error', 1, 1],
    reply: ['unknown', 1, 1],
    'find a card': ['failed: retry server_error', 2, 1],
    'find a reply': ['failed: retry server_error', 2, 1],
  },
  'reset before': {
    card: ['unknown', 1, 0],
    edit: ['retry server_error', 1, 0],
    reply: ['unknown', 1, 0],
    'find a card': ['failed: retry server_error', 2, 1],
    'find a reply': ['failed: retry server_error', 2, 1],
  },
  'reset after': {
    card: ['unknown', 1, 1],
    edit: ['retry server_error', 1, 1],
    reply: ['unknown', 1, 1],
    'find a card': ['failed: retry server_error', 2, 1],
    'find a reply': ['failed: retry server_error', 2, 1],
  },
  'cut body': {
    card: ['unknown', 1, 1],
    edit: ['retry server_error', 1, 1],
    reply: ['unknown', 1, 1],
    'find a card': ['failed: retry server_error', 2, 1],
    'find a reply': ['failed: retry server_error', 2, 1],
  },
  'stalled body': {
    card: ['unknown', 1, 1],
    edit: ['retry server_error', 1, 1],
    reply: ['unknown', 1, 1],
    'find a card': ['failed: retry server_error', 2, 1],
    'find a reply': ['failed: retry server_error', 2, 1],
  },
  'html before': {
    card: ['unknown', 1, 0],
    edit: ['retry server_error', 1, 0],
    reply: ['unknown', 1, 0],
    'find a card': ['failed: retry server_error', 2, 1],
    'find a reply': ['failed: retry server_error', 2, 1],
  },
  'html after': {
    card: ['unknown', 1, 1],
    edit: ['retry server_error', 1, 1],
    reply: ['unknown', 1, 1],
    'find a card': ['failed: retry server_error', 2, 1],
    'find a reply': ['failed: retry server_error', 2, 1],
  },
  refused: {
    card: ['retry unreachable', 1, 0],
    edit: ['retry unreachable', 1, 0],
    reply: ['retry unreachable', 1, 0],
    'find a card': ['failed: retry unreachable', 1, 1],
    'find a reply': ['failed: retry unreachable', 1, 1],
  },
  'no such host': {
    card: ['retry unreachable', 1, 0],
    edit: ['retry unreachable', 1, 0],
    reply: ['retry unreachable', 1, 0],
    'find a card': ['failed: retry unreachable', 1, 1],
    'find a reply': ['failed: retry unreachable', 1, 1],
  },
}
