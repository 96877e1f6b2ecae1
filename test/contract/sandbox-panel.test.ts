import { beforeAll, describe, expect, it } from 'vitest'
import { toPush } from '../e2e/relay.ts'
import { SLOW_START_MS, startAlone, startRun, type Run } from './sandbox-run.ts'

// What the page's controls and inspector stand on.

let run: Run
let alone: Run
beforeAll(async () => {
  run = await startRun()
  alone = await startAlone()
}, SLOW_START_MS)

const push = async (body: string | object) => (await run.post('push', body)).body
const incident = { incident_id: 'panel-1', channel_name: 'Databases' }
const nowMs = Date.now()

describe('a push from the page', () => {
  it('goes the way of any push, and the answer of the relay comes back', async () => {
    const event = toPush('i_new', { event_id: 'panel-1', event_time: nowMs, incident })
    expect(await push(event)).toEqual({ status: 200, answer: { ok: true, result: 'accepted' } })
    expect(await push(event)).toEqual({ status: 200, answer: { ok: true, result: 'duplicate' } })
    const late = toPush('i_comm', { event_id: 'panel-2', event_time: nowMs - 3_600_000, incident })
    expect(await push(late)).toEqual({ status: 200, answer: { ok: true, result: 'stale' } })
  })

  it('is sent as it was typed, whatever it is', async () => {
    expect(await push('{"event_id": ')).toMatchObject({ status: 400, answer: { code: 'invalid_json' } })
    expect(await push('')).toMatchObject({ status: 400, answer: { code: 'empty' } })
    expect(await push('[]')).toMatchObject({ status: 400, answer: { code: 'not_an_object' } })
    expect(await push('{"event_id": "x"}')).toMatchObject({ status: 400, answer: { code: 'missing_field' } })
    expect(await push(JSON.stringify('x'.repeat(1_100_000)))).toMatchObject({
      status: 413,
      answer: { code: 'too_large' },
    })
  })

  it('brings no secret to the page', async () => {
    expect(JSON.stringify([await run.panel(), await run.relay(), await push('{}')])).not.toContain('sandbox-secret')
  })
})

describe('the view of the relay', () => {
  it('shows each lane with what its card shows and should show', async () => {
    await expect
      .poll(() => run.relay(), { timeout: 15_000 })
      .toMatchObject({
        lanes: ['discord-incidents', 'slack-incidents'].map((destination) =>
          expect.objectContaining({
            destination,
            incidentId: 'panel-1',
            wantedVersion: 1,
            shownVersion: 1,
            generation: 1,
          }),
        ),
        work: [],
        storms: [],
      })
  })

  it('shows what is broken, and what waits for a person, who may retry or drop it', async () => {
    const { places } = await run.panel()
    const channel = places.discord.find(({ name }) => name === 'incidents')
    const thread = async () => {
      const { places: now } = await run.panel()
      return now.discord.find(({ id }) => id === channel?.id)?.cards[0]?.thread
    }
    await push(toPush('i_comm', { event_id: 'panel-3', event_time: nowMs + 1, incident }))
    await expect.poll(thread, { timeout: 15_000 }).toBeDefined()
    await expect.poll(async () => (await run.relay()).work, { timeout: 15_000 }).toEqual([])
    const { id } = (await thread()) ?? { id: '' }
    await run.post('acts', { platform: 'discord', does: 'lock_thread', thread: id })
    for (const n of [4, 5]) await push(toPush('i_comm', { event_id: `panel-${n}`, event_time: nowMs + n, incident }))
    const dead = async () => (await run.relay()).work.filter(({ state }) => state === 'dead')
    await expect.poll(dead, { timeout: 15_000 }).toHaveLength(2)
    await run.post('acts', { platform: 'discord', does: 'unlock_thread', thread: id })
    const [first, second] = await dead()
    const changed = (work: typeof first, result: string) => ({
      status: 200,
      body: { problems: [], changes: [expect.objectContaining({ id: work?.id, result })] },
    })
    expect(await run.post('relay/drop', { ids: [second?.id] })).toEqual(changed(second, 'dropped'))
    expect(await run.post('relay/retry', { ids: [first?.id] })).toEqual(changed(first, 'retried'))
    await expect.poll(async () => (await run.relay()).work, { timeout: 15_000 }).toEqual([])
    expect(await run.post('relay/retry', { ids: ['abcdef'] })).toMatchObject({
      status: 200,
      body: { problems: [expect.stringContaining('no id of anything')] },
    })
    expect((await run.post('relay/drop', { ids: [] })).status).toBe(400)
  })

  it('tells which circuit is open', async () => {
    await run.post('acts', { platform: 'slack', does: 'archive', channel: 'incidents' })
    await push(toPush('i_rslv', { event_id: 'panel-9', event_time: nowMs + 9, incident }))
    await expect
      .poll(async () => (await run.relay()).pauses.map(({ scope }) => scope), { timeout: 15_000 })
      .toContain('destination:slack-incidents')
    const { places } = await run.panel()
    expect(places.slack.find(({ name }) => name === 'incidents')).toMatchObject({ archived: true, member: true })
  })
})

describe('what people do', () => {
  const place = async (platform: 'slack' | 'discord') =>
    (await alone.panel()).places[platform].find(({ name }) => name === 'incidents')

  it.each([
    ['archive', 'unarchive', { archived: true }, { archived: false }],
    ['remove_bot', 'add_bot', { member: false }, { member: true }],
  ])('in Slack can be done and undone: %s, %s', async (does, undoes, done, undone) => {
    await alone.post('acts', { platform: 'slack', does, channel: 'incidents' })
    expect(await place('slack')).toMatchObject(done)
    await alone.post('acts', { platform: 'slack', does: undoes, channel: 'incidents' })
    expect(await place('slack')).toMatchObject(undone)
  })

  it('in Discord can be done and undone: a permission', async () => {
    const about = { platform: 'discord', channel: 'incidents', permission: 'SEND_MESSAGES' }
    await alone.post('acts', { ...about, does: 'deny' })
    expect(await place('discord')).toMatchObject({ denied: ['SEND_MESSAGES'] })
    await alone.post('acts', { ...about, does: 'allow' })
    expect(await place('discord')).toMatchObject({ denied: [] })
  })

  it('in Discord can be done and undone: a thread that is archived or locked', async () => {
    const thread = async () =>
      (await run.panel()).places.discord.find(({ name }) => name === 'incidents')?.cards[0]?.thread
    const id = (await thread())?.id
    for (const [does, state] of [
      ['archive_thread', { archived: true, locked: false }],
      ['unarchive_thread', { archived: false, locked: false }],
      ['lock_thread', { archived: false, locked: true }],
      ['unlock_thread', { archived: false, locked: false }],
    ] as const) {
      expect((await run.post('acts', { platform: 'discord', does, thread: id })).status).toBe(200)
      expect(await thread()).toMatchObject(state)
    }
  })

  it.each([
    [{ platform: 'slack', does: 'delete', channel: 'incidents', message: '1.2' }, 'no message 1.2'],
    [{ platform: 'slack', does: 'archive', channel: 'nowhere' }, 'no channel nowhere'],
    [{ platform: 'discord', does: 'lock_thread', thread: '1' }, 'no channel or thread 1'],
    [{ platform: 'discord', does: 'archive', channel: 'incidents' }, 'Invalid'],
    [{}, 'Invalid'],
  ])('that cannot be done says why: %j', async (what, reason) => {
    expect(await alone.post('acts', what)).toEqual({
      status: 400,
      body: { ok: false, reason: expect.stringContaining(reason) },
    })
  })
})

describe('without a relay', () => {
  it('the page is told so, and there is nothing to send to or to look into', async () => {
    expect((await alone.panel()).relay).toBe(false)
    const gone = { status: 503, body: { ok: false, reason: 'No relay runs in this process.' } }
    expect(await alone.post('push', {})).toEqual(gone)
    expect(await alone.post('relay/retry', { ids: ['abcdef'] })).toEqual(gone)
    expect((await fetch(`${alone.url}/sandbox/relay`)).status).toBe(503)
  })

  it('faults are set, listed and cleared all the same', async () => {
    const fault = { platform: 'slack', times: 2, does: { kind: 'hang', after: false } }
    await alone.post('faults', fault)
    expect((await alone.panel()).faults).toEqual([fault])
    await fetch(`${alone.url}/sandbox/faults`, { method: 'DELETE' })
    expect((await alone.panel()).faults).toEqual([])
  })
})
