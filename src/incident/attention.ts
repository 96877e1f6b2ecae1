import type { Changes } from './changes.ts'

/**
 * How loud one event is in one destination.
 *
 * - `off`        not even the card changes.
 * - `card`       the card is edited, nothing is said.
 * - `thread`     a line in the thread too.
 * - `broadcast`  the line is also shown in the channel, where the platform can (Slack).
 */
export type Loudness = 'off' | 'card' | 'thread' | 'broadcast'

/** Whom a post calls: nobody, responders that are new, all responders, or ids from the configuration. */
export type MentionPolicy = 'none' | 'new_responders' | 'responders' | readonly string[]

export interface Attention {
  readonly loudness: Loudness
  readonly mention: MentionPolicy
}
