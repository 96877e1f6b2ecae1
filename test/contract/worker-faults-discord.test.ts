import { describe } from 'vitest'
import { CREATE_CARD } from './worker.ts'
import { standsEveryFault } from './worker-faults.ts'

describe('a fault of Discord that strikes twice leaves one of each, and the newest', () => {
  standsEveryFault(
    [
      ['discord', 'card', CREATE_CARD.discord],
      ['discord', 'edit', 'PATCH /channels/:id/messages/:mid'],
      ['discord', 'thread', 'POST /channels/:id/messages/:mid/threads'],
      ['discord', 'reply', 'POST /channels/:id/messages'],
      ['forum', 'card', CREATE_CARD.forum],
      ['forum', 'edit of an archived post', 'PATCH /channels/:id'],
    ],
    6 * 16,
  )
})
