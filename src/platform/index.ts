import type { Platform } from './platform.ts'

/** The chat platforms there are. */
export type PlatformKind = Platform['kind']

/** What an account is made from, on any platform. */
export interface AccountOptions {
  readonly token: string
  /** Where the platform's API is; the real one when absent. Only for tests and gateways. */
  readonly apiUrl?: string
  /** How long one call may take, ms. */
  readonly callTimeoutMs: number
  /** The platform's own user ids by lower-case e-mail: who can be mentioned. */
  readonly people: ReadonlyMap<string, string>
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void
}

/** Every platform by its name. Each loads its library when the first account is made, so that others cost nothing. */
export const platforms: Readonly<Record<PlatformKind, (options: AccountOptions) => Promise<Platform>>> = {
  slack: async (options) => (await import('./slack/slack.ts')).createSlack(options),
  discord: async (options) => (await import('./discord/discord.ts')).createDiscord(options),
}
