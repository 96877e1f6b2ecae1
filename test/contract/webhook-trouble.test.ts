import { afterEach, describe, expect, it } from 'vitest'
import { createGate, createTold, NOW_MS, push, startIntake, wire } from './intake.ts'
import type { Intake, IntakeOptions } from './intake.ts'

const accepts = (): Promise<void> => Promise.resolve()

let intake: Intake
const start = async (options: IntakeOptions): Promise<Intake> => {
  intake = await startIntake({ nowMs: () => NOW_MS, ...options })
  return intake
}
afterEach(() => intake.server.close(0))

describe('when the store is in trouble', () => {
  it('an event that could not be stored is never a success, and not seen either', async () => {
    let failures = 1
    const told = createTold(() => (failures-- > 0 ? Promise.reject(new Error('disk full')) : Promise.resolve()))
    await start({ store: told.store })
    expect(await intake.post(push())).toMatchObject({
      status: 503,
      json: { ok: false, code: 'store_unavailable', reason: expect.any(String) },
    })
    expect(await intake.post(push())).toMatchObject({ status: 200, json: { result: 'accepted' } })
    expect(told.kept).toHaveLength(1)
  })

  it.each([
    ['and shares its success', () => {}, [200, 200], ['accepted', 'duplicate']],
    [
      'and its failure',
      () => {
        throw new Error('disk full')
      },
      [503, 503],
      [undefined, undefined],
    ],
  ] as const)('a repeat waits for the commit under way %s', async (_, end, statuses, results) => {
    const gate = createGate()
    const asked = createGate()
    const told = createTold(async () => {
      asked.open()
      await gate.opened
      end()
    })
    await start({ store: told.store })
    const first = intake.post(push())
    await asked.opened
    const second = intake.post(push())
    await intake.post(push({ event_id: null }))
    gate.open()
    const answers = await Promise.all([first, second])
    expect(answers.map(({ status }) => status)).toEqual(statuses)
    expect(answers.map(({ result }) => result)).toEqual(results)
    expect(told.kept.length).toBeLessThanOrEqual(1)
  })

  it('a body that cannot even be quarantined is refused all the same', async () => {
    const told = createTold(
      () => Promise.resolve(),
      () => Promise.reject(new Error('disk full')),
    )
    await start({ store: told.store })
    expect(await intake.post('nonsense')).toMatchObject({ status: 400, json: { code: 'invalid_json' } })
    expect(intake.log()).toContain('webhook.quarantine_failed')
    expect(await intake.metric('relay_rejected_total{code="quarantine_failed"}')).toBe(1)
  })
})

describe('connections', () => {
  it('an upload that breaks off leaves nothing behind', async () => {
    const told = createTold(accepts)
    await start({ store: told.store })
    const whole = wire(push())
    const broken = Array.from({ length: 50 }, () => intake.raw(whole.slice(0, -20)))
    await Promise.all(broken.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))))
    await intake.post(push({ event_id: 'another' }))
    for (const { socket } of broken) socket.resetAndDestroy()
    await expect.poll(() => intake.metric('relay_rejected_total{code="aborted"}')).toBe(50)
    expect(told.kept.map(({ id }) => id)).toEqual(['another'])
  })

  it('a sender that leaves while we store changes nothing', async () => {
    const gate = createGate()
    const asked = createGate()
    const told = createTold(async () => {
      asked.open()
      await gate.opened
    })
    await start({ store: told.store })
    const connection = intake.raw(wire(push()))
    await asked.opened
    connection.socket.resetAndDestroy()
    await connection.closed
    gate.open()
    expect(await intake.post(push())).toMatchObject({ json: { result: 'duplicate' } })
    expect(intake.woken()).toBe(1)
  })

  it('pushes written one after the other are answered in order, on one connection, a refused one between', async () => {
    const told = createTold(accepts)
    await start({ store: told.store })
    const connection = intake.raw(wire(push()) + wire({}) + wire(push()) + wire(push({ event_id: 'e2' })))
    const answers = await connection.until(/(accepted|duplicate)[^]*missing_field[^]*duplicate[^]*accepted"\}$/)
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400', 'HTTP/1.1 200', 'HTTP/1.1 200'])
    connection.socket.end()
  })

  it('a body in many small pieces is one body', async () => {
    const told = createTold(accepts)
    await start({ store: told.store })
    const connection = intake.raw()
    for (const byte of wire(push())) {
      connection.socket.write(byte)
      await new Promise(setImmediate)
    }
    expect(await connection.until(/\}$/)).toContain('"accepted"')
  })
})
