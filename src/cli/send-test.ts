import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import type { Message } from '../message/message.ts'
import { didYouMean } from '../nearest.ts'
import { createAccounts, toOutlets } from '../outlets.ts'
import type { MessageRef, Outcome, Platform } from '../platform/platform.ts'
import { createLog } from '../ops/log.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import { createInspector, inspectAccounts } from './inspect-accounts.ts'
import { clean, toLines } from './online.ts'

export interface SendTestOptions {
  readonly to: string
  readonly config: string
  readonly dryRun?: true
  readonly json?: true
  readonly env: Environment
  readonly write: (line: string) => void
}

/** What came of it, for machines too. */
interface Sent {
  readonly destination: string
  readonly channel: string
  /** What was done, in order. */
  readonly did: readonly string[]
  readonly link?: string
  readonly failed?: {
    readonly step: string
    readonly outcome: Exclude<Outcome['kind'], 'sent'>
    readonly detail: string
  }
  readonly findings?: readonly { readonly says: string; readonly repair?: string }[]
}

/**
 * Post a card that says it is a test, edit it, and reply in its thread, through what the relay posts with. It needs no
 * store, so a relay may run meanwhile. The exit code: 0 if all of it was done, 1 if not. Throws a {@link CliError} if
 * the configuration cannot be used or has no such destination.
 */
export async function sendTest(options: SendTestOptions): Promise<number> {
  const { to, json, write } = options
  const loaded = loadConfig(options.config, { env: options.env })
  if ('problems' in loaded) throw new CliError(EXIT.config, loaded.problems.map(formatProblem))
  const { config } = loaded
  const destination = Object.hasOwn(config.destinations, to) ? config.destinations[to] : undefined
  if (destination === undefined) {
    const known = Object.keys(config.destinations)
    const hint = didYouMean(to, known) || ` (there are ${known.join(', ')})`
    throw new CliError(EXIT.usage, [`there is no destination "${to}"${hint}`])
  }
  const { account, channel } = destination
  const only = { ...config, accounts: pick(config.accounts, account), destinations: { [to]: destination } }
  const accounts = await createAccounts(only, createLog({ level: 'silent', secrets: () => [] }))
  const platform = toOutlets(only, accounts).get(to)?.platform
  if (platform === undefined) throw new Error(`no account ${account}`)
  try {
    if (options.dryRun) return describe(options, platform, channel, account)
    const sent = await send(platform, to, channel, only)
    if (json) write(JSON.stringify(sent))
    else for (const line of toReport(sent)) write(line)
    return sent.failed === undefined ? EXIT.ok : EXIT.failed
  } finally {
    await platform.stop()
  }
}

/** A test says so in its first word, calls nobody and looks like no incident. */
function toCard(text: string, tone: Message['tone']): Message {
  return {
    tone,
    summary: `[TEST] ${text}`,
    title: { text: '[TEST] Incident relay' },
    lines: [[{ kind: 'text', text }]],
    fields: [],
    links: [],
    footer: [{ kind: 'text', text: 'Sent by hand to see whether it arrives. There is no incident.' }],
    mentions: [],
  }
}

const POSTED = toCard('This card was posted. If it stays like this, it could not be edited.', 'info')
const EDITED = toCard('This card was posted, then edited. Its thread has one reply.', 'recovered')
const REPLY: Message = {
  tone: 'neutral',
  summary: '[TEST] This is the reply in the thread.',
  lines: [[{ kind: 'text', text: '[TEST] This is the reply in the thread.' }]],
  fields: [],
  links: [],
  mentions: [],
}

async function send(platform: Platform, to: string, channel: string, config: Config): Promise<Sent> {
  const key = `test/${randomUUID()}`
  const did: string[] = []
  let card: MessageRef | undefined
  const posted = (): MessageRef => {
    if (card === undefined) throw new Error('there is no card yet')
    return card
  }
  const drawn = platform.drawCard(POSTED, 'full', false)
  const steps: readonly (readonly [name: string, done: string, make: () => Promise<Outcome>])[] = [
    ['post the card', 'posted a card', () => platform.postCard({ channel, drawn, key })],
    ['edit the card', 'edited it', () => platform.editCard(posted(), platform.drawCard(EDITED, 'full', true))],
    ['start the thread', 'started its thread', () => platform.startThread(posted(), drawn)],
    [
      'reply',
      'replied in it',
      () =>
        platform.reply({
          card: posted(),
          drawn: platform.drawReply(REPLY, 'full'),
          key: `${key}/reply`,
          broadcast: false,
        }),
    ],
  ]
  const destination = { destination: to, channel }
  for (const [step, done, make] of steps) {
    const outcome = await patiently(make)
    if (outcome.kind !== 'sent') {
      const failed = { step, outcome: outcome.kind, detail: outcome.detail }
      return {
        ...destination,
        did,
        ...(await linkTo(config, to, card)),
        failed,
        findings: await repair(config, to, outcome),
      }
    }
    did.push(done)
    // The reply has a ref of its own.
    if (step !== 'reply') card = outcome.ref
  }
  return { ...destination, did, ...(await linkTo(config, to, card)) }
}

/** Ours: a person is waiting, and a platform that asks for more has a reason to be left alone. */
const LONGEST_WAIT_MS = 30_000

/** Once more after the wait a platform asked for; an archived thread was opened by the first try. */
async function patiently(make: () => Promise<Outcome>): Promise<Outcome> {
  const first = await make()
  const again = first.kind === 'retry' && (first.reason === 'rate_limited' || first.reason === 'archived')
  const waitMs = first.kind === 'retry' ? (first.afterMs ?? 1_000) : 0
  if (!again || waitMs > LONGEST_WAIT_MS) return first
  await sleep(waitMs)
  return make()
}

async function linkTo(config: Config, to: string, card: MessageRef | undefined): Promise<{ readonly link?: string }> {
  if (card === undefined) return {}
  const inspector = await createInspector(config, config.destinations[to]?.account ?? '')
  try {
    const link = await inspector.linkTo(card)
    return link === undefined ? {} : { link }
  } finally {
    await inspector.stop()
  }
}

/** What the platform's own word for it asks for, and what is wrong there as far as it can be seen. */
async function repair(config: Config, to: string, outcome: Exclude<Outcome, { kind: 'sent' }>) {
  if (outcome.kind === 'unknown') {
    return [{ says: 'it may have been posted', repair: 'look into the channel before you try again' }]
  }
  const inspector = await createInspector(config, config.destinations[to]?.account ?? '')
  const seen = (await inspectAccounts(config)).filter(({ verdict }) => verdict === 'wrong')
  const known = inspector.repairOf(outcome.detail)
  await inspector.stop()
  const found = seen.map(({ says, repair: fix }) => ({ says, ...(fix !== undefined && { repair: fix }) }))
  const said =
    known === undefined || found.some((one) => one.repair === known) ? [] : [{ says: outcome.detail, repair: known }]
  const all = [...found, ...said]
  return clean(
    all.length > 0 ? all : [{ says: outcome.detail, repair: 'run check --online for all that can be seen' }],
    config,
  )
}

function* toReport({ destination, channel, did, link, failed, findings = [] }: Sent): Generator<string> {
  for (const done of did) yield `ok     ${done}`
  if (failed !== undefined) yield `FAILED to ${failed.step}: ${failed.detail} (${failed.outcome})`
  for (const { says, repair: fix } of findings) {
    for (const line of toLines({ verdict: 'wrong', says, ...(fix !== undefined && { repair: fix }) })) yield `  ${line}`
  }
  if (link !== undefined) yield `See it at ${link}`
  if (failed === undefined) yield `${destination} (${channel}) works. The card may be deleted by hand.`
}

function describe({ to, json, write }: SendTestOptions, platform: Platform, channel: string, account: string): number {
  const drawn = { card: platform.drawCard(POSTED, 'full', false), reply: platform.drawReply(REPLY, 'full') }
  if (json) write(JSON.stringify({ destination: to, account, channel, platform: platform.kind, ...drawn }))
  else {
    write(`would post into ${channel} as ${account} (${platform.kind}): ${POSTED.summary}`)
    write(`would edit it: ${EDITED.summary}`)
    write(`would reply in its thread: ${REPLY.summary}`)
    write('Nothing was sent; --json shows what would be.')
  }
  return EXIT.ok
}

function pick<T>(all: Readonly<Record<string, T>>, name: string): Record<string, T> {
  const one = all[name]
  return one === undefined ? {} : { [name]: one }
}
