import { describe, expect, it } from 'vitest'
import type { Found, MessageRef, Outcome, Platform } from '../../src/platform/platform.ts'
import { createSlack } from '../../src/platform/slack/slack.ts'
import { callsTo, callTimeoutMs, NOWHERE, SLACK_ANSWERS, toCells, toNowhere, verdictOf } from './fault-kinds.ts'
import type { SlackFault } from './fault-kinds.ts'
import { SLACK, type SlackOperation } from './faults-slack-table.ts'
import { startWorkspace, type Workspace } from './sandbox-slack.ts'
import { INCIDENTS, MESSAGE, PEOPLE, refOf, SETTLED_MS } from './slack-setup.ts'

/** The call that the fault hits. */
const HITS: Readonly<Record<SlackOperation, string>> = {
  card: 'chat.postMessage',
  edit: 'chat.update',
  reply: 'chat.postMessage',
  'find a card': 'conversations.history',
  'find a reply': 'conversations.replies',
}

function connect({ slack }: Workspace, apiUrl: string, timeoutMs: number): Platform {
  return createSlack({ token: slack.token, apiUrl, callTimeoutMs: timeoutMs, people: PEOPLE, log: () => {} })
}

function act(platform: Platform, operation: SlackOperation, card: MessageRef, nowMs: number): Promise<Outcome | Found> {
  const reply = { card, key: 'r', broadcast: false, drawn: platform.drawReply(MESSAGE, 'full') }
  const lost = { channel: INCIDENTS, sentAtMs: nowMs }
  switch (operation) {
    case 'card':
      return platform.postCard({ channel: INCIDENTS, key: 'k', drawn: platform.drawCard(MESSAGE, 'full', false) })
    case 'edit':
      return platform.editCard(card, platform.drawCard(MESSAGE, 'full', true))
    case 'reply':
      return platform.reply(reply)
    case 'find a card':
      return platform.find({ ...lost, kind: 'card', key: 'c' }, nowMs + SETTLED_MS + 10_000)
    case 'find a reply':
      return platform.find({ ...lost, kind: 'reply', card, key: 'found' }, nowMs + SETTLED_MS + 10_000)
  }
}

/** What an operation left behind, or of a look-up what was there to be found. */
function thereIs({ slack }: Workspace, operation: SlackOperation): number {
  const [first, ...cards] = slack.channel(INCIDENTS).messages
  const replies = first?.thread.length ?? 0
  const there = {
    card: cards.length,
    edit: first?.edits ?? 0,
    reply: replies,
    'find a card': 1,
    'find a reply': replies,
  }
  return there[operation]
}

/** A channel with a card and, for a look-up, what is looked for. */
async function prepare(workspace: Workspace, operation: SlackOperation) {
  const calm = connect(workspace, workspace.apiUrl, 10_000)
  const card = refOf(
    await calm.postCard({ channel: INCIDENTS, key: 'c', drawn: calm.drawCard(MESSAGE, 'full', false) }),
  )
  const reply = { card, key: 'found', broadcast: false, drawn: calm.drawReply(MESSAGE, 'full') }
  if (operation === 'find a reply') await calm.reply(reply)
  return { calm, card }
}

async function strike(workspace: Workspace, fault: SlackFault, operation: SlackOperation): Promise<string> {
  if (fault === 'refused' || fault === 'no such host') return toNowhere(fault)
  workspace.faults.add({ platform: 'slack', method: HITS[operation], does: SLACK_ANSWERS[fault] })
  return workspace.apiUrl
}

const CELLS = toCells(SLACK)

describe('every fault of Slack has its answer', () => {
  it.each(CELLS)('%s: %s', async (fault, operation, cell) => {
    const workspace = await startWorkspace()
    const { nowMs } = workspace.clock
    const { calm, card } = await prepare(workspace, operation)
    const apiUrl = await strike(workspace, fault, operation)
    const platform = connect(workspace, apiUrl, callTimeoutMs(fault))
    const before = callsTo(apiUrl)
    const result = await act(platform, operation, card, nowMs)
    expect([verdictOf(result), callsTo(apiUrl) - before, thereIs(workspace, operation)]).toEqual(cell)
    // The fault is over: nothing of it is left in the client, and the key makes no second message.
    const again = await act(NOWHERE.some((one) => one === fault) ? calm : platform, operation, card, nowMs)
    expect(again.kind).toBe(operation.startsWith('find') ? 'found' : 'sent')
    if (operation !== 'edit') expect(thereIs(workspace, operation)).toBe(1)
  })

  it('in as many cells as the table has', () => {
    expect(CELLS).toHaveLength(21 * 5)
  })

  it('but for what needs no call: a thread is there with its card', async () => {
    const workspace = await startWorkspace()
    const { calm, card } = await prepare(workspace, 'card')
    const before = callsTo(workspace.apiUrl)
    expect(await calm.startThread(card, {})).toEqual({ kind: 'sent', ref: card })
    expect(callsTo(workspace.apiUrl)).toBe(before)
  })
})
