import { expect, it } from 'vitest'
import { StoreError } from '../../../src/store/error.ts'
import { toFailure } from '../../../src/store/postgres/error.ts'
import { createIntake } from '../../../src/store/postgres/intake.ts'
import type { Accepted, NewEvent } from '../../../src/store/store.ts'

const ACCEPTED: Accepted = { result: 'accepted', conflict: false, latestAtMs: 0 }

function event(id: string): NewEvent {
  return { id, incidentId: 'i', type: 'i_new', effectiveAtMs: 0, receivedAtMs: 0, body: '{}', bodyHash: id }
}

/** An intake whose server answers by `keep`; gives what became of the events, and what it was asked. */
async function accept(ids: readonly string[], keep: (ids: readonly string[]) => StoreError['reason'] | undefined) {
  const asked: string[] = []
  const intake = createIntake(async (events) => {
    asked.push(events.map(({ id }) => id).join(' '))
    const reason = keep(events.map(({ id }) => id))
    if (reason !== undefined) throw new StoreError(reason, reason)
    return events.map(() => ACCEPTED)
  })
  const settled = await Promise.allSettled(ids.map((id) => intake.accept(event(id))))
  return { asked, became: settled.map(({ status }) => (status === 'fulfilled' ? 'kept' : 'refused')) }
}

it('an event that cannot be kept takes none of its batch along', async () => {
  const { asked, became } = await accept(['a', 'b', 'c'], (ids) => (ids.includes('b') ? 'bug' : undefined))
  expect(asked).toEqual(['a b c', 'a', 'b', 'c'])
  expect(became).toEqual(['kept', 'refused', 'kept'])
})

it('a server that goes away meanwhile is not asked for each of them', async () => {
  const { asked, became } = await accept(['a', 'b', 'c'], (ids) => (ids.length > 1 ? 'bug' : 'unavailable'))
  expect(asked).toEqual(['a b c', 'a'])
  expect(became).toEqual(['refused', 'refused', 'refused'])
})

it('a code of the system is no word of the server, whatever it looks like', () => {
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
  expect(toFailure(broken)).toMatchObject({ written: 'unclear', isPassing: true, error: { reason: 'unavailable' } })
  const said = Object.assign(new Error('too long'), { code: '54000', severity: 'ERROR' })
  expect(toFailure(said)).toMatchObject({ written: 'undone', isPassing: false, error: { reason: 'bug' } })
})
