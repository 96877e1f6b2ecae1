import { describe } from 'vitest'
import { CREATE_CARD } from './worker.ts'
import { standsEveryFault } from './worker-faults.ts'

describe('a fault of Slack that strikes twice leaves one of each, and the newest', () => {
  standsEveryFault(
    [
      ['slack', 'card', CREATE_CARD.slack],
      ['slack', 'edit', 'chat.update'],
      ['slack', 'reply', 'chat.postMessage'],
    ],
    3 * 18,
  )
})
