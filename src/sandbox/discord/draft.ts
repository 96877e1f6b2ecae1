import { integer, list, oneOf, record, snowflake, text, truth } from './check.ts'
import { readComponents, type Component } from './components.ts'
import { readEmbeds, type Embed } from './embed.ts'
import { inside, names, refuseField, type Field } from './form.ts'
import type { AllowedMentions } from './mentions.ts'

/** What a request says about a message. Undefined: it does not say. */
export interface Draft {
  readonly content: string | undefined
  readonly embeds: readonly Embed[] | undefined
  readonly components: readonly Component[] | undefined
  readonly flags: number | undefined
  readonly allowed: AllowedMentions | undefined
  readonly nonce: string | undefined
  readonly enforceNonce: boolean
  readonly reply: { readonly messageId: string; readonly mustExist: boolean } | undefined
}

/** Flags a bot can set. https://docs.discord.com/developers/resources/message#message-object-message-flags (as of 2026-11) */
export const SUPPRESS_EMBEDS = 1 << 2
const SUPPRESS_NOTIFICATIONS = 1 << 12
const IS_COMPONENTS_V2 = 1 << 15

/** Read a message from a form, by Discord's limits. Everything wrong is noted on the form. */
export function readDraft(form: Field): Draft {
  record(form)
  return {
    content: unless(form, 'content', '', (field) => text(field, { max: 2000 })),
    embeds: unless(form, 'embeds', [], readEmbeds),
    components: unless(form, 'components', [], readComponents),
    flags: readFlags(inside(form, 'flags')),
    allowed: readAllowedMentions(inside(form, 'allowed_mentions')),
    nonce: readNonce(inside(form, 'nonce')),
    enforceNonce: truth(inside(form, 'enforce_nonce')) ?? false,
    reply: readReply(inside(form, 'message_reference')),
  }
}

/** A key that is named, but with `null`, empties what it stands for. */
function unless<T>(form: Field, key: string, empty: T, read: (field: Field) => T | undefined): T | undefined {
  return names(form, key) ? (read(inside(form, key)) ?? empty) : undefined
}

function readFlags(field: Field): number | undefined {
  const flags = integer(field, { min: 0, max: Number.MAX_SAFE_INTEGER })
  if (flags === undefined) return undefined
  if ((flags & IS_COMPONENTS_V2) !== 0) {
    return refuseField(field, 'BASE_TYPE_CHOICES', 'The sandbox knows embeds and rows of buttons, not Components V2.')
  }
  return flags & (SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS)
}

function readAllowedMentions(field: Field): AllowedMentions | undefined {
  if (!record(field)) return undefined
  const parse: readonly string[] = (list(inside(field, 'parse'), { max: 3 }) ?? []).map(
    (kind) => oneOf(kind, MENTION_KINDS) ?? '',
  )
  for (const kind of ['users', 'roles']) {
    const ids = inside(field, kind).value
    if (parse.includes(kind) && Array.isArray(ids) && ids.length > 0) {
      const message = `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`
      refuseField(field, 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE', message)
    }
  }
  return {
    parse,
    users: readIds(inside(field, 'users')),
    roles: readIds(inside(field, 'roles')),
    repliedUser: truth(inside(field, 'replied_user')) ?? false,
  }
}

const MENTION_KINDS = ['users', 'roles', 'everyone'] as const

function readIds(field: Field): readonly string[] {
  return (list(field, { max: 100 }) ?? []).flatMap((entry) => snowflake(entry) ?? [])
}

function readNonce(field: Field): string | undefined {
  const { value } = field
  if (value === undefined) return undefined
  if (typeof value !== 'string' && !(typeof value === 'number' && Number.isInteger(value))) {
    return refuseField(field, 'NONCE_TYPE_INVALID_TYPE', 'This field must be a string or integer.')
  }
  const nonce = String(value)
  return nonce.length <= 25 ? nonce : refuseField(field, 'NONCE_TYPE_TOO_LONG', 'Must be 25 or fewer characters long.')
}

function readReply(field: Field): Draft['reply'] {
  if (!record(field)) return undefined
  const messageId = snowflake(inside(field, 'message_id'))
  if (messageId === undefined) return undefined
  return { messageId, mustExist: truth(inside(field, 'fail_if_not_exists')) ?? true }
}
