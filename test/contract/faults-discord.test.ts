import { describe, expect, it } from 'vitest'
import { createDiscord } from '../../src/platform/discord/discord.ts'
import type { Found, MessageRef, Outcome, Platform } from '../../src/platform/platform.ts'
import { MESSAGE, PEOPLE, refOf, refusal } from './discord-setup.ts'
import { ANSWERS, callsTo, callTimeoutMs, NOWHERE, toCells, toNowhere, verdictOf } from './fault-kinds.ts'
import type { DiscordFault } from './fault-kinds.ts'
import { TEXT, type TextOperation } from './faults-discord-table.ts'
import { FORUM as FORUM_TABLE, type ForumOperation } from './faults-forum-table.ts'
import { FORUM, INCIDENTS, START_MS, startGuild, type Guild } from './sandbox-discord.ts'

const CREATE = 'POST /channels/:id/messages'
const LOOK = 'GET /channels/:id'
const OPEN = 'PATCH /channels/:id'

interface Step {
  /** The call that the fault hits. */
  readonly hits: string
  /** What happened to the card's thread before. */
  readonly archived?: true
  /** Discord answers the first call so, before the fault. */
  readonly first?: { readonly method: string; readonly code: number }
}

const IN_TEXT: Readonly<Record<TextOperation, Step>> = {
  card: { hits: CREATE },
  'card, looking at the channel': { hits: LOOK },
  edit: { hits: 'PATCH /channels/:id/messages/:mid' },
  thread: { hits: 'POST /channels/:id/messages/:mid/threads' },
  reply: { hits: CREATE },
  'reply, archived': { hits: CREATE, archived: true },
  'find a card': { hits: 'GET /channels/:id/messages' },
  'find a reply': { hits: 'GET /channels/:id/messages' },
}
const IN_FORUM: Readonly<Record<ForumOperation, Step>> = {
  card: { hits: 'POST /channels/:id/threads' },
  'edit, looking why': { hits: LOOK, archived: true },
  'edit, un-archiving': { hits: OPEN, archived: true },
  'reply, archived': { hits: CREATE, archived: true },
  'reply, un-archiving': { hits: OPEN, archived: true, first: { method: CREATE, code: 50083 } },
  'find a card': { hits: 'GET /guilds/:id/threads/active' },
}

function connect({ discord }: Guild, apiUrl: string, timeoutMs: number): Promise<Platform> {
  return createDiscord({ token: discord.token, apiUrl, callTimeoutMs: timeoutMs, people: PEOPLE, log: () => {} })
}

/** Long enough after the create that its nonce is worth nothing. */
const LOOK_AT_MS = START_MS + 10 * 60_000

function act(platform: Platform, operation: string, channel: string, card: MessageRef): Promise<Outcome | Found> {
  const lost = { channel, sentAtMs: START_MS }
  switch (operation.split(',')[0] ?? '') {
    case 'card':
      return platform.postCard({ channel, key: 'k', drawn: platform.drawCard(MESSAGE, 'full', false) })
    case 'edit':
      return platform.editCard(card, platform.drawCard(MESSAGE, 'full', true))
    case 'thread':
      return platform.startThread({ channel, message: card.message }, platform.drawCard(MESSAGE, 'full', true))
    case 'reply':
      return platform.reply({ card, key: 'r', broadcast: false, drawn: platform.drawReply(MESSAGE, 'full') })
    case 'find a card':
      return platform.find({ ...lost, kind: 'card', key: 'c' }, LOOK_AT_MS)
    case 'find a reply':
      return platform.find({ ...lost, kind: 'reply', card, key: 'found' }, LOOK_AT_MS)
    default:
      throw new Error(operation)
  }
}

/** What an operation left behind, or of a look-up what was there to be found. */
function thereIs({ discord }: Guild, operation: string, channel: string): number {
  const [first, ...cards] = discord.channel(channel).messages
  if (operation.startsWith('card')) return cards.length
  if (operation.endsWith('un-archiving') || operation.endsWith('why')) return Number(!first?.thread_info?.archived)
  if (operation === 'edit') return first?.edits ?? 0
  if (operation === 'thread') return Number(first?.thread_info !== undefined)
  return operation === 'find a card' ? 1 : (first?.thread.length ?? 0)
}

/** A channel with a card, its thread, and, for a look-up, what is looked for. */
async function prepare(guild: Guild, operation: string, channel: string, { archived, first }: Step) {
  const calm = await connect(guild, guild.client.options.api, 10_000)
  const drawn = calm.drawCard(MESSAGE, 'full', false)
  const posted = refOf(await calm.postCard({ channel, key: 'c', drawn }))
  const card = operation === 'thread' ? posted : refOf(await calm.startThread(posted, drawn))
  const reply = { card, key: 'found', broadcast: false, drawn: calm.drawReply(MESSAGE, 'full') }
  if (operation === 'find a reply') await calm.reply(reply)
  if (archived === true) guild.discord.archiveThread(card.thread ?? '')
  if (first !== undefined) guild.faults.add({ platform: 'discord', method: first.method, does: refusal(first.code) })
  return { calm, card }
}

async function strike(guild: Guild, fault: DiscordFault, { hits }: Step): Promise<string> {
  if (fault === 'refused' || fault === 'no such host') return toNowhere(fault)
  guild.faults.add({ platform: 'discord', method: hits, does: ANSWERS[fault] })
  return guild.client.options.api
}

const CELLS = [
  ...toCells(TEXT).map(([fault, operation, cell]) => {
    return { where: 'text', channel: INCIDENTS, fault, operation, cell, step: IN_TEXT[operation] }
  }),
  ...toCells(FORUM_TABLE).map(([fault, operation, cell]) => {
    return { where: 'forum', channel: FORUM, fault, operation, cell, step: IN_FORUM[operation] }
  }),
]

describe('every fault of Discord has its answer', () => {
  it.each(CELLS)('$where: $fault: $operation', async ({ channel, fault, operation, cell, step }) => {
    const guild = await startGuild()
    const { calm, card } = await prepare(guild, operation, channel, step)
    const apiUrl = await strike(guild, fault, step)
    const platform = await connect(guild, apiUrl, callTimeoutMs(fault))
    const before = callsTo(apiUrl)
    const result = await act(platform, operation, channel, card)
    expect([verdictOf(result), callsTo(apiUrl) - before, thereIs(guild, operation, channel)]).toEqual(cell)
    // The fault is over, and nothing of it is left in the client.
    const nowhere = NOWHERE.some((one) => one === fault)
    guild.faults.clear()
    let again = await act(nowhere ? calm : platform, operation, channel, card)
    if (again.kind === 'retry' && again.reason === 'archived') {
      again = await act(nowhere ? calm : platform, operation, channel, card)
    }
    expect(again.kind).toBe(operation.startsWith('find') ? 'found' : 'sent')
    // A post has no key that Discord knows: sent again without a look it is there twice.
    const twice = channel === FORUM && operation === 'card' && cell[2] === 1
    if (operation !== 'edit') expect(thereIs(guild, operation, channel)).toBe(twice ? 2 : 1)
  })

  it('in as many cells as the tables have', () => {
    expect(CELLS).toHaveLength(19 * 8 + 19 * 6)
  })
})
