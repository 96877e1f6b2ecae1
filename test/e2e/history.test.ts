import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { createWorld, run, toPush, type World } from './relay.ts'

// Every command is a process of its own.
vi.setConfig({ testTimeout: 60_000 })

const FIRST = toPush('i_new')
const SECOND = toPush('i_ack')
/** An id that a double cannot hold, white space of the sender's, and a list inside. */
const EXACT = `{ "event_id": 9223372036854775807, "event_type": "i_comm", "event_time": ${SECOND.event_time + 1},\n  "incident": ${JSON.stringify({ ...SECOND.incident, labels: { a: '],[}{"\\' } })} }`

describe('replay', () => {
  it('of a list takes what is new, and the second time changes nothing', async () => {
    const world = await createWorld()
    const config = world.configure()
    const relay = await world.start()
    await relay.push(FIRST)
    const file = join(world.folder, 'pushes.json')
    writeFileSync(file, `[${JSON.stringify(FIRST)},\n${JSON.stringify(SECOND)} , ${EXACT}]`)
    const first = await run(['replay', file, '--config', config, '--json'])
    expect([first.code, JSON.parse(first.output)]).toEqual([0, tally({ accepted: 2, duplicate: 1 })])
    await world.until(() => thread(world)?.length === 2)
    // Its newest state is on the card as well: nothing is owed any more.
    await world.until(() => world.sandbox.slack.state().calls.some(({ method }) => method === 'chat.update'))
    const calls = world.sandbox.slack.state().calls.length
    const second = await run(['replay', file, '--config', config, '--json'])
    expect([second.code, JSON.parse(second.output)]).toEqual([0, tally({ duplicate: 3 })])
    const { output } = await run(['replay', '--since', '2020-01-01', '--config', config])
    expect(output).toContain('3 pushes: 0 accepted, 3 duplicate')
    expect(world.sandbox.slack.state().calls).toHaveLength(calls)
    // The bytes are those of the first time: no id came with another body.
    expect((await relay.get('/metrics')).text).toMatch(/relay_event_conflicts_total 0/)
    expect((await relay.get('/metrics')).text).toContain('relay_quarantined 0')
  })

  it('of lines works on the file while no relay runs; the next one shows it', async () => {
    const world = await createWorld()
    const config = world.configure()
    await (await world.start()).kill('SIGTERM')
    const file = join(world.folder, 'pushes.jsonl')
    writeFileSync(file, `${JSON.stringify(FIRST)}\n\nno push\n${JSON.stringify(SECOND)}\n`)
    const { code, output } = await run(['replay', file, '--config', config])
    expect([code, output]).toEqual([1, expect.stringContaining('push 2: refused: The body is not valid JSON')])
    expect(output).toContain('3 pushes: 2 accepted, 0 duplicate, 0 stale, 1 refused, 0 failed.')
    await world.start()
    await world.until(() => thread(world)?.length === 1)
  })

  it('takes what export wrote, in another relay too', async () => {
    const world = await createWorld()
    const config = world.configure()
    const relay = await world.start()
    for (const push of [JSON.stringify(FIRST, null, 2), EXACT]) await relay.push(push)
    const { output } = await run(['export', '--since', '2020-01-01T00:00:00Z', '--config', config])
    expect(JSON.parse(output)).toHaveLength(2)
    expect(output).toContain(EXACT)
    const file = join(world.folder, 'exported.json')
    writeFileSync(file, output)

    const other = await createWorld()
    const otherConfig = other.configure()
    await other.start()
    expect((await run(['replay', file, '--config', otherConfig])).output).toContain('2 pushes: 2 accepted')
    await other.until(() => thread(other)?.length === 1)
  })

  it('says what is wrong with a file that holds none', async () => {
    const world = await createWorld()
    const config = world.configure()
    for (const [text, problem] of [
      ['', 'is empty'],
      ['hello', 'is neither a push as JSON'],
    ] as const) {
      const file = join(world.folder, 'notes.txt')
      writeFileSync(file, text)
      const { code, output } = await run(['replay', file, '--config', config])
      expect([code, output]).toEqual([1, expect.stringContaining(`notes.txt ${problem}`)])
    }
    expect(await run(['replay', '--config', config])).toMatchObject({
      code: 64,
      output: expect.stringContaining('--since'),
    })
  })
})

describe('quarantine', () => {
  it.each(['running', 'stopped'] as const)('is listed, shown and read again by a relay that is %s', async (relayIs) => {
    const world = await createWorld()
    const config = world.configure()
    const relay = await world.start()
    await relay.push('{"broken \u001b[2J')
    await relay.push({ ...FIRST, event_id: '' })
    if (relayIs === 'stopped') await relay.kill('SIGTERM')
    const listed = await run(['quarantine', '--config', config])
    expect(listed).toMatchObject({ code: 0, output: expect.stringMatching(/2 .*missing_field.*\n1 .*invalid_json/) })

    const shown = await run(['quarantine', 'show', '1', '--config', config])
    expect(shown.output).toContain('{"broken \\u{1b}[2J')
    expect(shown.output).not.toContain('\u001b')
    const whole = await run(['quarantine', 'show', '1', '--config', config, '--json'])
    const { bodyBase64 } = JSON.parse(whole.output) as { bodyBase64: string }
    expect(Buffer.from(bodyBase64, 'base64').toString()).toBe('{"broken \u001b[2J')

    const again = await run(['quarantine', 'replay', '1', '2', '9', '--config', config])
    expect(again.code).toBe(1)
    expect(again.output).toMatch(
      /1 {2}refused: The body is not valid JSON.*\n2 {2}refused: event_id is empty.*\n9 {2}unknown/,
    )
    expect((await run(['quarantine', 'list', '--config', config, '--json'])).output).toMatch(/"id":2.*"id":1/)
    expect(await run(['quarantine', 'show', '9', '--config', config])).toMatchObject({ code: 1 })
  })
})

function thread({ sandbox }: World) {
  return sandbox.slack.channel('payments').messages[0]?.thread
}

function tally(change: object): object {
  return { accepted: 0, duplicate: 0, stale: 0, refused: 0, failed: 0, ...change }
}
