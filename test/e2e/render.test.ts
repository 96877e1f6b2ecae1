import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { toSamplePushes } from '../../src/flashduty/sample.ts'
import { DOCUMENTED_TYPES } from '../../src/incident/attention.ts'
import { createRecorder, type Recorded } from './recorder.ts'
import { createWorld, MAIN, run, type World } from './relay.ts'

// Every command is a process of its own.
vi.setConfig({ testTimeout: 120_000 })

interface Line {
  readonly event_type: string
  readonly routes: readonly string[]
  readonly messages: readonly {
    readonly platform: 'slack' | 'discord'
    readonly destination: string
    readonly card: Payload & { readonly edited: boolean }
    readonly reply?: Payload & { readonly shown: string }
  }[]
}

interface Payload {
  readonly body: Readonly<Record<string, unknown>>
  readonly builder?: string
}

describe('render', () => {
  it('shows every type as it did, in a terminal without colours', async () => {
    const { code, output } = await run(['render', '--all', '--language', 'en'])
    expect(code).toBe(0)
    for (const type of DOCUMENTED_TYPES) expect(output).toContain(`\n${type} (en)\n`.trimStart())
    // Read the difference; `npx vitest run --config test/vitest.config.ts -u e2e/render` accepts it.
    await expect(output).toMatchFileSnapshot('../golden/render.txt')
  })

  it('writes as JSON exactly what a relay sends to both platforms for the same events', async () => {
    const world = await createWorld()
    let recorder: { url: string; calls: readonly Recorded[] } | undefined
    const plain = readFileSync(world.configure(), 'utf8')
    recorder = await createRecorder(/(http:\/\/127\.0\.0\.1:\d+)\/sandbox/.exec(plain)?.[1] ?? '')
    const { url, calls } = recorder
    const config = world.configure((yaml) =>
      yaml
        .replaceAll(/http:\/\/127\.0\.0\.1:\d+\/sandbox/g, `${url}/sandbox`)
        .replace('to: [slack-payments, discord] }', 'to: [slack-payments, discord], mention: [U0000000001, here] }'),
    )
    const relay = await world.start()
    const pushes = toSamplePushes('i_ack', { incidentId: 'sample-1', startedAtMs: Date.UTC(2026, 2, 14, 3, 2) })
    const file = join(world.folder, 'story.jsonl')

    const [first] = pushes
    writeFileSync(file, JSON.stringify(first))
    const begun = await rendered(['render', file, '--config', config])
    await relay.push(first ?? {})
    const posts = await world.until(() => both(calls, isCard))
    expect(begun.routes).toEqual(['payments'])
    expect(begun.messages.map(({ destination, card }) => [destination, card.edited])).toEqual([
      ['slack-payments', false],
      ['discord', false],
    ])
    expect(JSON.stringify(begun.messages[0]?.card.body)).toContain('U0000000001')
    for (const { platform, card } of begun.messages) {
      expect(withoutKey(posts[platform]?.body), platform).toMatchObject(card.body)
    }

    writeFileSync(file, pushes.map((push) => JSON.stringify(push)).join('\n'))
    const later = await rendered(['render', file, '--config', config])
    for (const push of pushes.slice(1)) await relay.push(push)
    const replies = await world.until(() =>
      both(calls, (call) => isReply(call) && JSON.stringify(call.body).includes('acknowledged')),
    )
    const edits = await world.until(() =>
      both(calls, (call) => isEdit(call) && JSON.stringify(call.body).includes('Processing')),
    )
    for (const { platform, card, reply } of later.messages) {
      expect(card.edited).toBe(true)
      expect(withoutKey(edits[platform]?.body), platform).toMatchObject(card.body)
      expect(withoutKey(replies[platform]?.body), platform).toMatchObject(reply?.body ?? { missing: true })
    }
  })

  it('gives a link that opens the Slack message in Block Kit Builder', async () => {
    const { messages } = await rendered(['render', 'i_r_desc'])
    const slack = messages.find(({ platform }) => platform === 'slack')
    const [page, json = ''] = slack?.card.builder?.split('#') ?? []
    expect(page).toBe('https://app.slack.com/block-kit-builder/')
    const { blocks, attachments } = slack?.card.body ?? {}
    expect(JSON.parse(decodeURIComponent(json))).toEqual({ blocks, attachments })
    expect((await run(['render', 'i_r_desc', '--links', '--platform', 'slack'])).output).toContain(
      `    ${slack?.card.builder}\n`,
    )
  })

  it('names every mistake in a template with file, line and column, as check does', async () => {
    const { config, overlay } = withOverlay(await createWorld())
    writeFileSync(join(overlay, 'events', 'i_ack.yaml'), 'lines:\n  - "{{ event.bye.name }} took it"\n')
    const problem = /my-templates\/events\/i_ack\.yaml:2:\d+ no "event\.bye", did you mean "event\.by"\?/
    expect(await run(['render', 'i_ack', '--config', config])).toEqual({
      code: 78,
      output: expect.stringMatching(problem),
    })
    expect((await run(['check', '--config', config])).output).toMatch(problem)
  })

  it('shows an author’s own wording, and again when it changes, with --watch', async () => {
    const { config, overlay } = withOverlay(await createWorld())
    const file = join(overlay, 'events', 'i_ack.yaml')
    writeFileSync(file, 'lines:\n  - "First words of {{ event.by.name }}"\n')
    const watching = watch(['render', 'i_ack', '--config', config, '--watch'])
    await watching.printed(/First words of Ann Lee[^]*Waiting for a change/)
    writeFileSync(file, 'lines:\n  - "{{ nonsense"\n')
    await watching.printed(/i_ack\.yaml:2:\d+ [^]*Waiting for a change/)
    writeFileSync(file, 'lines:\n  - "Second words of {{ event.by.name }}"\n')
    await watching.printed(/Second words of Ann Lee/)
    expect(await watching.stop()).toBe(0)
  })
})

async function rendered(args: readonly string[]): Promise<Line> {
  const { code, output } = await run([...args, '--json'])
  expect([code, output.trim().split('\n').length], output).toEqual([0, 1])
  return JSON.parse(output) as Line
}

function withOverlay(world: World): { config: string; overlay: string } {
  const overlay = join(world.folder, 'my-templates')
  mkdirSync(join(overlay, 'events'), { recursive: true })
  return { overlay, config: world.configure((yaml) => `${yaml}templates: { dir: ./my-templates }\n`) }
}

/** Discord's messages carry the end of their key in the footer, from when they are sent. */
function withoutKey(body: Recorded['body'] | undefined): unknown {
  return JSON.parse(JSON.stringify(body ?? {}), (name, value: unknown) =>
    name === 'text' && typeof value === 'string' ? value.replace(/ · [0-9a-f]{10}$/, '') : value,
  )
}

function both(calls: readonly Recorded[], wanted: (call: Recorded) => boolean) {
  const found = calls.filter(wanted)
  const slack = found.findLast(({ method }) => method.includes('/slack/'))
  const discord = found.findLast(({ method }) => method.includes('/discord/'))
  return slack !== undefined && discord !== undefined && { slack, discord }
}

function isCard({ method, body }: Recorded): boolean {
  return (method.endsWith('chat.postMessage') && !('thread_ts' in body)) || /POST .*\/messages$/.test(method)
}

function isReply({ method, body }: Recorded): boolean {
  return (method.endsWith('chat.postMessage') && 'thread_ts' in body) || /POST .*\/messages$/.test(method)
}

function isEdit({ method }: Recorded): boolean {
  return method.endsWith('chat.update') || method.startsWith('PATCH ')
}

/** A command that goes on until it is stopped. */
function watch(args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  const looks = new Set<() => void>()
  const read = (chunk: Buffer): void => {
    output += chunk.toString()
    for (const look of looks) look()
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
  return {
    printed: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = (): void => void (pattern.test(output) && resolve())
        looks.add(look)
        look()
        void ended.then((code) => reject(new Error(`ended with ${code}:\n${output}`)))
      }),
    stop: () => {
      child.kill('SIGINT')
      return ended
    },
  }
}
