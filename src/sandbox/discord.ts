import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { Buckets } from './bucket.ts'
import { CallLog } from './call.ts'
import { remove } from './discord/channels.ts'
import { asThread, denied, overwrite, postAs, theMessage, thePlace } from './discord/people.ts'
import type { Permission } from './discord/permission.ts'
import { refusePlainly } from './discord/refusal.ts'
import { archive, channelOf } from './discord/request.ts'
import { ROUTES, type Route } from './discord/routes.ts'
import { serve, toErrorCode } from './discord/serve.ts'
import { toChannelState, toState, type DiscordChannelState, type DiscordState } from './discord/state.ts'
import { createWorld, DEFAULT_CHANNELS, type DiscordChannelOptions, type Place, type World } from './discord/world.ts'
import type { Faults } from './fault.ts'
import { answer, bodyInstead, delayOf, statusInstead, type Answer } from './misbehave.ts'
import type { Seen, Traces } from './trace.ts'

export interface DiscordSandboxOptions {
  readonly nowMs: () => number
  readonly faults: Faults
  /** Told after every call and every change. */
  readonly changed: () => void
  /** Keep to Discord's rate limits. */
  readonly limits: boolean
  /** The bot's token; default `sandbox.discord.bot-token`. */
  readonly token?: string
  /** Default: #incidents, #payments, the forum incident-forum and #board-room, which the bot cannot see. */
  readonly channels?: readonly DiscordChannelOptions[]
  /** How many threads the guild can have active at once; default 1000, as read off the real service. */
  readonly maxActiveThreads?: number
  /** Where calls are kept for the page. */
  readonly traces?: Traces
}

/**
 * A local Discord with one guild and one bot in it. The verbs are what people
 * do: they throw if a channel, thread or message is not there. Channels go by
 * name or id, threads by id.
 */
export interface DiscordSandbox {
  /** `/api/v10/…`, for `@hono/node-server` only. */
  readonly app: Hono<{ Bindings: HttpBindings }>
  /** The token calls must carry now. */
  readonly token: string
  state(): DiscordState
  channel(nameOrId: string): DiscordChannelState
  /** Write as a person (name or id) into a channel or a thread; gives the message's id. */
  postAs(person: string, channel: string, text: string): string
  deleteMessage(channel: string, messageId: string): void
  /** Also a thread; a channel takes its threads with it. */
  deleteChannel(channel: string): void
  archiveThread(threadId: string): void
  unarchiveThread(threadId: string): void
  /** A moderator locks it: the bot can neither write in it nor edit. It is not archived by that. */
  lockThread(threadId: string): void
  unlockThread(threadId: string): void
  /** Deny the bot something in a channel and in its threads. */
  removePermission(channel: string, permission: Permission): void
  /** Lift that; or grant what the bot did not have. */
  restorePermission(channel: string, permission: Permission): void
  /** What the bot was denied there. */
  deniedIn(channel: string): readonly Permission[]
  /** Keep a word out of messages and thread names; null lets everything pass. */
  setAutoMod(word: string | null): void
  revokeToken(): void
  /** Make `token` the only one that works. */
  setToken(token: string): void
  /** As if the past few minutes were over: no create is a repetition any more. */
  forgetNonces(): void
}

/** Start a guild with empty channels. */
export function createDiscordSandbox(options: DiscordSandboxOptions): DiscordSandbox {
  const { nowMs, changed, channels = DEFAULT_CHANNELS, maxActiveThreads = 1000 } = options
  const world = createWorld({ nowMs, channels, maxActiveThreads })
  const log = new CallLog()
  const account = { token: options.token ?? 'sandbox.discord.bot-token', revoked: false }
  const place = (name: string): Place => thePlace(world, name, nowMs())
  const after = <A extends unknown[], R>(verb: (...args: A) => R) => {
    return (...args: A): R => {
      const result = verb(...args)
      changed()
      return result
    }
  }
  return {
    app: createApp(options, log, () => ({ world, token: account.revoked ? null : account.token })),
    get token() {
      return account.token
    },
    state: () => toState(world, log.calls, nowMs()),
    channel: (name) => toChannelState(world, channelOf(place(name)), nowMs()),
    postAs: after((person, channel, text) => postAs(world, person, place(channel), text, nowMs())),
    deleteMessage: after((channel, id) => void (theMessage(place(channel), id).deleted = true)),
    deleteChannel: after((channel) => remove(world, place(channel))),
    archiveThread: after((id) => archive(asThread(place(id)), true, nowMs())),
    unarchiveThread: after((id) => archive(asThread(place(id)), false, nowMs())),
    lockThread: after((id) => void (asThread(place(id)).locked = true)),
    unlockThread: after((id) => void (asThread(place(id)).locked = false)),
    removePermission: after((channel, permission) => overwrite(world, place(channel), permission, false)),
    restorePermission: after((channel, permission) => overwrite(world, place(channel), permission, true)),
    deniedIn: (channel) => denied(world, place(channel)),
    setAutoMod: after((word) => void (world.autoMod = word)),
    revokeToken: after(() => void (account.revoked = true)),
    setToken: after((token) => void Object.assign(account, { token, revoked: false })),
    forgetNonces: after(() => world.nonces.clear()),
  }
}

function createApp(
  options: DiscordSandboxOptions,
  log: CallLog,
  current: () => { world: World; token: string | null },
): Hono<{ Bindings: HttpBindings }> {
  const { nowMs, faults, limits, changed, traces } = options
  const buckets = new Buckets()
  const app = new Hono<{ Bindings: HttpBindings }>()
  const note = (
    seen: Omit<Seen, 'platform' | 'at' | 'durationMs'> & { startedAtMs: number; delayMs: number },
  ): void => {
    const { startedAtMs, delayMs, request, response, secrets, fault, ...about } = seen
    const call = { at: nowMs(), ...about }
    log.add(call)
    const durationMs = call.at - startedAtMs + delayMs
    const said = { request, response, secrets: [...secrets, current().token ?? undefined] }
    traces?.add({ ...call, ...said, platform: 'discord', durationMs, ...(fault && { fault }) })
    changed()
  }
  const add = (route: Route): void => {
    app.on(route.method, `/api/v10${route.path}`, async (c) => {
      const startedAtMs = nowMs()
      const params: Readonly<Record<string, string>> = c.req.param()
      const channel = route.path.startsWith('/channels') ? params['id'] : undefined
      const about = { method: `${route.method} ${route.path}`, ...(channel !== undefined && { channel }) }
      const incoming = {
        authorization: c.req.header('authorization'),
        contentType: c.req.header('content-type') ?? '',
        params,
        query: c.req.query(),
        text: await c.req.text(),
      }
      const does = faults.take({ platform: 'discord', ...about })
      const instead = statusInstead(does)
      const noted = (status: number, error: string | undefined, response: unknown): void =>
        note({
          ...about,
          status,
          ...(error !== undefined && { error }),
          startedAtMs,
          delayMs: delayOf(does),
          ...(does && { fault: does.kind }),
          request: incoming.text,
          response,
          secrets: [toBrought(incoming.authorization)],
        })
      if (instead !== undefined) noted(instead, does?.kind, bodyInstead(does))
      return await answer(c.env.outgoing, does, () => {
        const done = serve({ ...current(), buckets, limits }, route, incoming, nowMs())
        noted(done.status, toErrorCode(done), done.body)
        return done
      })
    })
  }
  for (const route of ROUTES) add(route)
  app.all('*', (c) => {
    const unknown: Answer = refusePlainly(404, 'Not Found')
    note({
      method: `${c.req.method} ${c.req.path}`,
      status: unknown.status,
      error: '0',
      startedAtMs: nowMs(),
      delayMs: 0,
      request: undefined,
      response: unknown.body,
      secrets: [toBrought(c.req.header('authorization'))],
    })
    return c.json(unknown.body, 404)
  })
  return app
}

/** The token that was brought, without the word before it. */
function toBrought(authorization: string | undefined): string | undefined {
  return authorization?.replace(/^(?:Bot|Bearer) /i, '')
}
