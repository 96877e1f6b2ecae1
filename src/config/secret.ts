import * as v from 'valibot'
import { anyText, text } from './scalar.ts'

// No message here quotes its input, and none has a place for it to be put in.

/** Shorter secrets can be guessed at the rate an open port answers. */
const MIN_SECRET_BYTES = 16

/** What the source sends in its header: long enough, and of characters a header can carry. */
export const webhookSecret = v.pipe(
  anyText,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    const bytes = new TextEncoder().encode(dataset.value).length
    if (bytes === 0) addIssue({ message: 'is empty' })
    else if (bytes < MIN_SECRET_BYTES) {
      addIssue({ message: `has ${bytes} bytes, a secret needs at least ${MIN_SECRET_BYTES}` })
    }
    if (/[^\x21-\x7e]/.test(dataset.value)) {
      addIssue({ message: 'holds white space or a character outside ASCII, which a header cannot carry unchanged' })
    }
  }),
)

const token = v.pipe(text, v.regex(/^[\x21-\x7e]*$/, 'holds white space or a character outside ASCII: no token does'))

export const slackToken = v.pipe(
  token,
  v.check((value) => !value.startsWith('xapp-'), 'is an app-level token; the bot token (xoxb-…) is needed'),
)

export const discordToken = token

/** Where an account's API is reached instead of at its platform: a gateway, a local stand-in. */
export const apiUrl = v.pipe(
  text,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.value === '') return
    const url = URL.canParse(dataset.value) ? new URL(dataset.value) : undefined
    if (url === undefined || !['http:', 'https:'].includes(url.protocol))
      addIssue({ message: 'is no http or https URL' })
    else if (url.username !== '' || url.password !== '') addIssue({ message: 'must not hold a name or a password' })
    else if (url.search !== '' || url.hash !== '') addIssue({ message: 'must end with its path: no ? and no #' })
    else if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
      addIssue({
        message: 'must be https, or the token would travel in the clear (http is for 127.0.0.1 and localhost)',
      })
    }
  }),
)

/** Where the database is, with the password that opens it. */
export const postgresUrl = v.pipe(
  text,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.value === '') return
    const url = URL.canParse(dataset.value) ? new URL(dataset.value) : undefined
    if (url === undefined || !['postgres:', 'postgresql:'].includes(url.protocol))
      addIssue({ message: 'is no URL of a Postgres database: postgres://NAME:PASSWORD@HOST/DATABASE' })
  }),
)

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  )
}
