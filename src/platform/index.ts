import type { Inspector, InspectorOptions } from './inspect.ts'
import type { AccountOptions, Platform } from './platform.ts'

/** The chat platforms there are. */
export type PlatformKind = Platform['kind']

/** Every platform by its name. Each loads its library when the first account is made, so that others cost nothing. */
export const platforms: Readonly<Record<PlatformKind, (options: AccountOptions) => Promise<Platform>>> = {
  slack: async (options) => (await import('./slack/slack.ts')).createSlack(options),
  discord: async (options) => (await import('./discord/discord.ts')).createDiscord(options),
}

/** Who looks at an account of each platform before messages are sent. */
export const inspectors: Readonly<Record<PlatformKind, (options: InspectorOptions) => Promise<Inspector>>> = {
  slack: async (options) => (await import('./slack/inspect.ts')).createSlackInspector(options),
  discord: async (options) => (await import('./discord/inspect.ts')).createDiscordInspector(options),
}
