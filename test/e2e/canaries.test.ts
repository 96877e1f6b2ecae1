import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'
import { createWorld, run, SECRET, toPush, type RelayProcess, type World } from './relay.ts'

// Words that stand where secrets and texts of people stand. None looks like a token, so it is knowing them, or never
// repeating them, that keeps them in, and not their shape.
const SECRETS = {
  slack: 'canary slack token'.replaceAll(' ', '/'),
  discord: 'canary discord token'.replaceAll(' ', '+'),
  webhook: 'canary"webhook\\secret',
  next: 'canary-next-webhook-secret',
  presented: 'canary-wrong-secret-of-a-stranger',
}
const TEXT = 'canarytext'

/** What the relay knows as its own. */
const own = [SECRETS.slack, SECRETS.discord, SECRETS.webhook, SECRETS.next]

const page = (secret: string): string => `<html>Authorization: Bearer ${secret} X-Echo: ${secret} ${TEXT}</html>`
const html = { 'content-type': 'text/html' }

/** What a platform, or a proxy before it, may answer: everything it was sent comes back, where one would print it. */
const FAULTS: readonly ((secret: string) => Misbehaviour)[] = [
  (secret) => ({ kind: 'status', status: 502, headers: { ...html, 'x-echo': secret }, body: page(secret) }),
  (secret) => ({ kind: 'status', status: 200, headers: html, body: page(secret) }),
  (secret) => ({ kind: 'status', status: 400, body: { ok: false, error: `${secret} ${TEXT}`, message: secret } }),
  (secret) => ({
    kind: 'status',
    status: 400,
    body: { code: 50035, message: TEXT, errors: { content: { _errors: [{ code: secret, message: TEXT }] } } },
  }),
  (secret) => ({ kind: 'status', status: 302, headers: { location: `http://127.0.0.1:1/${secret}` }, body: secret }),
  () => ({ kind: 'reset', after: false }),
  () => ({ kind: 'cut_body' }),
  (secret) => ({
    kind: 'status',
    status: 403,
    body: { ok: false, error: 'not_in_channel', code: 50001, message: secret },
  }),
  (secret) => ({
    kind: 'status',
    status: 401,
    body: { ok: false, error: 'invalid_auth', token: secret, code: 0, message: `Bad ${secret}` },
  }),
  // The last, as such a wait is kept to by all that come after.
  (secret) => ({
    kind: 'status',
    status: 429,
    headers: { 'retry-after': '0' },
    body: { message: secret, error: TEXT },
  }),
]

it('no secret and no text of an incident leaves by any error path', async () => {
  const world = await createWorld()
  const { slack, discord, faults } = world.sandbox
  slack.setToken(SECRETS.slack)
  discord.setToken(SECRETS.discord)
  writeFileSync(join(world.folder, 'slack-token'), SECRETS.slack)
  writeFileSync(join(world.folder, 'secrets'), `${SECRETS.webhook}\n${SECRETS.next}\n`)
  const configure = (change = (yaml: string) => yaml): string =>
    world.configure((yaml) =>
      change(
        yaml
          .replace(`token: "${SECRETS.slack}"`, 'token_file: ./slack-token')
          .replace(`secrets: ["${SECRET}"]`, 'secrets_file: ./secrets'),
      ),
    )
  const file = configure()
  const bug = `process.on('SIGUSR2', () => { throw new Error(${JSON.stringify(own.join(' '))}) })`
  const relay = await world.start({ preload: `data:text/javascript,${encodeURIComponent(bug)}` })
  const heard: string[] = []
  const hear = async (answer: Promise<unknown>): Promise<void> => void heard.push(JSON.stringify(await answer))
  const push = (body: object | string, secret = SECRETS.webhook) => hear(relay.push(body, { 'x-relay-secret': secret }))

  for (const [index, toFault] of FAULTS.entries()) {
    const calls = () => [slack.state().calls.length, discord.state().calls.length] as const
    const before = calls()
    faults.add({ platform: 'slack', does: toFault(SECRETS.slack) })
    faults.add({ platform: 'discord', does: toFault(SECRETS.discord) })
    await push(toText(`fault-${index}`))
    const met = (): boolean => {
      // What is broken is probed at once, so that the next one is met too.
      relay.signal('SIGHUP')
      return calls().every((count, chat) => count > (before[chat] ?? 0))
    }
    await expect.poll(met, { timeout: 20_000, interval: 300 }).toBe(true)
    faults.clear()
  }

  await strangers(relay, push)
  await mistakes(relay, configure)
  configure()
  await hear(adminMistakes(file))
  for (const path of ['/metrics', '/readyz', '/livez', `/${TEXT}`, `/webhook/flashduty?${TEXT}`])
    await hear(relay.get(path))
  // They name incidents, as they are for people; secrets they do not.
  const shown: string[] = []
  for (const command of [['deliveries'], ['deliveries', 'retry', 'x'], ['quarantine'], ['quarantine', 'show', '1']])
    shown.push((await run([...command, '--config', file])).output)
  const { text: metrics } = await relay.get('/metrics')
  const admin = readFileSync(join(world.folder, 'relay.db.admin.json'), 'utf8')
  const { token } = JSON.parse(admin) as { token: string }
  expect(await relay.kill('SIGUSR2')).toBe(1)
  expect(relay.output()).toContain('process.uncaught')
  expect(relay.output()).toContain('circuit.opened')

  const said = `${relay.output()}\n${heard.join('\n')}`
  for (const secret of [...Object.values(SECRETS), token]) expect(leaks(said + shown.join('\n'), secret)).toEqual([])
  expect(leaks(said, TEXT)).toEqual([])
  // The database holds what the source sent, so texts, but nothing that opens a door.
  for (const kept of keptBy(world)) for (const secret of Object.values(SECRETS)) expect(leaks(kept, secret)).toEqual([])
  expect(openLabels(metrics)).toEqual([])
}, 180_000)

/** A push whose every text is a canary. */
function toText(id: string): object {
  const person = { person_id: 7, person_name: TEXT, email: `${TEXT}@example.com` }
  const texts = { title: TEXT, description: TEXT, impact: TEXT, root_cause: TEXT, channel_name: TEXT }
  const incident = {
    ...texts,
    incident_id: id,
    labels: { [TEXT]: TEXT, odd: { [TEXT]: 1 } },
    fields: { [TEXT]: TEXT },
    start_time: TEXT,
    detail_url: `javascript:${TEXT}`,
    responders: [person, { ...person, email: 7 }],
  }
  return { ...toPush('i_new', { event_id: id, incident }), person }
}

/** Whom the door turns away, and why. */
async function strangers(relay: RelayProcess, push: (body: object | string, secret?: string) => Promise<void>) {
  await push(toText('stranger'), SECRETS.presented)
  for (const body of [`{"title":"${TEXT}"}`, `{"event_id": "${TEXT}`, `{{${TEXT}}}`, '[]', '']) await push(body)
  // The name of the variable is told, to who wrote it.
  await push({ event_id: '{{.EventId}}', event_type: TEXT })
  await push('x'.repeat(2_000_000))
  expect(relay.output()).toContain('webhook.rejected')
}

/** Configurations with a secret in the wrong place, or beside a mistake, as `check`, `start` and a reload tell of them. */
async function mistakes(relay: RelayProcess, configure: (change: (yaml: string) => string) => string): Promise<void> {
  const wrong: readonly [string, string][] = [
    ['channel: C', `channel: "${SECRETS.discord}" # C`],
    [`token: "${SECRETS.discord}"`, `token:${SECRETS.discord}`],
    [`token: "${SECRETS.discord}"`, `token: {"${SECRETS.discord}": 1}`],
    [`"${SECRETS.discord}"`, `"${SECRETS.discord}`],
    [`"${SECRETS.discord}"`, `"\\q${SECRETS.discord}"`],
    [`"${SECRETS.discord}"`, `!${SECRETS.discord} x`],
    ['secrets_file: ./secrets', `secrets: ["${SECRETS.next} "]`],
    ['secrets_file: ./secrets', `secrets_file: ${SECRETS.next}`],
    ['secrets_file: ./secrets', `${SECRETS.next}: x`],
    ['token_file: ./slack-token', `token_file: ${SECRETS.slack}`],
    ['api_url: "http://', `api_url: "http://me:${SECRETS.next}@`],
  ]
  const told: string[] = []
  for (const [index, [from, to]] of wrong.entries()) {
    const file = configure((yaml) => {
      expect(yaml).toContain(from)
      return yaml.replace(from, () => to)
    })
    relay.signal('SIGHUP')
    await relay.printed(new RegExp(`("config\\.refused"[^]*){${index + 1}}`))
    const { code, output } = await run(['check', '--config', file])
    expect(code, to).toBe(78)
    told.push(output)
    if (index === 0) told.push((await run(['start', '--config', file])).output)
  }
  for (const secret of Object.values(SECRETS)) expect(leaks(told.join('\n'), secret)).toEqual([])
}

async function adminMistakes(configFile: string): Promise<string> {
  const { url } = JSON.parse(readFileSync(configFile.replace('config.yaml', 'relay.db.admin.json'), 'utf8')) as {
    url: string
  }
  const headers = { authorization: `Bearer ${SECRETS.presented}`, 'content-type': 'application/json' }
  const answer = await fetch(`${url}/list`, { method: 'POST', headers, body: TEXT })
  expect(answer.status).toBe(401)
  return answer.text()
}

/** Every file the relay left, but the configuration and the files of secrets. */
function keptBy(world: World): readonly string[] {
  const files = readdirSync(world.folder).filter((file) => file.startsWith('relay.db') && !file.endsWith('.admin.json'))
  expect(files).toContain('relay.db')
  return files.map((file) => readFileSync(join(world.folder, file), 'latin1'))
}

/** Where a word shows, however it is written: each with what stands around it. */
function leaks(text: string, word: string): readonly string[] {
  const json = (plain: string): string => JSON.stringify(plain).slice(1, -1)
  const base64 = Buffer.from(word).toString('base64').replace(/=+$/, '')
  return [word, json(word), json(json(word)), encodeURIComponent(word), base64, Buffer.from(word).toString('hex')]
    .map((spelling) => text.indexOf(spelling))
    .filter((at) => at >= 0)
    .map((at) => text.slice(Math.max(0, at - 200), at + 60))
}

const LABELS: Readonly<Record<string, RegExp>> = {
  platform: /^(slack|discord)$/,
  operation: /^(card|edit|reply|thread|find)$/,
  outcome: /^(sent|retry|rejected|gone|unknown|found|absent|wait|unable)$/,
  reason:
    /^(|rate_limited|server_error|unreachable|archived|message_refused|content_blocked|channel_broken|token_broken|thread_locked|edit_refused|bug|card|thread)$/,
  code: /^[a-z0-9_]{4,30}$/,
  result: /^(accepted|duplicate|stale)$/,
  verdict: /^(applied|stale|unrouted|quarantined)$/,
  type: /^(i_[a-z_]+|other)$/,
  state: /^(pending|sending|ambiguous|held|dead)$/,
  policy: /^(resend|hold)$/,
  event: /^[a-z]+\.[a-z_]+$/,
  kind: /^(account|platform|destination|major|minor|incremental)$/,
  le: /^(\+Inf|[\d.]+)$/,
}

/** Labels of our metrics with a value that is none of a closed set. */
function openLabels(metrics: string): readonly string[] {
  const lines = metrics.split('\n').filter((line) => line.startsWith('relay_') && !line.startsWith('relay_build_info'))
  expect(lines.length).toBeGreaterThan(50)
  return lines.filter((line) =>
    [...line.matchAll(/(\w+)="([^"]*)"/g)].some(([, label = '', value = '']) => !LABELS[label]?.test(value)),
  )
}
