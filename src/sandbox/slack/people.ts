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

/** Deactivated people are not found: https://docs.slack.dev/reference/methods/users.lookupByEmail (as of 2026-11) */
export function lookupByEmail(world: World, args: Args): Reply {
  const email = textArg(args, 'email')?.toLowerCase()
  if (email === undefined || email === '') return refuse('invalid_arguments')
  const person = world.people.find((known) => known.email === email && known.deactivated !== true)
  return person === undefined ? refuse('users_not_found') : { ok: true, user: toUserObject(world, person) }
}

export function userInfo(world: World, args: Args): Reply {
  const person = world.people.find(({ id }) => id === textArg(args, 'user'))
  return person === undefined ? refuse('user_not_found') : { ok: true, user: toUserObject(world, person) }
}

/** The address is part of a profile only for apps that may read addresses. */
function toUserObject({ team, scopes }: World, { id, name, realName, email, deactivated, guest }: Person) {
  const address = scopes.includes('users:read.email') && { email }
  return {
    id,
    team_id: team.id,
    name,
    real_name: realName,
    deleted: deactivated === true,
    is_bot: false,
    is_app_user: false,
    is_restricted: guest === true,
    is_ultra_restricted: false,
    profile: { real_name: realName, display_name: name, ...address },
  }
}
