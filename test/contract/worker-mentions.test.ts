import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Route } from '../../src/incident/route.ts'
import { cards, createBench, only, T, toldIn, type Bench } from './worker.ts'

const MINUTE_MS = 60_000
/** However busy the machine is. */
const PATIENT = { callTimeoutMs: 10_000 }
const LOOK_UP = 'users.lookupByEmail'
/** Slack knows both by e-mail, Discord only Ben, by the people of the configuration. */
const ANN = { person_id: 1, person_name: 'Ann Lee', email: 'ann@example.com' }
const BEN = { person_id: 2, person_name: 'Ben Ortiz', email: 'ben@example.com' }
const EVE = { person_id: 3, person_name: 'Eve Noone', email: 'eve@example.com' }
const IN_SLACK = { ann: 'U0ANNLEE01', ben: 'U0BENORT02' }
const IN_DISCORD = { ben: '1100000000000000012' }
const assigned = (...responders: readonly object[]): object => ({
  responders,
  assigned_to: { type: 'assign', escalate_rule_name: 'On call', layer_idx: 0 },
})

/** Everyone each post of an incident called: the card first, then its thread. */
function calls(bench: Bench, destination: string, title = ''): readonly (readonly string[])[] {
  const found = cards(bench, destination).filter((card) => JSON.stringify(card).includes(title))
  return found.flatMap((card) => [card.pings, ...card.thread.map(({ pings }) => pings)])
}

function calling(mention: readonly string[], attention: Route['attention'] = {}): Route {
  return { name: 'all', to: ['slack', 'discord'], continue: false, match: {}, attention, mention }
}

describe('people an incident is given to', () => {
  it('are called by its card, if they have it from the beginning and are known', async () => {
    const bench = await createBench(PATIENT)
    await bench.accept('i_new', { incident_id: 'before', responders: [ANN, BEN] })
    await bench.run(MINUTE_MS)
    await bench.accept('i_new', { title: 'second', responders: [ANN, BEN, EVE] })
    await bench.run(MINUTE_MS)
    expect(calls(bench, 'slack', 'second')).toEqual([[IN_SLACK.ann, IN_SLACK.ben]])
    expect(calls(bench, 'discord', 'second')).toEqual([[IN_DISCORD.ben]])
    expect(JSON.stringify(cards(bench, 'slack'))).toContain('Eve Noone')
  })

  it('are called by a line of the thread, if the card went before Slack said who they are', async () => {
    const bench = await createBench({ ...PATIENT, routes: [only('slack')] })
    bench.sandbox.faults.add({ platform: 'slack', method: LOOK_UP, does: { kind: 'delay', ms: 200 } })
    await bench.accept('i_new', { responders: [ANN, EVE] })
    await bench.run(MINUTE_MS)
    expect(calls(bench, 'slack')).toEqual([[], [IN_SLACK.ann]])
    expect(toldIn(bench, 'slack')).toContain('Assigned to')
  })

  it('hold up no card by being looked up, and are shown by name if it takes long', async () => {
    const bench = await createBench({ routes: [only('slack')], callTimeoutMs: 500 })
    bench.sandbox.faults.add({ platform: 'slack', method: LOOK_UP, times: 9, does: { kind: 'hang', after: false } })
    await bench.accept('i_new', { responders: [ANN] })
    await bench.run(0)
    expect(bench.attempts.map(({ operation, outcome, atMs }) => [operation, outcome, atMs])).toEqual([
      ['card', 'sent', T],
    ])
    await bench.run(MINUTE_MS)
    expect(calls(bench, 'slack')).toEqual([[]])
    expect(JSON.stringify(cards(bench, 'slack'))).toContain('Ann Lee')
    expect((await bench.store.counts()).deliveries).toMatchObject({ pending: 0, dead: 0, held: 0 })
  })

  it('right after it began are called by the card while that waits, and not told of twice', async () => {
    const bench = await createBench(PATIENT)
    for (const platform of ['slack', 'discord'] as const) {
      const down = {
        kind: 'status',
        status: 429,
        headers: { 'retry-after': '5' },
        body: { ok: false, retry_after: 5 },
      } as const
      bench.sandbox.faults.add({ platform, does: down })
    }
    await bench.accept('i_new')
    await bench.run(0)
    await bench.accept('i_assign', assigned(BEN))
    await bench.run(MINUTE_MS)
    expect(calls(bench, 'discord')).toEqual([[IN_DISCORD.ben]])
    expect(calls(bench, 'slack')).toEqual([[IN_SLACK.ben]])
  })

  it('right after its card was posted are called by a line, where anybody can be called', async () => {
    const bench = await createBench(PATIENT)
    await bench.accept('i_new')
    await bench.run(500)
    await bench.accept('i_assign', assigned(ANN))
    await bench.run(MINUTE_MS)
    expect(calls(bench, 'slack')).toEqual([[], [IN_SLACK.ann]])
    // Nobody could be called: the card shows it, and no thread was started for it.
    expect(calls(bench, 'discord')).toEqual([[]])
    expect(JSON.stringify(cards(bench, 'discord')[0])).toContain('Ann Lee')
    expect(cards(bench, 'discord')[0]?.edits).toBe(1)
  })

  it('later are called once, and not again by what is told next', async () => {
    const bench = await createBench(PATIENT)
    await bench.accept('i_new')
    await bench.run(MINUTE_MS)
    await bench.accept('i_assign', assigned(BEN))
    await bench.accept('i_ack', { ...assigned(BEN), progress: 'Processing' })
    await bench.accept('i_assign', assigned(BEN, EVE))
    await bench.accept('i_comm', assigned(BEN, EVE))
    await bench.run(MINUTE_MS)
    expect(calls(bench, 'slack')).toEqual([[], [IN_SLACK.ben], [], [], []])
    expect(calls(bench, 'discord')).toEqual([[], [IN_DISCORD.ben], [], [], []])
  })

  it('and a group are called by new posts and by no edit, once each where replies are told together', async () => {
    const bench = await createBench({
      ...PATIENT,
      routes: [calling(['here', 'group:S0ONCALL'], { default: { mention: 'responders' } })],
    })
    await bench.accept('i_new', { incident_id: 'before', responders: [BEN] })
    await bench.run(MINUTE_MS)
    await bench.accept('i_new', { title: 'second', ...assigned(BEN) })
    await bench.run(MINUTE_MS)
    for (let count = 0; count < 12; count++) await bench.accept('i_comm', { title: 'second', ...assigned(BEN) })
    await bench.run(MINUTE_MS)
    const [card = [], ...replies] = calls(bench, 'slack', 'second')
    expect(card.toSorted()).toEqual(['S0ONCALL', IN_SLACK.ben, 'here'])
    for (const reply of replies) expect(reply).toEqual([IN_SLACK.ben])
    expect(replies.length).toBeLessThan(12)
    expect(JSON.stringify(cards(bench, 'slack')[1]?.blocks)).not.toContain('"user"')
  })

  it.each(['slack', 'discord'] as const)(
    'are called by what %s shows of a message whose answer was lost, once',
    async (platform) => {
      const bench = await createBench({ ...PATIENT, routes: [only(platform)] })
      await bench.accept('i_new', { incident_id: 'before', responders: [BEN] })
      await bench.run(MINUTE_MS)
      const method = platform === 'slack' ? 'chat.postMessage' : 'POST /channels/:id/messages'
      for (const after of [true, false]) {
        bench.sandbox.faults.add({ platform, method, does: { kind: 'reset', after } })
        const title = `answer lost ${after}`
        await bench.accept('i_new', { incident_id: `lost-${after}`, title, responders: [BEN] })
        await bench.run(1_000)
        // The card may be there already, and nobody knows: whoever joins is called below it.
        await bench.accept('i_assign', { incident_id: `lost-${after}`, title, ...assigned(BEN, ANN) })
        await bench.restart()
        await bench.run(3 * MINUTE_MS)
        const ids = platform === 'slack' ? [IN_SLACK.ben, IN_SLACK.ann] : [IN_DISCORD.ben]
        expect(calls(bench, platform, title).flat()).toEqual(ids)
      }
    },
  )

  it('while a card is on its way are called once in each place, whenever they come', async () => {
    const bench = await createBench(PATIENT)
    for (let round = 0; round < 16; round++) {
      const about = { incident_id: `race-${round}`, title: `race ${round}.` }
      await bench.accept('i_new', round % 2 === 0 ? about : { ...about, responders: [ANN] })
      for (let turns = 0; turns < round; turns++) await turn()
      await bench.accept('i_assign', { ...about, ...assigned(ANN, BEN) })
      await bench.run(10_000)
      const inSlack = calls(bench, 'slack', about.title).flat()
      expect(inSlack.toSorted(), about.title).toEqual([IN_SLACK.ann, IN_SLACK.ben])
      expect(calls(bench, 'discord', about.title).flat(), about.title).toEqual([IN_DISCORD.ben])
    }
  }, 120_000)
})

describe('a route', () => {
  it('decides whom a new card and each event call', async () => {
    const attention = {
      i_new: { mention: 'none' },
      i_assign: { loudness: 'card' },
      i_comm: { mention: ['here'] },
    } as const
    const bench = await createBench({ routes: [calling(['U0CHENWE03', 'group:1100000000000000021'], attention)] })
    await bench.accept('i_new', { responders: [BEN] })
    await bench.run(MINUTE_MS)
    await bench.accept('i_assign', assigned(BEN, ANN))
    await bench.accept('i_comm', assigned(BEN, ANN))
    await bench.run(MINUTE_MS)
    expect(calls(bench, 'slack')).toEqual([['U0CHENWE03'], ['here']])
    expect(bench.sandbox.slack.state().calls.filter(({ method }) => method === LOOK_UP)).toEqual([])
  })
})
