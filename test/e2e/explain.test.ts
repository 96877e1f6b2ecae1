import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { MAIN, run, toPush, type Push } from './relay.ts'

// Every command is a process of its own.
vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'relay-explain-'))
afterAll(() => rmSync(folder, { recursive: true }))
const config = join(folder, 'config.yaml')
writeFileSync(
  config,
  `flashduty: { secrets: "canary-webhook-secret" }
accounts:
  acme: { platform: slack, token: xoxb-canary-token }
  guild: { platform: discord, token: canary-discord-token }
destinations:
  sre: { account: acme, channel: C0123456789 }
  pay: { account: acme, channel: C0PAYMENTS }
  ops: { account: guild, channel: "112233445566778899" }
routes:
  - name: databases
    match: { channel: Databases, labels: { env: "prod*" } }
    to: sre
  - name: payments
    match: { channel: [Pay*, 42], severity: [Critical, Warning] }
    to: [pay, ops]
    continue: true
    attention: { "i_rslv:Critical": { show: thread, mention: responders }, i_comm: off }
    mention: [here, S0123ABCD, "role:998877665544332211"]
  - name: loud
    match: { severity: [Critical, Warning] }
    to: [sre, pay]
  - name: everything-else
    to: sre
people:
  ann@example.com: { slack: U0123ABCD }
`,
)

const ANN = { person_id: 1, person_name: 'Ann Lee', email: 'Ann@example.com', assigned_at: 1 }
const BOB = { person_id: 2, person_name: 'Bob \u001b[2J', email: 'bob@example.com', assigned_at: 1 }
const PAYMENTS = { channel_name: 'Payments', title: 'checkout <!channel> \u001b[31m', incident_id: 'inc-1', labels: {} }

function write(...pushes: readonly (Push | object)[]): string {
  const file = join(folder, 'pushes.json')
  writeFileSync(file, JSON.stringify(pushes.length === 1 ? pushes[0] : pushes))
  return file
}

function explain(file: string, ...more: readonly string[]) {
  return run(['explain', file, '--config', config, ...more])
}

describe('explain', () => {
  it('says which route takes a new incident and why, which do not and why not, and whom the card calls', async () => {
    const push = toPush('i_new', { incident: { ...PAYMENTS, incident_severity: 'Critical', responders: [] } })
    const { code, output } = await explain(write(push))
    expect(code).toBe(0)
    expect(output).toBe(`i_new of incident inc-1: checkout <!channel> (Critical, Triggered)
  routes
    1. databases: passes, because channel is 2915530446504 or Payments, not Databases
    2. payments: takes it, because channel Payments fits Pay*, severity is Critical
    3. loud: takes it, because severity is Critical
    4. everything-else: is not asked, because loud takes it and does not continue
  destinations
    pay (C0PAYMENTS on slack)
      card, by the default of i_new
      posts a card; calls
        here
        S0123ABCD
        998877665544332211: not called, is no id of slack
    ops (112233445566778899 on discord)
      card, by the default of i_new
      posts a card; calls
        here as @here
        S0123ABCD: not called, is no id of discord
        998877665544332211 as <@&998877665544332211>
    sre (C0123456789 on slack)
      card, by the default of i_new
      posts a card; calls nobody
`)
    expect(output).not.toMatch(/canary/)
  })

  it('of a list lets each event know those before it, and says whence its loudness comes', async () => {
    const at = toPush('i_new').event_time
    const incident = { ...PAYMENTS, incident_severity: 'Critical', responders: [ANN, BOB] }
    const next = (type: string, place: number) =>
      toPush(type, { event_id: `e${place}`, event_time: at + place * 60_000, incident })
    const file = write(
      next('i_new', 0),
      next('i_comm', 1),
      next('i_rslv', 2),
      { event_type: 'i_new' },
      next('i_ack', 1),
    )
    const { code, output } = await explain(file, '--json')
    expect(code).toBe(1)
    const told = JSON.parse(output) as Record<string, unknown>[]
    const [first, comment, closed, broken, late] = told
    expect(first).toMatchObject({
      verdict: 'applied',
      destinations: [{ name: 'pay' }, { name: 'ops' }, { name: 'sre' }],
    })
    expect(comment).toMatchObject({
      destinations: [
        { name: 'pay', loudness: 'off', from: 'attention "i_comm" of the route payments', posts: [], edits: false },
        { name: 'ops', loudness: 'off', posts: [], edits: false },
        {
          name: 'sre',
          loudness: 'thread',
          from: 'the default of i_comm',
          posts: [{ kind: 'reply', broadcast: false }],
          edits: true,
        },
      ],
    })
    expect(closed).toMatchObject({
      destinations: [
        {
          name: 'pay',
          from: 'attention "i_rslv:Critical" of the route payments',
          edits: true,
          posts: [
            {
              kind: 'reply',
              calls: [
                { who: 'Ann Lee', as: 'U0123ABCD' },
                {
                  who: 'Bob \u001b[2J',
                  why: 'people has no slack id for bob@example.com, so Slack is asked if the app may look up e-mail addresses',
                },
              ],
            },
          ],
        },
        { name: 'ops', posts: [{ calls: [{ why: 'people has no discord id for Ann@example.com' }, {}] }] },
        { name: 'sre', loudness: 'broadcast', posts: [{ kind: 'reply', broadcast: true, calls: [] }] },
      ],
    })
    expect(broken).toEqual({ problem: 'event_id is missing.' })
    expect(late).toMatchObject({ verdict: 'stale' })
    const inWords = await explain(file)
    expect(inWords.output).toContain('4. no event: event_id is missing.')
    expect(inWords.output).toContain('is older than an event before it')
    expect(inWords.output).not.toContain('\u001b')
  })

  it("takes the vendor's own example on standard input, and what goes nowhere", () => {
    const lonely = join(folder, 'lonely.yaml')
    const text = readFileSync(config, 'utf8')
    writeFileSync(lonely, text.slice(0, text.indexOf('  - name: payments')).replace('to: sre', 'to: [sre, pay, ops]'))
    const input = readFileSync(new URL('../events/i_new.json', import.meta.url))
    const output = execFileSync(process.execPath, [MAIN, 'explain', '-', '--config', lonely], { input }).toString()
    expect(output).toMatch(
      /databases: passes, because channel is .*, not Databases\n {2}goes nowhere: no route takes it/,
    )
  })

  it('takes a body out of quarantine, and says why it was put there', async () => {
    const bodyBase64 = Buffer.from(JSON.stringify({ ...toPush('i_new'), event_id: '' })).toString('base64')
    expect(await explain(write({ id: 1, bodyBase64 }))).toMatchObject({
      code: 1,
      output: expect.stringContaining('no event: event_id is empty.'),
    })
  })

  it.each([
    ['nowhere.json', undefined, 'nowhere.json does not exist'],
    ['empty.json', '', 'empty.json is empty'],
    ['text.json', 'hello', 'text.json is neither a push as JSON'],
  ])('of %s says what is wrong with it', async (name, text, problem) => {
    const file = join(folder, name)
    if (text !== undefined) writeFileSync(file, text)
    expect(await explain(file)).toMatchObject({ code: 1, output: expect.stringContaining(problem) })
  })

  it('says what is wrong with the configuration, and with its arguments', async () => {
    expect(await run(['explain', write(toPush('i_new')), '--config', join(folder, 'none.yaml')])).toMatchObject({
      code: 78,
      output: expect.stringContaining('does not exist'),
    })
    expect(await run(['explain'])).toMatchObject({ code: 64 })
  })
})
