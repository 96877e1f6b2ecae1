import * as v from 'valibot'
import { LANGUAGES } from '../incident/language.ts'
import { RouteSchema } from './route.ts'
import { DISCORD_ID, expectedOneOf, oneOf, SLACK_USER, text, textLike, wholeNumber } from './scalar.ts'
import { apiUrl, discordToken, postgresUrl, slackToken, webhookSecret } from './secret.ts'
import { GOT, mapOf, someOf, strict } from './shape.ts'
import { showKey } from './problem.ts'

/** The chat platforms an account can be on. */
export const PLATFORMS = ['slack', 'discord'] as const

/** The source's pushes are a few KiB; 1 MiB is room for the largest description with a hundred labels. */
const DEFAULT_BODY_LIMIT_BYTES = 1_048_576

const listen = strict({
  // Loopback: a relay that nobody meant to publish is not published.
  host: v.exactOptional(
    textLike(
      /^(?:[\w.-]+|[\da-fA-F:.]*:[\da-fA-F:.]*:[\da-fA-F:.%\w]*)$/,
      'an address or a host name, without http:// or a port',
    ),
    '127.0.0.1',
  ),
  port: v.exactOptional(wholeNumber(1, 65_535), 8080),
})

const admin = strict({
  // What is asked here looks into incidents and changes what is sent: that is for this machine alone.
  host: v.exactOptional(
    textLike(/^(?:localhost|::1|127(?:\.\d{1,3}){3})$/, 'an address of this machine such as 127.0.0.1'),
    '127.0.0.1',
  ),
  port: v.exactOptional(wholeNumber(0, 65_535), 0),
})

const flashduty = strict({
  secrets: someOf(webhookSecret),
  secrets_file: v.exactOptional(text),
  late_events: v.exactOptional(oneOf(['skip', 'reply']), 'skip'),
  // Below 64 KiB ordinary events would be lost, above 16 MiB a few requests at once would fill the memory.
  body_limit_bytes: v.exactOptional(wholeNumber(65_536, 16_777_216), DEFAULT_BODY_LIMIT_BYTES),
})

const store = v.pipe(
  strict({
    sqlite: v.exactOptional(text),
    postgres: v.exactOptional(postgresUrl),
    spool: v.exactOptional(text),
    // A month back is what one looks up; ten years are more than a file on one disk should hold.
    retention_days: v.exactOptional(wholeNumber(1, 3650), 30),
  }),
  v.check(({ sqlite, postgres }) => sqlite === undefined || postgres === undefined, 'set sqlite or postgres, not both'),
  v.check(
    ({ postgres, spool }) => spool === undefined || postgres !== undefined,
    'spool is for postgres: a file is never away',
  ),
  v.transform(({ sqlite = './data/relay.db', postgres, spool = './data/spool.db', ...rest }) =>
    postgres === undefined ? { ...rest, sqlite } : { ...rest, postgres, spool },
  ),
)

const account = v.pipe(
  v.variant(
    'platform',
    [
      strict({ platform: v.literal('slack'), ...reachedBy(slackToken) }),
      strict({ platform: v.literal('discord'), ...reachedBy(discordToken) }),
    ],
    ({ expected, input }) => {
      if (expected === 'Object') return `expected a map, got ${GOT}`
      return input === undefined || input === null
        ? `is required: ${PLATFORMS.join(' or ')}`
        : expectedOneOf(PLATFORMS, input)
    },
  ),
  // Twice, as only the first is asked when something else is wrong too, and only the second narrows the type.
  v.rawCheck(({ dataset, addIssue }) => {
    if (lacksToken(dataset.value)) addIssue({ message: 'set token or token_file' })
  }),
  v.guard(hasToken),
)

const destination = strict({ account: text, channel: text })

const person = strict({
  slack: v.exactOptional(textLike(SLACK_USER, 'a Slack member id such as U0123ABCD')),
  discord: v.exactOptional(textLike(DISCORD_ID, 'a Discord user id of 17 to 20 digits')),
})

/** By e-mail, in lower case. */
const people = v.exactOptional(v.pipe(mapOf(person, emailProblem), v.transform(lowerCased)), {})

const delivery = strict({
  on_ambiguous: v.exactOptional(oneOf(['resend', 'hold'])),
  on_card_deleted: v.exactOptional(oneOf(['recreate', 'ignore']), 'recreate'),
  storm_after: v.exactOptional(wholeNumber(1, 10_000), 20),
})

const templates = strict({
  dir: v.exactOptional(text),
  language: v.exactOptional(oneOf(LANGUAGES), 'en'),
})

/**
 * The whole configuration, defaults inside. What concerns two places at once (a
 * destination's account, a route's destinations) is checked by references.ts.
 */
export const ConfigSchema = strict({
  listen: v.exactOptional(listen, {}),
  flashduty,
  admin: v.exactOptional(admin, {}),
  store: v.exactOptional(store, {}),
  accounts: mapOf(account),
  destinations: mapOf(destination),
  routes: v.pipe(
    v.array(RouteSchema, `expected a list of routes, got ${GOT}`),
    v.minLength(1, 'expected at least one'),
  ),
  delivery: v.exactOptional(delivery, {}),
  people,
  templates: v.exactOptional(templates, {}),
})

export type Config = v.InferOutput<typeof ConfigSchema>
export type Account = Config['accounts'][string]
export type Destination = Config['destinations'][string]

function reachedBy<const T extends v.GenericSchema>(token: T) {
  return {
    token: v.exactOptional(token),
    token_file: v.exactOptional(text),
    api_url: v.exactOptional(apiUrl),
  }
}

/** A `token_file` was read into `token` before: see secret-file.ts. */
function hasToken<A extends { readonly token?: string }>(candidate: A): candidate is A & { token: string } {
  return candidate.token !== undefined
}

function lacksToken(candidate: unknown): boolean {
  if (typeof candidate !== 'object' || candidate === null) return false
  return !('token' in candidate) || candidate.token === undefined || candidate.token === null
}

function lowerCased<T>(byEmail: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const output: Record<string, T> = Object.create(null)
  for (const [email, ids] of Object.entries(byEmail)) output[email.toLowerCase()] = ids
  return output
}

function emailProblem(key: string): string | undefined {
  return /^[^\s@]+@[^\s@]+$/.test(key) ? undefined : `"${showKey(key)}" is no e-mail address`
}
