/** Whom a text names, whether or not it may call them. Ids in the order of the text, each once. */
export interface Mentions {
  readonly users: readonly string[]
  readonly roles: readonly string[]
  readonly everyone: boolean
  readonly here: boolean
}

/** Which of the mentions in a text may call somebody. */
export interface AllowedMentions {
  readonly parse: readonly string[]
  readonly users: readonly string[]
  readonly roles: readonly string[]
  readonly repliedUser: boolean
}

/** What holds if a request says nothing: everything in the text calls. */
export const ALLOW_ALL: AllowedMentions = {
  parse: ['users', 'roles', 'everyone'],
  users: [],
  roles: [],
  repliedUser: true,
}

/**
 * The parts of a text that decide, tried in this order at each place: an
 * escaped character and code hide what they cover; the rest are mentions.
 */
const TOKEN = new RegExp(
  [
    String.raw`\\[^0-9A-Za-z\s]`,
    '(?<fence>`+)(?!`)[^]*?(?<!`)\\k<fence>(?!`)',
    '`+',
    String.raw`<@!?(?<user>\d{17,20})>`,
    String.raw`<@&(?<role>\d{17,20})>`,
    '@(?<all>everyone|here)',
  ].join('|'),
  'gu',
)

/** Read the mentions of a message text as Discord does: not in code, not after a backslash. */
export function toMentions(content: string): Mentions {
  const found = [...content.matchAll(TOKEN)].map(({ groups }) => groups ?? {})
  const all = found.map(({ all: word }) => word)
  return {
    users: distinct(found.map(({ user }) => user)),
    roles: distinct(found.map(({ role }) => role)),
    everyone: all.includes('everyone'),
    here: all.includes('here'),
  }
}

/**
 * Those of the mentions that call somebody. `can.role` says whether a role can
 * be called at all; `can.everyone` whether the author may call the whole channel.
 */
export function toCalled(
  mentions: Mentions,
  allowed: AllowedMentions,
  can: { everyone: boolean; role: (id: string) => boolean },
): Mentions {
  const all = can.everyone && allowed.parse.includes('everyone')
  return {
    users: mentions.users.filter((id) => allowed.parse.includes('users') || allowed.users.includes(id)),
    roles: mentions.roles.filter(
      (id) => (allowed.parse.includes('roles') || allowed.roles.includes(id)) && can.role(id),
    ),
    everyone: all && mentions.everyone,
    here: all && mentions.here,
  }
}

/** Who is notified: ids of users and roles, and the words everyone and here. */
export function toPings(called: Mentions): readonly string[] {
  return [...(called.everyone ? ['everyone'] : []), ...(called.here ? ['here'] : []), ...called.roles, ...called.users]
}

function distinct(ids: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(ids.filter((id) => id !== undefined))]
}
