import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { Buckets } from './bucket.ts'
import { CallLog } from './call.ts'
import type { Faults } from './fault.ts'
import { answer, bodyInstead, delayOf, statusInstead } from './misbehave.ts'
import type { Answer } from './misbehave.ts'
import { textArg, toArgs } from './slack/args.ts'
import type { Args } from './slack/args.ts'
import { run, toScopes } from './slack/methods.ts'
import { toPings } from './slack/pings.ts'
import { toDraws } from './slack/rate.ts'
import { isRefusal, refuse } from './slack/reply.ts'
import { toChannelState, toState } from './slack/state.ts'
import type { SlackChannelState, SlackState } from './slack/state.ts'
import { addPost, createWorld, findChannel, findPost, isShown } from './slack/world.ts'
import type { Channel, Post, SlackChannelOptions, World } from './slack/world.ts'
import type { Traces } from './trace.ts'

export interface SlackSandboxOptions {
  readonly nowMs: () => number
  readonly faults: Faults
  /** Told after every call and every change. */
  readonly changed: () => void
  /** Keep to Slack's rate limits. */
  readonly limits: boolean
  /** The bot's token; default `xoxb-sandbox-…`. */
  readonly token?: string
  /** Default: #incidents and #payments with the bot, #general and a private #security without. */
  readonly channels?: readonly SlackChannelOptions[]
  /** Whether a repeated `client_msg_id` makes no second message, which Slack does not promise; default true. */
  readonly deduplicates?: boolean
  /** Where calls are kept for the page. */
  readonly traces?: Traces
}

/**
 * A local Slack workspace with one app in it. The verbs are what people do:
 * they throw if a channel, message or person is not there. Channels go by name or id.
 */
export interface SlackSandbox {
  /** `POST /api/:method`, for `@hono/node-server` only. */
  readonly app: Hono<{ Bindings: HttpBindings }>
  /** The token calls must carry now. */
  readonly token: string
  state(): SlackState
  channel(nameOrId: string): SlackChannelState
  deleteMessage(channel: string, ts: string): void
  archive(channel: string): void
  unarchive(channel: string): void
  removeBot(channel: string): void
  addBot(channel: string): void
  /** Nobody can reply in the thread any more. */
  lockThread(channel: string, ts: string): void
  /** Write as a person (id, name or address); gives the message's ts. */
  postAs(person: string, channel: string, text: string, threadTs?: string): string
  revokeToken(): void
  /** Make `token` the only one that works. */
  setToken(token: string): void
  setScopes(scopes: readonly string[]): void
}

/** Start a workspace with empty channels. */
export function createSlackSandbox(options: SlackSandboxOptions): SlackSandbox {
  const world = createWorld(options)
  const log = new CallLog()
  const change = (channel: string, what: (channel: Channel) => void): void => {
    what(theChannel(world, channel))
    options.changed()
  }
  const set = (values: Partial<Pick<World, 'token' | 'revoked' | 'scopes'>>): void => {
    Object.assign(world, values)
    options.changed()
  }
  return {
    app: createApp(world, log, options),
    get token() {
      return world.token
    },
    state: () => toState(world, log.calls),
    channel: (nameOrId) => toChannelState(theChannel(world, nameOrId)),
    deleteMessage: (channel, ts) => change(channel, (found) => void (thePost(found, ts).deleted = true)),
    archive: (channel) => change(channel, (found) => void (found.isArchived = true)),
    unarchive: (channel) => change(channel, (found) => void (found.isArchived = false)),
    removeBot: (channel) => change(channel, (found) => void (found.isMember = false)),
    addBot: (channel) => change(channel, (found) => void (found.isMember = true)),
    lockThread: (channel, ts) => change(channel, (found) => void (thePost(found, ts).locked = true)),
    postAs(person, channel, text, threadTs) {
      const { ts } = writeAs(world, person, theChannel(world, channel), text, threadTs, options.nowMs()).message
      options.changed()
      return ts
    },
    revokeToken: () => set({ revoked: true }),
    setToken: (token) => set({ token, revoked: false }),
    setScopes: (scopes) => set({ scopes }),
  }
}

function createApp(world: World, log: CallLog, options: SlackSandboxOptions): Hono<{ Bindings: HttpBindings }> {
  const buckets = new Buckets()
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.post('/api/:method', async (c) => {
    const startedAtMs = options.nowMs()
    const method = c.req.param('method')
    const read = toArgs(c.req.header('content-type') ?? '', await c.req.text())
    const args: Args = isRefusal(read) ? new Map() : read
    const name = textArg(args, 'channel')
    const channel = name === undefined ? undefined : (findChannel(world, name)?.id ?? name)
    const about = { method, ...(channel !== undefined && { channel }) }
    const token = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? textArg(args, 'token')
    const does = options.faults.take({ platform: 'slack', ...about })
    const note = (status: number, error?: string, response?: unknown): void => {
      const atMs = options.nowMs()
      const call = { at: atMs, ...about, status, ...(error !== undefined && { error }) }
      log.add(call)
      options.traces?.add({
        ...call,
        platform: 'slack',
        durationMs: atMs - startedAtMs + delayOf(does),
        ...(does && { fault: does.kind }),
        request: Object.fromEntries(args),
        response,
        secrets: [token, textArg(args, 'token'), world.token],
      })
      options.changed()
    }
    const instead = statusInstead(does)
    if (instead !== undefined) note(instead, does?.kind, bodyInstead(does))
    return await answer(c.env.outgoing, does, () => {
      const nowMs = options.nowMs()
      const taken = options.limits ? buckets.take(toDraws(method, channel), nowMs) : undefined
      if (taken?.allowed === false) {
        const limited = toLimited(taken.retryAfterMs)
        note(429, 'ratelimited', limited.body)
        return limited
      }
      const reply = isRefusal(read) ? read : run(world, method, args, token, nowMs)
      note(200, isRefusal(reply) ? reply.error : undefined, reply)
      const accepted = toScopes(world, method, args) ?? []
      const scopes = { 'x-oauth-scopes': world.scopes.join(','), 'x-accepted-oauth-scopes': accepted.join(',') }
      return { status: 200, headers: token === world.token ? scopes : {}, body: reply }
    })
  })
  return app
}

function toLimited(retryAfterMs: number): Answer {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
  return { status: 429, headers: { 'retry-after': String(seconds) }, body: refuse('ratelimited') }
}

function theChannel(world: World, nameOrId: string): Channel {
  const channel = findChannel(world, nameOrId)
  if (channel === undefined) throw new Error(`no channel ${nameOrId}`)
  return channel
}

function thePost(channel: Channel, ts: string): Post {
  const post = findPost(channel, ts)
  if (post === undefined || !isShown(post)) throw new Error(`no message ${ts} in #${channel.name}`)
  return post
}

function writeAs(
  world: World,
  who: string,
  channel: Channel,
  text: string,
  threadTs: string | undefined,
  nowMs: number,
): Post {
  const person = world.people.find(({ id, name, realName, email }) => [id, name, realName, email].includes(who))
  if (person === undefined) throw new Error(`no person ${who}`)
  const above = threadTs === undefined ? undefined : thePost(channel, threadTs)
  const root = above?.root ?? above
  const pings = toPings({ text }, { parse: 'full', linkNames: true })
  return addPost(channel, nowMs, { root, pings }, (ts) => ({
    type: 'message',
    ts,
    user: person.id,
    team: world.team.id,
    text,
    ...(root && { thread_ts: root.message.ts, parent_user_id: root.message.user }),
  }))
}
