import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BODY_LIMIT_BYTES, createTold, head, NOW_MS, push, SECRET, startIntake, wire } from './intake.ts'
import type { Intake, IntakeOptions } from './intake.ts'

const accepts = (): Promise<void> => Promise.resolve()

let intake: Intake
const start = async (options: IntakeOptions): Promise<Intake> => {
  intake = await startIntake({ nowMs: () => NOW_MS, ...options })
  return intake
}
afterEach(() => intake.server.close(0))

describe('who may come in', () => {
  it.each<[string, readonly string[], string | undefined, number]>([
    ['the secret', [SECRET], SECRET, 200],
    ['the second of two', ['another-secret-of-16', SECRET], SECRET, 200],
    ['none', [SECRET], undefined, 401],
    ['an empty one', [SECRET], '', 401],
    ['a wrong one', [SECRET], 'x'.repeat(SECRET.length), 401],
    ['the beginning of one', [SECRET], SECRET.slice(0, -1), 401],
    ['another case', [SECRET], SECRET.toUpperCase(), 401],
    ['a secret, with none configured', [], SECRET, 401],
    ['an empty one, with an empty one configured', [''], '', 401],
  ])('%s', async (_, secrets, given, status) => {
    const told = createTold(accepts)
    await start({ store: told.store, secrets })
    const response = await fetch(`${intake.url}/webhook/flashduty`, {
      method: 'POST',
      headers: given === undefined ? {} : { 'X-RELAY-SECRET': given },
      body: new TextEncoder().encode(JSON.stringify(push())),
    })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject(
      status === 200
        ? { ok: true }
        : { ok: false, code: 'unauthorized', hint: expect.stringContaining('X-Relay-Secret') },
    )
    expect(told.kept).toHaveLength(status === 200 ? 1 : 0)
  })

  it('any bytes can be a secret', async () => {
    const told = createTold(accepts)
    await start({ store: told.store, secrets: ['schlüssel-für-flashduty'] })
    const bytes = wire(push()).replace(SECRET, 'schlüssel-für-flashduty')
    expect(await intake.raw(bytes).until(/\}$/)).toContain('accepted')
  })

  it('a stranger is answered before any body is read, and need not send it', async () => {
    const told = createTold(accepts)
    await start({ store: told.store })
    const connection = intake.raw(head('Content-Length: 5000').replace(SECRET, 'wrong'))
    const answer = await connection.until(/\}$/)
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    expect(answer.toLowerCase()).toContain('connection: close')
    expect(await connection.closed).toBe(answer)
  })

  it('a stranger who asks first is not told to go on; a friend is', async () => {
    const told = createTold(accepts)
    await start({ store: told.store })
    const body = JSON.stringify(push())
    const asking = head(`Expect: 100-continue\r\nContent-Length: ${body.length}`)
    expect(await intake.raw(asking.replace(SECRET, 'wrong')).closed).toMatch(/^HTTP\/1\.1 401 /)
    const friend = intake.raw(asking)
    expect(await friend.until(/100 Continue/)).not.toContain('200 OK')
    friend.socket.write(body)
    expect(await friend.until(/\}$/)).toContain('"accepted"')
  })

  it('strangers are named in the log once a minute', async () => {
    const told = createTold(accepts)
    let nowMs = NOW_MS
    await start({ store: told.store, nowMs: () => nowMs })
    for (let index = 0; index < 5; index += 1) await intake.post(push(), { 'x-relay-secret': 'wrong' })
    nowMs += 60_000
    await intake.post(push(), { 'x-relay-secret': 'wrong' })
    const lines = intake
      .log()
      .split('\n')
      .filter((line) => line.includes('webhook.unauthorized'))
    expect(lines.map((line) => Reflect.get(Object(JSON.parse(line)), 'more'))).toEqual([0, 4])
    expect(await intake.metric('relay_rejected_total{code="unauthorized"}')).toBe(6)
  })
})

describe('bodies of the wrong kind', () => {
  beforeEach(() => start({ store: createTold(() => Promise.reject(new Error('must not get here'))).store }))

  it.each<[string, string, number, string]>([
    ['another type', 'Content-Type: text/xml\r\nContent-Length: 9', 415, 'unsupported_type'],
    [
      'a compressed one',
      'Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 9',
      415,
      'unsupported_encoding',
    ],
    ['one that says it is too large', `Content-Length: ${BODY_LIMIT_BYTES + 1}`, 413, 'too_large'],
  ])('%s is refused unread', async (_, headers, status, code) => {
    const answer = await intake.raw(head(headers)).closed
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer).toContain(`"code":"${code}"`)
    expect(await intake.metric(`relay_rejected_total{code="${code}"}`)).toBe(1)
  })

  it('one without end is refused at the limit, and cut off', async () => {
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    const connection = intake.raw(head('Transfer-Encoding: chunked'))
    let sentBytes = 0
    const pump = (): void => {
      while (!connection.socket.destroyed && connection.socket.write(chunk)) sentBytes += chunk.length
    }
    connection.socket.on('drain', pump)
    pump()
    expect(await connection.closed).toMatch(/^HTTP\/1\.1 413 [^]*"too_large"/)
    expect(sentBytes).toBeLessThan(64 * 1024 * 1024)
  })

  it('one of exactly the limit is read', async () => {
    expect(await intake.post(`"${'x'.repeat(BODY_LIMIT_BYTES - 2)}"`)).toMatchObject({
      status: 400,
      json: { code: 'not_an_object' },
    })
    expect(await intake.post(`"${'x'.repeat(BODY_LIMIT_BYTES - 1)}"`)).toMatchObject({ status: 413 })
  })

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is not for the webhook', async (method) => {
    const response = await fetch(`${intake.url}/webhook/flashduty`, { method })
    expect([response.status, response.headers.get('allow'), await response.json()]).toEqual([
      405,
      'POST',
      { ok: false, code: 'method_not_allowed', reason: expect.any(String) },
    ])
  })
})
