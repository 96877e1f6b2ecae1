import type { Message } from '../../src/message/message.ts'
import { createDiscord } from '../../src/platform/discord/discord.ts'
import type { Detail, Found, MessageRef, Outcome, Platform } from '../../src/platform/platform.ts'
import type { DiscordSandboxOptions } from '../../src/sandbox/discord.ts'
import type { DiscordRootState } from '../../src/sandbox/discord/state.ts'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'
import { ANA, INCIDENTS, START_MS, startGuild, type Guild } from './sandbox-discord.ts'

export const TIMEOUT_MS = 250
export const PEOPLE = new Map([['ann@example.com', ANA]])

export const MESSAGE: Message = {
  tone: 'critical',
  summary: '[Critical] checkout <5xx>',
  title: { text: '🔴 checkout @everyone', url: 'https://console.example.com/i/1' },
  lines: [[{ kind: 'text', text: 'Triggered <@1100000000000000012>' }]],
  fields: [{ name: 'Severity', value: [{ kind: 'text', text: 'Critical' }] }],
  links: [{ label: 'Open', url: 'https://console.example.com/i/1', style: 'primary' }],
  footer: [{ kind: 'text', text: '#1042' }],
  mentions: [{ kind: 'person', name: 'Ann Lee', email: 'ann@example.com' }],
}

const REPLY: Message = { tone: 'processing', summary: 'Ann took it', lines: [], fields: [], links: [], mentions: [] }

export interface Setup extends Guild {
  readonly platform: Platform
  readonly logs: string[]
  readonly postCard: (options?: {
    key?: string
    channel?: string
    message?: Message
    detail?: Detail
  }) => Promise<Outcome>
  readonly start: (card: MessageRef) => Promise<Outcome>
  readonly reply: (card: MessageRef, key?: string) => Promise<Outcome>
  readonly edit: (card: MessageRef, detail?: Detail) => Promise<Outcome>
  /** Look for what was sent at the sandbox's start, so long after. */
  readonly find: (lost: { card?: MessageRef; channel?: string; key?: string }, afterMs: number) => Promise<Found>
  /** One misbehaviour of the next call of a method. */
  readonly next: (method: string, does: Misbehaviour) => void
  /** The cards in a channel, oldest first. */
  readonly cards: (channel?: string) => readonly DiscordRootState[]
}

/** A Discord platform on a guild of its own. */
export async function setUp(options: Partial<DiscordSandboxOptions> = {}): Promise<Setup> {
  const guild = await startGuild(options)
  const logs: string[] = []
  const platform = await createDiscord({
    token: guild.discord.token,
    apiUrl: guild.client.options.api,
    callTimeoutMs: TIMEOUT_MS,
    people: PEOPLE,
    log: (level, message) => logs.push(`${level}: ${message}`),
  })
  return {
    ...guild,
    platform,
    logs,
    postCard: ({ key = 'k1', channel = INCIDENTS, message = MESSAGE, detail = 'full' } = {}) =>
      platform.postCard({ channel, key, drawn: platform.drawCard(message, detail, false) }),
    start: (card) => platform.startThread(card, platform.drawCard(MESSAGE, 'full', true)),
    reply: (card, key = 'r1') =>
      platform.reply({ card, key, broadcast: false, drawn: platform.drawReply(REPLY, 'full') }),
    edit: (card, detail = 'full') =>
      platform.editCard(card, platform.drawCard({ ...MESSAGE, tone: 'recovered' }, detail, true)),
    find: ({ card, channel = INCIDENTS, key = card === undefined ? 'k1' : 'r1' }, afterMs) =>
      platform.find(
        { kind: card === undefined ? 'card' : 'reply', channel, key, sentAtMs: START_MS, ...(card && { card }) },
        START_MS + afterMs,
      ),
    next: (method, does) => guild.faults.add({ platform: 'discord', method, does }),
    cards: (channel = INCIDENTS) => guild.discord.channel(channel).messages,
  }
}

/** The ref of what was sent or found; throws for anything else. */
export function refOf(outcome: Outcome | Found): MessageRef {
  if (!('ref' in outcome)) throw new Error(JSON.stringify(outcome))
  return outcome.ref
}

/** Discord says no, with this code. */
export function refusal(code: number, status = 400): Misbehaviour {
  return { kind: 'status', status, body: { code, message: 'no' } }
}
