import { describe, expect, it } from 'vitest'
import { DOCUMENTED_TYPES } from '../../../src/incident/attention.ts'
import { toPlan, type PlanInput } from '../../../src/incident/plan.ts'
import type { Route } from '../../../src/incident/route.ts'
import type { Lane } from '../../../src/store/lane.ts'
import type { AppliedPlan, KnownIncident } from '../../../src/store/store.ts'
import { event, incident, T } from './fixture.ts'

const everything: Route = {
  name: 'all',
  to: ['slack', 'discord'],
  continue: false,
  match: {},
  attention: {},
  mention: [],
}

describe('a plan', () => {
  it.each([...DOCUMENTED_TYPES, 'i_brand_new'])(
    'makes one card for each destination if %s is the first that is seen',
    (type) => {
      const made = plan({ event: event('e1', type) })
      expect(made).toMatchObject({ verdict: 'applied', expectedVersion: 0, incident: { version: 1 } })
      const cards = made.lanes.flatMap(({ owed }) => owed.filter(({ kind }) => kind === 'card').map(({ key }) => key))
      expect(cards).toEqual(['card/inc-1/slack/1', 'card/inc-1/discord/1'])
    },
  )

  it('of a later event edits the card and owes one reply with a key of its own', () => {
    const { lanes } = plan({ event: event('e2', 'i_ack'), known: known({}, [lane('slack')]) })
    expect(lanes[0]).toMatchObject({ destination: 'slack', card: true, urgency: 3 })
    expect(lanes[0]?.owed.map(({ key, kind }) => [key, kind])).toEqual([['reply/inc-1/slack/e2', 'reply']])
  })

  it('puts a new Critical card before all else', () => {
    expect(plan({ event: event('e1', 'i_new', { severity: 'Critical' }) }).lanes[0]?.urgency).toBe(0)
    expect(plan({ event: event('e1', 'i_new', { severity: 'Info' }) }).lanes[0]?.urgency).toBe(1)
  })

  it('keeps a card up to date that no route leads to any more', () => {
    const route = { ...everything, match: { severity: ['Critical'] }, to: ['slack'] }
    const { lanes } = plan({
      event: event('e2', 'i_r_severity', { severity: 'Info' }),
      known: known({ severity: 'Critical' }, [lane('slack')]),
      routes: [route],
    })
    expect(lanes).toMatchObject([{ destination: 'slack', card: true }])
  })

  it('adds a destination when a route comes to match', () => {
    const route = { ...everything, match: { severity: ['Critical'] }, to: ['pager'] }
    const { lanes } = plan({
      event: event('e2', 'i_r_severity', { severity: 'Critical' }),
      known: known({}, [lane('slack')]),
      routes: [route],
    })
    expect(lanes.map(({ destination, owed }) => [destination, owed.map(({ kind }) => kind)])).toEqual([
      ['pager', ['card', 'reply']],
      ['slack', ['reply']],
    ])
  })

  it('goes nowhere without a route, and says so', () => {
    expect(plan({ routes: [] })).toMatchObject({ verdict: 'unrouted', lanes: [], incident: { version: 1 } })
  })

  it('posts to a destination once, however many routes lead there', () => {
    const routes = [
      { ...everything, continue: true },
      { ...everything, name: 'again' },
    ]
    expect(plan({ routes }).lanes.map(({ destination }) => destination)).toEqual(['slack', 'discord'])
  })

  it('leaves out what a route turned off, the card included', () => {
    const routes = [{ ...everything, attention: { i_comm: { loudness: 'off' } } }] as const
    expect(plan({ event: event('e1', 'i_comm'), routes })).toMatchObject({ lanes: [], incident: { version: 1 } })
  })

  it('mentions whom the route names when a card is posted', () => {
    const routes = [{ ...everything, mention: ['S0ONCALL'] }]
    expect(plan({ routes }).lanes[0]?.owed).toMatchObject([
      { kind: 'card', mention: [{ kind: 'user', id: 'S0ONCALL' }] },
    ])
  })

  describe('of people given to an incident', () => {
    const ann = { kind: 'person', name: 'Ann', email: 'ann@example.com' }
    const [justNow, longAgo] = [T - 1_000, T - 60_000]
    const people = { responders: [{ name: 'Ann', email: 'ann@example.com' }] }
    const assigned = (lanes: readonly Lane[], firstAtMs: number, routes: readonly Route[] = [everything]) => {
      const before = known({}, lanes)
      const made = {
        event: event('e2', 'i_assign', people),
        known: { ...before, incident: { ...before.incident, firstAtMs } },
      }
      return plan({ ...made, routes }).lanes[0]?.owed
    }

    it('calls those who had it from the beginning by the card, together with whom the route names', () => {
      const routes = [{ ...everything, mention: ['here'] }]
      const made = plan({ event: event('e1', 'i_new', people), routes })
      expect(made.lanes[0]?.owed).toMatchObject([{ kind: 'card', mention: [{ kind: 'here' }, ann] }])
    })

    it('calls those who get it at the beginning by the card, or by a line if that is posted', () => {
      const call = { key: 'call/inc-1/slack/e2', kind: 'reply', mention: [ann], unlessCard: true }
      expect(assigned([lane('slack')], justNow)).toMatchObject([call])
    })

    it('calls those who get it later by a line of its own', () => {
      const [reply] = assigned([lane('slack')], longAgo) ?? []
      expect(reply).toMatchObject({ key: 'reply/inc-1/slack/e2', mention: [ann] })
      expect(reply?.unlessCard).toBeUndefined()
    })

    it('calls all of them if nothing was known of the incident before', () => {
      const made = plan({ event: event('e1', 'i_assign', people), effectiveAtMs: T })
      expect(made.lanes[0]?.owed.flatMap(({ mention }) => mention)).toEqual([ann])
    })

    it('calls nobody twice who was there before', () => {
      const made = { event: event('e2', 'i_assign', people), known: known(people, [lane('slack')]) }
      expect(plan(made).lanes[0]?.owed).toMatchObject([{ kind: 'reply', mention: [] }])
    })

    it.each([
      ['nobody', { i_assign: { mention: 'none' } }, []],
      ['by nothing where only the card is wanted', { i_assign: { loudness: 'card' } }, []],
      ['by a line where one is wanted', { i_assign: { loudness: 'thread' } }, ['reply/inc-1/slack/e2']],
    ] as const)('calls %s if the route says so', (_, attention, keys) => {
      const owed = assigned([lane('slack')], justNow, [{ ...everything, attention }])
      expect(owed?.map(({ key }) => key)).toEqual(keys)
    })
  })

  it('never moves the card back for a stale event', () => {
    const given = { event: event('e0', 'i_comm'), effectiveAtMs: T - 1, known: known({}, [lane('slack')]) }
    expect(plan(given)).toMatchObject({ verdict: 'stale', lanes: [] })
    expect(plan(given).incident).toBeUndefined()
    const told = plan({ ...given, lateEvents: 'reply' })
    expect(told.incident).toBeUndefined()
    expect(told.lanes).toMatchObject([
      { destination: 'slack', card: false, owed: [{ kind: 'reply', late: true, mention: [] }] },
    ])
  })

  it('remembers when a snooze will end', () => {
    expect(plan({ event: event('e1', 'i_snooze', { snoozedUntilMs: T + 60_000 }) }).incident?.snoozeEndsAtMs).toBe(
      T + 60_000,
    )
    expect(plan({ event: event('e1', 'i_wake') }).incident?.snoozeEndsAtMs).toBeUndefined()
  })

  it('tells what changed since the last snapshot', () => {
    const made = plan({ event: event('e2', 'i_r_title', { title: 'b' }), known: known({ title: 'a' }, []) })
    expect(made.changes).toEqual({ title: { from: 'a', to: 'b' } })
  })
})

function plan(change: Partial<PlanInput> = {}): AppliedPlan {
  const input = {
    event: event('e1', 'i_new'),
    effectiveAtMs: T,
    receivedAtMs: T,
    known: undefined,
    routes: [everything],
    nowMs: T,
  }
  return toPlan({ ...input, lateEvents: 'skip', ...change })
}

function known(change: Parameters<typeof incident>[0], lanes: readonly Lane[]): KnownIncident {
  const last = { id: 'e1', type: 'i_new', atMs: T }
  const at = { effectiveAtMs: T, firstAtMs: T - 60_000 }
  return { incident: { id: 'inc-1', version: 1, snapshot: incident(change), last, ...at }, lanes }
}

const NEVER = { shownAtMs: 0, changedSinceMs: 0, changedAtMs: 0 }

function lane(destination: string): Lane {
  const card = { channel: 'C1', message: '1.1', thread: '1.1' }
  const shown = { wantedVersion: 1, shownVersion: 1, frozen: false, editAttempts: 0, editDueAtMs: 0, ...NEVER }
  return { incidentId: 'inc-1', destination, generation: 1, card, ...shown, urgency: 2 }
}
