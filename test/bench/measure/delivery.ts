import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WEBHOOK_PATH } from '../../../src/flashduty/webhook.ts'
import type { Bench } from '../bench.ts'
import { toRequest } from '../chat-call.ts'
import { startServer, type Listening } from '../child.ts'
import { monotonicMs } from '../clock.ts'
import { compare, type Figure } from '../figure.ts'
import { SECRET, toBody } from '../push.ts'
import { ACCOUNTS, configure, startChat, startRelay, type Chat } from '../world.ts'

/** Longer than a delivery takes to its end, and so long that no account's budget is met. */
const GAP_MS = 110
const WARM_UP = 20

type Platform = 'slack' | 'discord'
/**
 * - `fetch`   a bare fetch to the same chat.
 * - `keeping` keeps the push and its intent, then fetches.
 * - `named`   the same, with the push read, the card's template drawn by bare Liquid and the platform's package for the
 *             call: the least of a relay that answers before it judges.
 * - `relay`   the real process.
 */
const NAMES = ['fetch', 'keeping', 'named', 'relay'] as const

/** From a push to the call that reaches chat, when idle, beside what it cannot do without. */
export async function measureDelivery(bench: Bench): Promise<readonly Figure[]> {
  const chat = await startChat()
  configure(bench.folder, chat)
  const relay = await startRelay(bench.folder)
  const startKeeping = (platform: Platform, how: 'fetch' | 'named'): Promise<Listening> =>
    startServer('keeping', join(bench.folder, `${platform}-${how}.db`), platform, JSON.stringify(chat), how)
  const startBoth = async (how: 'fetch' | 'named'): Promise<Readonly<Record<Platform, Listening>>> => ({
    slack: await startKeeping('slack', how),
    discord: await startKeeping('discord', how),
  })
  const [keeping, named] = [await startBoth('fetch'), await startBoth('named')]
  const samples = { slack: createSamples(), discord: createSamples() }
  try {
    for (let round = 0; round < WARM_UP + (bench.quick ? 20 : 150); round++) {
      for (const platform of ['slack', 'discord'] as const) {
        const send = {
          fetch: () => post(chat, platform, round),
          keeping: () => push(keeping[platform], platform),
          named: () => push(named[platform], platform),
          relay: () => push(relay, `${platform}${round % ACCOUNTS}`),
        }
        // Each comes after each: what one leaves behind weighs on all alike.
        for (const name of [...NAMES.slice(round % NAMES.length), ...NAMES.slice(0, round % NAMES.length)]) {
          const ms = await idleArrival(chat, send[name])
          if (round >= WARM_UP) samples[platform][name].push(ms)
        }
      }
    }
  } finally {
    const servers = [relay, chat, ...Object.values(keeping), ...Object.values(named)]
    await Promise.all(servers.map((server) => server.stop()))
  }
  return (['slack', 'discord'] as const).flatMap((platform) => {
    const of = samples[platform]
    const floor = { name: 'fetch', values: of.fetch }
    const goal = { of: 'ratio', atMost: 5 } as const
    return [
      compare(`idle: push to ${platform} call, keeping, p50`, 'ms', of.keeping, floor),
      compare(`idle: push to ${platform} call, keeping, read, template and package, p50`, 'ms', of.named, floor),
      compare(`idle: push to ${platform} call, p50`, 'ms', of.relay, floor, goal),
      compare(`idle: push to ${platform} call, p50`, 'ms', of.relay, { name: 'the floor above', values: of.named }),
    ]
  })
}

function createSamples(): Readonly<Record<(typeof NAMES)[number], number[]>> {
  return { fetch: [], keeping: [], named: [], relay: [] }
}

async function idleArrival(chat: Chat, send: () => Promise<Response>): Promise<number> {
  const ms = await arrival(chat, send)
  await sleep(GAP_MS / 6)
  return ms
}

/** How long after `send` began the next message reached chat, ms. */
async function arrival(chat: Chat, send: () => Promise<Response>): Promise<number> {
  const arrived = chat.ask('next')
  // The request to watch must be there before the message is.
  await sleep(5)
  const fromMs = monotonicMs()
  const response = send()
  const atMs = Number(await arrived)
  await (await response).arrayBuffer()
  return atMs - fromMs
}

function push(relay: Listening, destination: string): Promise<Response> {
  const id = crypto.randomUUID()
  const nowMs = Date.now()
  const body = toBody(id, id.slice(0, 24), nowMs).replace('"labels":{', `"labels":{"to":"${destination}",`)
  return fetch(`http://127.0.0.1:${relay.port}${WEBHOOK_PATH}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-relay-secret': SECRET },
    body,
  })
}

function post(chat: Chat, platform: Platform, round: number): Promise<Response> {
  const request = toRequest(chat, platform, `bare ${round}`)
  return fetch(request.url, request)
}
