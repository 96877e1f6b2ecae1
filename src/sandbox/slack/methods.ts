import type { Args } from './args.ts'
import { textArg } from './args.ts'
import { getPermalink, postMessage, remove, update } from './chat.ts'
import { history, info, join, list, replies, toTypes } from './conversations.ts'
import { authTest, lookupByEmail, userInfo } from './people.ts'
import { refuse } from './reply.ts'
import type { Reply } from './reply.ts'
import type { World } from './world.ts'

interface Method {
  /** The scopes a call takes. */
  readonly needs: (world: World, args: Args) => readonly string[]
  readonly run: (world: World, args: Args, nowMs: number) => Reply
}

const METHODS: Readonly<Record<string, Method>> = {
  'auth.test': { needs: () => [], run: authTest },
  'chat.delete': { needs: () => ['chat:write'], run: remove },
  'chat.getPermalink': { needs: () => [], run: getPermalink },
  'chat.postMessage': { needs: toPostScopes, run: postMessage },
  'chat.update': { needs: () => ['chat:write'], run: update },
  'conversations.history': { needs: byKind('history'), run: history },
  'conversations.info': { needs: byKind('read'), run: info },
  'conversations.join': { needs: () => ['channels:join'], run: join },
  'conversations.list': { needs: toListScopes, run: list },
  'conversations.replies': { needs: byKind('history'), run: replies },
  'users.info': { needs: () => ['users:read'], run: userInfo },
  'users.lookupByEmail': { needs: () => ['users:read.email'], run: lookupByEmail },
}

/** The scopes a call takes, or undefined if there is no such method. */
export function toScopes(world: World, method: string, args: Args): readonly string[] | undefined {
  return Object.hasOwn(METHODS, method) ? METHODS[method]?.needs(world, args) : undefined
}

/** Carry out a call of a workspace's app: who calls, what for, and what comes of it. */
export function run(world: World, method: string, args: Args, token: string | undefined, nowMs: number): Reply {
  if (token === undefined) return refuse('not_authed')
  if (token !== world.token) return refuse('invalid_auth')
  if (world.revoked) return refuse('token_revoked')
  const scopes = toScopes(world, method, args)
  if (scopes === undefined) return refuse('unknown_method', { req_method: method })
  const needed = scopes.find((scope) => !world.scopes.includes(scope))
  if (needed !== undefined) return refuse('missing_scope', { needed, provided: world.scopes.join(',') })
  return METHODS[method]?.run(world, args, nowMs) ?? refuse('unknown_method', { req_method: method })
}

/** Another name or picture than the bot's own takes a scope more. */
function toPostScopes(_world: World, args: Args): readonly string[] {
  const disguised = ['username', 'icon_emoji', 'icon_url'].some((name) => args.has(name))
  return disguised ? ['chat:write', 'chat:write.customize'] : ['chat:write']
}

function toListScopes(_world: World, args: Args): readonly string[] {
  return toTypes(args).map((type) => (type === 'private_channel' ? 'groups:read' : 'channels:read'))
}

/** Private channels have scopes of their own. */
function byKind(what: 'history' | 'read') {
  return (world: World, args: Args): readonly string[] => {
    const channel = world.channels.find(({ id }) => id === textArg(args, 'channel'))
    return [channel?.isPrivate ? `groups:${what}` : `channels:${what}`]
  }
}
