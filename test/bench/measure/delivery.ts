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

/** From a push to the call that reaches chat, when idle, beside a bare fetch to the same chat, and beside what only keeps the push and its intent. */
export async function measureDelivery(bench: Bench): Promise<readonly Figure[]> {
  const chat = await startChat()
  configure(bench.folder, chat)
  const relay = await startRelay(bench.folder)
  const startKeeping = (platform: 'slack' | 'discord'): Promise<Listening> =>
    startServer('keeping', join(bench.folder, `${platform}.db`), platform, JSON.stringify(chat))
  const keeping = { slack: await startKeeping('slack'), discord: await startKeeping('discord') }
  const samples = {
    slack: { push: new Array<number>(), keeping: new Array<number>(), fetch: new Array<number>() },
    discord: { push: new Array<number>(), keeping: new Array<number>(), fetch: new Array<number>() },
  }
  try {
    for (let round = 0; round < WARM_UP + (bench.quick ? 20 : 150); round++) {
      for (const platform of ['slack', 'discord'] as const) {
        const bare = await arrival(chat, () => post(chat, platform, round))
        await sleep(GAP_MS / 6)
        const kept = await arrival(chat, () => push(keeping[platform], platform))
        await sleep(GAP_MS / 6)
        const whole = await arrival(chat, () => push(relay, `${platform}${round % ACCOUNTS}`))
        await sleep(GAP_MS / 6)
        if (round < WARM_UP) continue
        samples[platform].fetch.push(bare)
        samples[platform].keeping.push(kept)
        samples[platform].push.push(whole)
      }
    }
  } finally {
    await Promise.all([relay, chat, keeping.slack, keeping.discord].map((server) => server.stop()))
  }
  return (['slack', 'discord'] as const).flatMap((platform) => {
    const floor = { name: 'fetch', values: samples[platform].fetch }
    const goal = { of: 'ratio', atMost: 5 } as const
    return [
      compare(`idle: push to ${platform} call, keeping, p50`, 'ms', samples[platform].keeping, floor),
      compare(`idle: push to ${platform} call, p50`, 'ms', samples[platform].push, floor, goal),
    ]
  })
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

function post(chat: Chat, platform: 'slack' | 'discord', round: number): Promise<Response> {
  const request = toRequest(chat, platform, `bare ${round}`)
  return fetch(request.url, request)
}
