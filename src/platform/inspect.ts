import type { AccountOptions, MessageRef } from './platform.ts'

/** What is looked at. Also for machines: a closed list. */
export type Check = 'token' | 'scope' | 'channel' | 'member' | 'history' | 'post' | 'permission' | 'mention' | 'forum'

/**
 * - `ok`      as it must be.
 * - `hint`    the relay works without it, and does less.
 * - `unseen`  this account cannot see it: only a message shows it.
 * - `wrong`   messages will not arrive, or not as they should.
 */
export type Verdict = 'ok' | 'hint' | 'unseen' | 'wrong'

/** One thing that was looked at before any message is sent. Texts are plain words, never a secret. */
export interface Finding {
  readonly check: Check
  readonly verdict: Verdict
  /** The channel's id; absent for what concerns the whole account. */
  readonly channel?: string
  readonly says: string
  /** The sentence that repairs it, if anything is to be repaired. */
  readonly repair?: string
}

/** A channel that messages are to go to, and the ids of the configuration that may be called there. */
export interface WantedChannel {
  readonly channel: string
  /** `here`, `group:ID` or a user's ID. */
  readonly mentions: readonly string[]
}

export interface InspectorOptions extends AccountOptions {
  readonly sleep: (ms: number) => Promise<void>
  readonly nowMs: () => number
  /** ms since some instant, never jumping. */
  readonly monotonicMs: () => number
}

/** Looks at one account and its channels through the platform's own API. Posts nothing, changes nothing, never throws. */
export interface Inspector {
  /** First what concerns the account; channels, in the order given, only if the account can act at all. */
  inspect(channels: readonly WantedChannel[]): Promise<readonly Finding[]>
  /** Where a person can look at a message; undefined if the platform does not tell. */
  linkTo(ref: MessageRef): Promise<string | undefined>
  /** The sentence that repairs what an outcome's `detail` tells, if there is one. */
  repairOf(detail: string): string | undefined
  /** Let go of sockets and timers. */
  stop(): Promise<void>
}
