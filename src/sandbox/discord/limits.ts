import type { Rate } from '../bucket.ts'

/** Requests of a bot, whatever they are. https://docs.discord.com/developers/topics/rate-limits#global-rate-limit (as of 2026-11) */
export const GLOBAL_RATE: Rate = { kind: 'window', count: 50, perMs: 1000 }

/** Posting in a channel or a thread. Discord publishes no number: this is what its headers usually say. */
export const CREATE_RATE: Rate = { kind: 'window', count: 5, perMs: 5000 }

/** Editing in a channel or a thread; as above. */
export const EDIT_RATE: Rate = { kind: 'window', count: 5, perMs: 5000 }

/** Everything else: so wide that the global limit is met first. */
export const OTHER_RATE: Rate = { kind: 'window', count: 50, perMs: 1000 }

/** Edits in a channel of messages older than an hour (error 30046). Read off the real service by discord-userdoccers (2026-05). */
export const OLD_EDIT_RATE: Rate = { kind: 'sliding', count: 3, perMs: 6000 }
export const OLD_EDIT_AFTER_MS = 60 * 60_000

/** Renames of a channel or a thread; the headers do not tell of it, the 429 does. */
export const RENAME_RATE: Rate = { kind: 'window', count: 2, perMs: 10 * 60_000 }
