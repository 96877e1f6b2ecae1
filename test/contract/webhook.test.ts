import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { NOW_MS, push, SECRET, startIntake } from './intake.ts'
import type { Intake, IntakeOptions } from './intake.ts'

const sample = (type: string): string => readFileSync(new URL(`../events/${type}.json`, import.meta.url), 'utf8')

let intake: Intake
const start = async (options: IntakeOptions): Promise<Intake> => {
  intake = await startIntake({ nowMs: () => NOW_MS, ...options })
  return intake
}
afterEach(() => intake.server.close(0))

describe('with a store', () => {
  let folder: string
  let store: Store
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'relay-webhook-'))
    store = await openSqlite({ file: join(folder, 'relay.db') })
    await start({ store })
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  const stored = () => store.unapplied({ limit: 10_000 })

  it('a push is kept as it came, once, and the worker hears of it', async () => {
    const body = sample('i_new')
    expect(await intake.post(body)).toMatchObject({ status: 200, json: { ok: true, result: 'accepted' } })
    expect(await intake.post(body)).toMatchObject({ status: 200, json: { ok: true, result: 'duplicate' } })
    const { event_id, event_time }: { event_id: string; event_time: number } = JSON.parse(body)
    expect(await stored()).toMatchObject([
      {
        id: event_id,
        incidentId: '69b4d0f3a1c2e84d5f60b7a9',
        type: 'i_new',
        effectiveAtMs: event_time,
        receivedAtMs: NOW_MS,
        body,
      },
    ])
    expect(intake.woken()).toBe(1)
    expect(await intake.metric('relay_events_total{result="duplicate"}')).toBe(1)
  })

  it('a repeat is known after a restart too', async () => {
    await intake.post(push())
    await intake.server.close(0)
    await start({ store })
    expect(await intake.post(push())).toMatchObject({ json: { result: 'duplicate' } })
    expect(await stored()).toHaveLength(1)
  })

  it('the same id with another body changes nothing and is counted', async () => {
    await intake.post(push())
    expect(await intake.post(push({ event_type: 'i_rslv' }))).toMatchObject({
      status: 200,
      json: { ok: true, result: 'duplicate' },
    })
    await intake.server.close(0)
    const before = intake
    await start({ store })
    expect(await intake.post(push({ event_type: 'i_rslv' }))).toMatchObject({
      status: 200,
      json: { ok: true, result: 'duplicate' },
    })
    expect(await stored()).toMatchObject([{ type: 'i_new' }])
    expect([
      await before.metric('relay_event_conflicts_total'),
      await intake.metric('relay_event_conflicts_total'),
    ]).toEqual([1, 1])
  })

  it('only a strictly older event is stale, and it is kept', async () => {
    await intake.post(push())
    const results = []
    for (const [id, event_time] of [
      ['same', NOW_MS],
      ['older', NOW_MS - 1],
      ['newer', NOW_MS + 1],
    ] as const) {
      results.push((await intake.post(push({ event_id: id, event_time }))).json)
    }
    expect(results).toEqual([
      { ok: true, result: 'accepted' },
      { ok: true, result: 'stale' },
      { ok: true, result: 'accepted' },
    ])
    expect((await stored()).map(({ id }) => id)).toEqual(['e1', 'same', 'older', 'newer'])
    expect(intake.woken()).toBe(4)
  })

  it('an event from the far future does not make later ones stale for long', async () => {
    await intake.post(push({ event_time: Date.UTC(2099, 0) }))
    expect(await stored()).toMatchObject([{ effectiveAtMs: NOW_MS + 5 * 60_000 }])
    await intake.server.close(0)
    await start({ store, nowMs: () => NOW_MS + 6 * 60_000 })
    expect(await intake.post(push({ event_id: 'e2', event_time: NOW_MS + 6 * 60_000 }))).toMatchObject({
      json: { result: 'accepted' },
    })
  })

  it('of 300 pushes sent twice at once, each is kept once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 600 }, (_, index) =>
        intake.post(push({ event_id: `e${index % 300}`, incident: { incident_id: `i${index % 300}` } })),
      ),
    )
    const count = (result: string): number =>
      answers.filter((one) => one.status === 200 && one.result === result).length
    expect([count('accepted'), count('duplicate')]).toEqual([300, 300])
    expect(await stored()).toHaveLength(300)
  })

  it.each<[string, string | Uint8Array | object, string, string | undefined]>([
    ['nothing', '', 'empty', undefined],
    ['a cut-off body', '{"event_id":', 'invalid_json', undefined],
    ['broken UTF-8', Uint8Array.from([0x7b, 0xff, 0x7d]), 'invalid_utf8', undefined],
    ['a deep body', '['.repeat(60_000), 'too_deep', undefined],
    ['a list', [push()], 'not_an_object', undefined],
    ['no incident', push({ incident: null }), 'missing_field', 'incident'],
    ['a list as id', push({ event_id: [] }), 'invalid_field', 'event_id'],
    [
      'an unfilled variable',
      push({ incident: { incident_id: '{{incident.uid}}' } }),
      'unresolved_template',
      'incident.incident_id',
    ],
  ])('%s is refused with a reason and kept for a person', async (_, body, code, path) => {
    const { status, json } = await intake.post(body)
    expect(status).toBe(400)
    expect(json).toEqual({
      ok: false,
      code,
      reason: expect.any(String),
      ...(path && { path }),
      ...(code !== 'invalid_utf8' && code !== 'too_deep' && { hint: expect.stringContaining('console') }),
    })
    expect(await store.counts()).toMatchObject({ eventsUnapplied: 0, quarantined: 1 })
    expect(await intake.metric(`relay_rejected_total{code="${code}"}`)).toBe(1)
    expect(intake.log()).toContain(`"code":"${code}"`)
  })

  it('odd fields, odd types and huge texts are no reason to refuse', async () => {
    const odd = { event_id: 12345678901234567890n.toString(), event_type: 'i_😀', event_time: 'soon', person: 7 }
    const incident = {
      incident_id: 5,
      title: 'x'.repeat(60_000),
      labels: [],
      responders: {},
      detail_url: 'javascript:1',
    }
    expect(await intake.post({ ...odd, incident })).toMatchObject({ status: 200 })
    expect(await stored()).toMatchObject([{ id: '12345678901234567890', incidentId: '5', effectiveAtMs: NOW_MS }])
  })

  it('neither answers, log nor metrics repeat the secret or the text of an event', async () => {
    const answers = [
      await intake.post(push()),
      await intake.post(push({ event_type: 'i_rslv' })),
      await intake.post(push({ event_id: null })),
      await intake.post(push(), { 'x-relay-secret': `${SECRET}x` }),
    ]
    const metrics = await (await fetch(`${intake.url}/metrics`)).text()
    const said = JSON.stringify(answers) + intake.log() + metrics
    expect(said).toContain('webhook.rejected')
    expect(said).not.toContain(SECRET)
    expect(said).not.toContain('nobody should log')
    expect(metrics).not.toMatch(/"(e1|i1)"/)
  })
})
