import type { Message } from '../../src/message/message.ts'
import type { Found, MessageRef, Outcome, Platform } from '../../src/platform/platform.ts'
import { createSlack } from '../../src/platform/slack/slack.ts'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'
import type { SlackSandboxOptions } from '../../src/sandbox/slack.ts'
import { startWorkspace, type Workspace } from './sandbox-slack.ts'

export const INCIDENTS = 'C0INCIDENTS'
export const TIMEOUT_MS = 250
export const SETTLED_MS = TIMEOUT_MS + 15_000
export const PEOPLE = new Map([['ann@example.com', 'U0ANNLEE01']])

export const MESSAGE: Message = {
  tone: 'critical',
  summary: '[Critical] checkout <5xx>',
  title: { text: 'checkout <!channel>', url: 'https://console.example.com/i/1' },
  lines: [[{ kind: 'text', text: 'Triggered @here' }]],
  fields: [{ name: 'Severity', value: [{ kind: 'text', text: 'Critical' }] }],
  quote: '<@U0BENORT02> please look',
  links: [{ label: 'Open', url: 'https://console.example.com/i/1', style: 'primary' }],
  mentions: [{ kind: 'person', name: 'Ann Lee', email: 'ann@example.com' }],
}

export interface Setup extends Workspace {
  readonly platform: Platform
  readonly logs: string[]
  readonly postCard: (key?: string) => Promise<Outcome>
  readonly reply: (card: MessageRef, key?: string, broadcast?: boolean) => Promise<Outcome>
  readonly edit: (card: MessageRef) => Promise<Outcome>
  readonly find: (kind: 'card' | 'reply', key: string, card?: MessageRef) => Promise<Found>
  /** One misbehaviour of the next call of a method. */
  readonly next: (method: string, does: Misbehaviour) => void
}

/** A Slack platform on a workspace of its own. */
export async function setUp(options: Partial<SlackSandboxOptions> = {}, callTimeoutMs = TIMEOUT_MS): Promise<Setup> {
  const workspace = await startWorkspace(options)
  const logs: string[] = []
  const platform = createSlack({
    token: workspace.slack.token,
    apiUrl: workspace.apiUrl,
    callTimeoutMs,
    people: PEOPLE,
    monotonicMs: () => workspace.clock.nowMs,
    log: (level, message) => logs.push(`${level}: ${message}`),
  })
  const sentAtMs = workspace.clock.nowMs
  return {
    ...workspace,
    platform,
    logs,
    postCard: (key = 'k1') =>
      platform.postCard({ channel: INCIDENTS, key, drawn: platform.drawCard(MESSAGE, 'full', false) }),
    reply: (card, key = 'r1', broadcast = false) =>
      platform.reply({ card, key, broadcast, drawn: platform.drawReply(MESSAGE, 'full') }),
    edit: (card) => platform.editCard(card, platform.drawCard({ ...MESSAGE, tone: 'recovered' }, 'full', true)),
    find: (kind, key, card) =>
      platform.find({ kind, key, channel: INCIDENTS, sentAtMs, ...(card && { card }) }, sentAtMs + SETTLED_MS),
    next: (method, does) => workspace.faults.add({ platform: 'slack', method, does }),
  }
}

/** The ref of what was sent or found; throws for anything else. */
export function refOf(outcome: Outcome | Found): MessageRef {
  if (!('ref' in outcome)) throw new Error(JSON.stringify(outcome))
  return outcome.ref
}

/** Slack says no, with this error string. */
export function refusal(error: string): Misbehaviour {
  return { kind: 'status', status: 200, body: { ok: false, error } }
}
