import { textArg } from './args.ts'
import type { Args } from './args.ts'
import { refuse } from './reply.ts'
import type { Reply } from './reply.ts'
import type { Person, World } from './world.ts'

export function authTest({ team, bot }: World): Reply {
  return {
    ok: true,
    url: team.url,
    team: team.name,
    user: bot.name,
    team_id: team.id,
    user_id: bot.userId,
    bot_id: bot.id,
    is_enterprise_install: false,
  }
}

export function lookupByEmail(world: World, args: Args): Reply {
  const email = textArg(args, 'email')?.toLowerCase()
  const person = world.people.find((known) => known.email === email)
  return person === undefined ? refuse('users_not_found') : { ok: true, user: toUserObject(world, person) }
}

export function userInfo(world: World, args: Args): Reply {
  const person = world.people.find(({ id }) => id === textArg(args, 'user'))
  return person === undefined ? refuse('user_not_found') : { ok: true, user: toUserObject(world, person) }
}

/** The address is part of a profile only for apps that may read addresses. */
function toUserObject({ team, scopes }: World, { id, name, realName, email }: Person) {
  const address = scopes.includes('users:read.email') && { email }
  return {
    id,
    team_id: team.id,
    name,
    real_name: realName,
    deleted: false,
    is_bot: false,
    profile: { real_name: realName, display_name: name, ...address },
  }
}
