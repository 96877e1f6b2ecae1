import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { startWorkspace, toTold } from './sandbox-slack.ts'
import type { Workspace } from './sandbox-slack.ts'

const INCIDENTS = 'C0INCIDENTS'

function post({ call }: Workspace, args: object) {
  return call('chat.postMessage', { channel: INCIDENTS, text: 'x', ...args })
}

async function texts({ call }: Workspace, method: string, args: object = {}) {
  return (await call(method, { channel: INCIDENTS, ...args })).messages.map(({ text }) => text)
}

describe('threads', () => {
  it('hangs a reply under its root, and shows a broadcast in the channel too', async () => {
    const workspace = await startWorkspace()
    const { ts } = await post(workspace, { text: 'card' })
    const reply = await post(workspace, { text: 'quiet', thread_ts: ts })
    expect(reply.message).toMatchObject({ thread_ts: ts, parent_user_id: 'U0RELAY001' })
    await post(workspace, { text: 'loud', thread_ts: ts, reply_broadcast: true })
    expect(await texts(workspace, 'conversations.replies', { ts })).toEqual(['card', 'quiet', 'loud'])
    expect(await texts(workspace, 'conversations.history')).toEqual(['loud', 'card'])
    const { messages } = await workspace.call('conversations.history', { channel: INCIDENTS })
    expect(messages[1]).toMatchObject({ thread_ts: ts, reply_count: 2, latest_reply: messages[0]?.ts })
    expect(await texts(workspace, 'conversations.replies', { ts: reply.ts })).toEqual(['quiet'])
  })

  it('lets a reply to a deleted root without replies fall into the channel', async () => {
    const workspace = await startWorkspace()
    const { ts } = await post(workspace, { text: 'card' })
    workspace.slack.deleteMessage('incidents', ts)
    const stray = await post(workspace, { text: 'stray', thread_ts: ts })
    expect(stray.ok).toBe(true)
    expect(stray.message).not.toHaveProperty('thread_ts')
    expect(await texts(workspace, 'conversations.history')).toEqual(['stray'])
    expect((await workspace.call('conversations.replies', { channel: INCIDENTS, ts })).error).toBe('thread_not_found')
  })

  it('keeps a tombstone as long as replies hang from it', async () => {
    const workspace = await startWorkspace()
    const { ts } = await post(workspace, { text: 'card' })
    const first = await post(workspace, { text: 'first', thread_ts: ts })
    expect((await workspace.call('chat.delete', { channel: INCIDENTS, ts })).ok).toBe(true)
    const second = await post(workspace, { text: 'second', thread_ts: ts })
    expect(second.message['thread_ts']).toBe(ts)
    const { messages } = await workspace.call('conversations.history', { channel: INCIDENTS })
    expect(messages).toMatchObject([{ subtype: 'tombstone', ts, reply_count: 2 }])
    expect((await workspace.call('chat.update', { channel: INCIDENTS, ts, text: 'y' })).error).toBe('message_not_found')
    for (const reply of [first, second]) workspace.slack.deleteMessage('incidents', reply.ts)
    expect((await post(workspace, { thread_ts: ts })).message).not.toHaveProperty('thread_ts')
    expect(workspace.slack.channel('incidents').messages).toMatchObject([
      { text: 'card', deleted: true, thread: [{ deleted: true }, { deleted: true }] },
      { text: 'x', deleted: false, thread: [] },
    ])
  })

  it('takes replies to roots only, and none in a locked thread', async () => {
    const workspace = await startWorkspace()
    const annsTs = workspace.slack.postAs('ann', 'incidents', 'look at this')
    const reply = await post(workspace, { thread_ts: annsTs })
    expect(reply.message).toMatchObject({ thread_ts: annsTs, parent_user_id: 'U0ANNLEE01' })
    expect((await post(workspace, { thread_ts: reply.ts })).error).toBe('cannot_reply_to_message')
    expect((await post(workspace, { thread_ts: 'yesterday' })).error).toBe('invalid_arguments')
    workspace.slack.lockThread('incidents', annsTs)
    expect((await post(workspace, { thread_ts: annsTs })).error).toBe('restricted_action_thread_locked')
  })

  it('links to roots and replies', async () => {
    const workspace = await startWorkspace()
    const { ts } = await post(workspace, {})
    const reply = await post(workspace, { thread_ts: ts })
    const link = async (message_ts: string) =>
      (await workspace.call('chat.getPermalink', { channel: INCIDENTS, message_ts }))['permalink']
    expect(await link(ts)).toBe('https://sandbox.slack.com/archives/C0INCIDENTS/p1763900000000100')
    expect(await link(reply.ts)).toMatch(/p1763900000000200\?thread_ts=1763900000\.000100&cid=C0INCIDENTS$/)
    expect(await link('1.000000')).toBeUndefined()
  })
})

describe('a create that is sent twice', () => {
  it('makes one message for one client_msg_id', async () => {
    const workspace = await startWorkspace()
    const client_msg_id = randomUUID()
    const first = await post(workspace, { client_msg_id })
    const second = await post(workspace, { client_msg_id })
    expect(second).toMatchObject({ ok: true, ts: first.ts, is_duplicate: true })
    expect(first).not.toHaveProperty('is_duplicate')
    workspace.slack.deleteMessage('incidents', first.ts)
    expect((await post(workspace, { client_msg_id })).error).toBe('duplicate_message_not_found')
    expect((await post(workspace, { client_msg_id: 'not-a-uuid' })).error).toBe('invalid_arguments')
    expect(workspace.slack.channel('incidents').messages).toHaveLength(1)
  })

  it('makes two where Slack does not keep its undocumented word', async () => {
    const workspace = await startWorkspace({ deduplicates: false })
    const client_msg_id = randomUUID()
    await post(workspace, { client_msg_id })
    await post(workspace, { client_msg_id })
    expect(workspace.slack.channel('incidents').messages).toHaveLength(2)
  })
})

describe('reading back', () => {
  it('gives metadata away only when asked for all of it', async () => {
    const workspace = await startWorkspace()
    const metadata = { event_type: 'relay', event_payload: { key: 'k1', seq: 2, last: true } }
    const { ts, message } = await post(workspace, { metadata })
    expect(message['metadata']).toEqual(metadata)
    await post(workspace, { metadata, thread_ts: ts })
    for (const method of ['conversations.history', 'conversations.replies']) {
      const read = async (args: object) => {
        const { messages } = await workspace.call(method, { channel: INCIDENTS, ts, ...args })
        return messages.at(-1)?.['metadata']
      }
      expect(await read({ include_all_metadata: true })).toEqual(metadata)
      expect(await read({})).toEqual({ event_type: 'relay' })
    }
  })

  it('pages through a channel newest first and through a thread oldest first', async () => {
    const workspace = await startWorkspace()
    const { ts } = await post(workspace, { text: 'root' })
    for (const text of ['a', 'b', 'c']) {
      await post(workspace, { text: `${text} reply`, thread_ts: ts })
      await post(workspace, { text })
    }
    const pages = async (method: string) => {
      const found: (readonly string[])[] = []
      for await (const page of workspace.client.paginate(method, { channel: INCIDENTS, ts, limit: 2 })) {
        found.push(toTold(page).messages.map(({ text }) => text))
      }
      return found
    }
    expect(await pages('conversations.history')).toEqual([
      ['c', 'b'],
      ['a', 'root'],
    ])
    expect(await pages('conversations.replies')).toEqual([
      ['root', 'a reply', 'b reply'],
      ['root', 'c reply'],
    ])
  })

  it('leaves the ends of a range out unless they are included', async () => {
    const workspace = await startWorkspace()
    const all: string[] = []
    for (const text of ['a', 'b', 'c']) {
      all.push((await post(workspace, { text })).ts)
      workspace.clock.nowMs += 1000
    }
    const range = { oldest: all[0], latest: all[2] }
    expect(await texts(workspace, 'conversations.history', range)).toEqual(['b'])
    expect(await texts(workspace, 'conversations.history', { ...range, inclusive: true })).toEqual(['c', 'b', 'a'])
    expect(await texts(workspace, 'conversations.history', { oldest: '1763900001' })).toEqual(['c', 'b'])
  })

  it.each([
    ['conversations.history', { oldest: 'yesterday' }, 'invalid_ts_oldest'],
    ['conversations.history', { latest: 'tomorrow' }, 'invalid_ts_latest'],
    ['conversations.history', { cursor: 'x' }, 'invalid_cursor'],
    ['conversations.history', { limit: 1000 }, 'invalid_limit'],
    ['conversations.history', { channel: 'C0GENERAL' }, 'not_in_channel'],
    ['conversations.replies', { ts: '1.000000' }, 'thread_not_found'],
  ])('refuses %s %j: %s', async (method, args, error) => {
    const { call } = await startWorkspace()
    expect((await call(method, { channel: INCIDENTS, ...args })).error).toBe(error)
  })

  it('gives every message of a channel a later ts than the one before, whatever the clock does', async () => {
    const workspace = await startWorkspace()
    const all: string[] = []
    for (const step of [0, 0, -60_000, 5]) {
      workspace.clock.nowMs += step
      all.push((await post(workspace, {})).ts)
    }
    expect(all[0]).toBe('1763900000.000100')
    expect(all).toEqual([...new Set(all)].toSorted())
  })
})
