import type { Mentioned } from '../../message/message.ts'
import { toMention } from './markdown.ts'
import { isSnowflake } from './snowflake.ts'

/** Discord user ids by lower-case e-mail address. */
export type People = ReadonlyMap<string, string>

/** Whom a message may notify; whatever else its text says notifies nobody. */
export interface AllowedMentions {
  readonly parse: readonly 'everyone'[]
  readonly users?: readonly string[]
  readonly roles?: readonly string[]
}

/** Nobody is notified. Without it, Discord notifies whomever a text names, on an edit too. */
export const NOBODY: AllowedMentions = { parse: [] }

/** Ours: a page of names helps nobody. Discord takes 100 of a kind. */
const MAX_MENTIONS = 40

/** The text that calls people, and the permission to. Somebody without a known id is not called. */
export function toCalls(mentions: readonly Mentioned[], people: People): { text: string; allowed: AllowedMentions } {
  const known = mentions.map((who) => toKnown(who, people)).filter((who) => who !== undefined)
  const calls = new Map(known.map((who) => [textOf(who), who] as const))
  const called = [...calls].slice(0, MAX_MENTIONS)
  const idsOf = (kind: 'user' | 'group') => called.flatMap(([, who]) => (who.kind === kind ? [who.id] : []))
  const [users, roles] = [idsOf('user'), idsOf('group')]
  return {
    text: called.map(([text]) => text).join(' '),
    allowed: {
      // Discord has no list for @here: it is allowed together with @everyone, which no text of ours ever says.
      parse: called.some(([, who]) => who.kind === 'here') ? ['everyone'] : [],
      ...(users.length > 0 && { users }),
      ...(roles.length > 0 && { roles }),
    },
  }
}

/** Whether somebody can be called. */
export function isKnown(who: Mentioned, people: People): boolean {
  return toKnown(who, people) !== undefined
}

type Known = Exclude<Mentioned, { kind: 'person' }>

function toKnown(who: Mentioned, people: People): Known | undefined {
  if (who.kind === 'here') return who
  if (who.kind !== 'person') return isSnowflake(who.id) ? who : undefined
  const id = people.get(who.email?.trim().toLowerCase() ?? '')
  return id !== undefined && isSnowflake(id) ? { kind: 'user', id } : undefined
}

function textOf(who: Known): string {
  return toMention(who) ?? '@here'
}
