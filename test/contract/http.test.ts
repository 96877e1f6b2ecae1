import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { afterEach, describe, expect, it } from 'vitest'
import { startHttp } from '../../src/http-server.ts'
import { createGate, head, SECRET, startIntake, wire } from './intake.ts'
import type { Intake, IntakeOptions } from './intake.ts'

const push = { event_id: 'e1', event_type: 'i_new', incident: { incident_id: 'i1' } }

let intake: Intake
async function start(options: Partial<IntakeOptions> = {}): Promise<Intake> {
  const store: IntakeOptions['store'] = {
    accept: ({ effectiveAtMs }) => Promise.resolve({ result: 'accepted', conflict: false, latestAtMs: effectiveAtMs }),
    quarantine: () => Promise.resolve(),
  }
  intake = await startIntake({ store, ...options })
  return intake
}
afterEach(() => intake.server.close(0))

const get = async (path: string): Promise<[number, unknown]> => {
  const response = await fetch(intake.url + path)
  return [response.status, await response.json()]
}

describe('health', () => {
  it('is live, and ready when it can store', async () => {
    await start()
    expect(await get('/livez')).toEqual([200, { live: true }])
    expect(await get('/readyz')).toEqual([200, { ready: true, reasons: [] }])
  })

  it('says why it is not ready', async () => {
    await start({ readiness: () => ['the disk is full'] })
    expect(await get('/readyz')).toEqual([503, { ready: false, reasons: ['the disk is full'] }])
  })

  it('is not ready when that cannot be found out', async () => {
    await start({ readiness: () => Promise.reject(new Error('gone')) })
    expect(await get('/readyz')).toMatchObject([503, { ready: false, reasons: [expect.any(String)] }])
    expect(await get('/livez')).toMatchObject([200, {}])
  })

  it('shows metrics as Prometheus reads them', async () => {
    await start()
    const response = await fetch(`${intake.url}/metrics`)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(await response.text()).toContain('# TYPE relay_events_total counter')
  })

  it('knows nothing else', async () => {
    await start()
    expect(await get('/webhook/flashdut')).toMatchObject([404, { ok: false, code: 'not_found' }])
  })
})

it('answers a failing route as JSON, and logs why', async () => {
  const extra = new Hono().get('/broken', () => {
    throw new Error('a bug')
  })
  await start({ extra })
  expect(await get('/broken')).toEqual([500, { ok: false, code: 'internal', reason: expect.any(String) }])
  expect(intake.log()).toContain('a bug')
})

describe('requests that are none', () => {
  it.each([
    ['garbage', 'hello\r\n\r\n', 400],
    ['two lengths of a body', head('Content-Length: 5\r\nTransfer-Encoding: chunked'), 400],
    ['a length that is no number', head('Content-Length: 5x'), 400],
    ['a folded header', head('A: b\r\n c: d\r\nContent-Length: x'), 400],
    ['a bad chunk', `${head('Transfer-Encoding: chunked')}zz\r\n`, 400],
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n', 400],
    ['a strange host', 'GET /livez HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 400],
    ['a huge header', head(`A: ${'x'.repeat(20_000)}`), 431],
    ['an unknown expectation', head('Expect: the unexpected\r\nConnection: close\r\nContent-Length: 0'), 417],
  ])('%s', async (_, bytes, status) => {
    await start()
    expect(await intake.raw(bytes).closed).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(await intake.post(push)).toMatchObject({ status: 200 })
  })

  it('headers or a body that trickle are cut off; an idle connection and a stream are not', async () => {
    const extra = new Hono().get('/stream', (c) =>
      streamSSE(c, async (stream) => {
        await stream.writeSSE({ data: 'one' })
        await new Promise<void>((resolve) => stream.onAbort(resolve))
      }),
    )
    await start({ extra })
    const stream = intake.raw('GET /stream HTTP/1.1\r\nHost: relay\r\n\r\n')
    const idle = intake.raw(wire(push))
    await Promise.all([stream.until(/data: one/), idle.until(/accepted/)])
    const slow = [
      intake.raw(`POST /webhook/flashduty HTTP/1.1\r\nX-Relay-Secret: ${SECRET}\r\n`),
      intake.raw(`${head('Content-Length: 100')}{`),
    ]
    const answers = await Promise.all(slow.map(({ closed }) => closed))
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*request_timeout/)
    expect(await intake.metric('relay_rejected_total{code="request_timeout"}')).toBe(2)
    expect([stream.socket.destroyed, idle.socket.destroyed]).toEqual([false, false])
    idle.socket.write(wire({ ...push, event_id: 'e2' }))
    expect(await idle.until(/accepted[^]*accepted/)).toMatch(/200 OK[^]*200 OK/)
  })
})

describe('stopping', () => {
  const knock = (): Promise<string> =>
    fetch(`${intake.url}/livez`).then(
      () => 'answered',
      () => 'refused',
    )

  it('answers what is under way, then closes its connection; nobody new gets in', async () => {
    const gate = createGate()
    const asked = createGate()
    await start({
      store: {
        async accept({ effectiveAtMs }) {
          asked.open()
          await gate.opened
          return { result: 'accepted', conflict: false, latestAtMs: effectiveAtMs }
        },
        quarantine: () => Promise.resolve(),
      },
    })
    const connection = intake.raw(wire(push))
    await asked.opened
    const stopped = intake.server.close(10_000)
    await expect.poll(knock).toBe('refused')
    gate.open()
    expect((await connection.closed).toLowerCase()).toMatch(/^http\/1\.1 200 [^]*connection: close[^]*"accepted"/)
    await stopped
  })

  it('answers the next request of a connection that was idle, and closes the others when all is quiet', async () => {
    await start()
    const [busy, idle] = [intake.raw(wire(push)), intake.raw(wire(push))]
    await Promise.all([busy.until(/\}$/), idle.until(/\}$/)])
    const stopped = intake.server.close(10_000)
    await expect.poll(knock, { interval: 10 }).toBe('refused')
    busy.socket.write(wire({ ...push, event_id: 'e2' }))
    expect((await busy.closed).toLowerCase()).toMatch(/200 ok[^]*200 ok[^]*connection: close[^]*"accepted"/)
    expect(idle.socket.destroyed).toBe(false)
    expect(await idle.closed).not.toMatch(/200 OK[^]*200 OK/)
    await stopped
  })

  it('does not wait longer than told', async () => {
    const asked = createGate()
    const accept = (): Promise<never> => {
      asked.open()
      return new Promise(() => {})
    }
    await start({ store: { accept, quarantine: () => Promise.resolve() } })
    const connection = intake.raw(wire(push))
    await asked.opened
    await intake.server.close(50)
    expect(await connection.closed).toBe('')
  })

  it('a port in use is said in a sentence', async () => {
    await start()
    const log = { debug() {}, info() {}, warn() {}, error() {} }
    const again = startHttp(new Hono(), { host: '127.0.0.1', port: intake.server.port, log })
    await expect(again).rejects.toThrow(`Cannot listen on 127.0.0.1:${intake.server.port}: it is in use`)
  })
})
