import { describe, expect, it } from 'vitest'
import { startWorkspace, toTold } from './sandbox-slack.ts'

const INCIDENTS = 'C0INCIDENTS'
const METADATA = { event_type: 'relay', event_payload: { key: 'k1', kind: 'card' } }
const RICH = [
  { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'words' }] }] },
]

describe('who may call', () => {
  it('knows its bot, and lists the scopes in a header', async () => {
    const { call } = await startWorkspace()
    const told = await call('auth.test')
    expect(told).toMatchObject({ ok: true, team_id: 'T0SANDBOX', bot_id: 'B0RELAY001', user_id: 'U0RELAY001' })
    expect(told.response_metadata).toMatchObject({ scopes: expect.arrayContaining(['chat:write']) })
  })

  it('refuses a token that is revoked, replaced or missing, and takes the new one', async () => {
    const { slack, client, call, apiUrl } = await startWorkspace()
    slack.revokeToken()
    expect((await call('auth.test')).error).toBe('token_revoked')
    slack.setToken('xoxb-new')
    expect((await call('auth.test')).error).toBe('invalid_auth')
    expect(await client.auth.test({ token: 'xoxb-new' })).toMatchObject({ ok: true })
    const bare = await fetch(`${apiUrl}auth.test`, { method: 'POST' })
    expect([bare.status, await bare.json()]).toEqual([200, { ok: false, error: 'not_authed' }])
  })

  it.each([
    ['chat.postMessage', { channel: INCIDENTS, text: 'x' }, 'chat:write'],
    ['chat.postMessage', { channel: INCIDENTS, text: 'x', username: 'Boss' }, 'chat:write'],
    ['conversations.history', { channel: INCIDENTS }, 'channels:history'],
    ['conversations.info', { channel: 'C0SECURITY' }, 'groups:read'],
    ['conversations.list', { types: 'public_channel,private_channel' }, 'channels:read'],
    ['conversations.join', { channel: 'C0GENERAL' }, 'channels:join'],
    ['users.lookupByEmail', { email: 'ann@example.com' }, 'users:read.email'],
  ])('%s %j takes the scope %s', async (method, args, needed) => {
    const { slack, call } = await startWorkspace()
    slack.setScopes(['users:read'])
    expect(await call(method, args)).toMatchObject({ error: 'missing_scope', needed, provided: 'users:read' })
  })

  it('answers unknown methods and bodies it cannot read as Slack does', async () => {
    const { slack, call, apiUrl } = await startWorkspace()
    expect(await call('chat.shout')).toMatchObject({ error: 'unknown_method', req_method: 'chat.shout' })
    const send = async (type: string, body: string) => {
      const headers = { 'content-type': type, authorization: `Bearer ${slack.token}` }
      return (await fetch(`${apiUrl}chat.postMessage`, { method: 'POST', headers, body })).json()
    }
    expect(await send('text/plain', 'hello')).toMatchObject({ error: 'invalid_post_type' })
    expect(await send('application/json', '{')).toMatchObject({ error: 'invalid_json' })
    const json = JSON.stringify({ channel: INCIDENTS, text: 'x', metadata: METADATA })
    expect(await send('application/json; charset=utf-8', json)).toMatchObject({
      ok: true,
      message: { metadata: METADATA },
    })
  })
})

describe('channels', () => {
  it.each([
    ['C0NOWHERE', 'channel_not_found'],
    ['C0SECURITY', 'channel_not_found'],
    ['C0GENERAL', 'not_in_channel'],
  ])('does not post to %s: %s', async (channel, error) => {
    const { slack, call } = await startWorkspace()
    expect((await call('chat.postMessage', { channel, text: 'x' })).error).toBe(error)
    expect(slack.state().channels.flatMap(({ messages }) => messages)).toEqual([])
  })

  it('lets the bot in by scope, by joining, and by a person', async () => {
    const { slack, call } = await startWorkspace()
    slack.setScopes(['chat:write', 'chat:write.public'])
    expect((await call('chat.postMessage', { channel: 'C0GENERAL', text: 'x' })).ok).toBe(true)
    slack.setScopes(['chat:write', 'channels:join', 'channels:read', 'groups:read'])
    expect(await call('conversations.join', { channel: 'C0GENERAL' })).toMatchObject({ channel: { is_member: true } })
    expect(await call('conversations.join', { channel: 'C0GENERAL' })).toMatchObject({ warning: 'already_in_channel' })
    slack.addBot('security')
    expect((await call('conversations.join', { channel: 'C0SECURITY' })).error).toBe(
      'method_not_supported_for_channel_type',
    )
    expect((await call('chat.postMessage', { channel: 'C0SECURITY', text: 'x' })).ok).toBe(true)
    slack.removeBot('security')
    expect((await call('conversations.info', { channel: 'C0SECURITY' })).error).toBe('channel_not_found')
  })

  it('refuses posts and edits in an archived channel until it is unarchived', async () => {
    const { slack, call } = await startWorkspace()
    const { ts } = await call('chat.postMessage', { channel: '#incidents', text: 'x' })
    slack.archive('incidents')
    expect((await call('chat.postMessage', { channel: INCIDENTS, text: 'x' })).error).toBe('is_archived')
    // Bots are no members of an archived channel.
    expect((await call('conversations.history', { channel: INCIDENTS })).error).toBe('not_in_channel')
    expect((await call('conversations.info', { channel: INCIDENTS }))['channel']).toMatchObject({ is_member: false })
    expect((await call('chat.update', { channel: INCIDENTS, ts, text: 'y' })).error).toBe('is_inactive')
    slack.unarchive('incidents')
    expect((await call('chat.update', { channel: INCIDENTS, ts, text: 'y' })).ok).toBe(true)
  })

  it('lists the channels it may see, page by page', async () => {
    const { client } = await startWorkspace()
    const seen: string[] = []
    for await (const page of client.paginate('conversations.list', {
      types: 'public_channel,private_channel',
      limit: 2,
    })) {
      seen.push(...toTold(page).channels.map(({ id }) => id))
    }
    expect(seen).toEqual(['C0INCIDENTS', 'C0PAYMENTS', 'C0GENERAL'])
  })
})

describe('people', () => {
  it('finds them by address and by id, and gives the address only to who may read it', async () => {
    const { slack, call } = await startWorkspace()
    const ann = { id: 'U0ANNLEE01', real_name: 'Ann Lee' }
    expect(await call('users.lookupByEmail', { email: 'Ann@Example.com' })).toMatchObject({ user: ann })
    expect((await call('users.lookupByEmail', { email: 'eve@example.com' })).error).toBe('users_not_found')
    expect((await call('users.info', { user: 'U0EVE' })).error).toBe('user_not_found')
    slack.setScopes(['users:read'])
    const { user } = await call('users.info', { user: ann.id })
    expect(user).toMatchObject(ann)
    expect(JSON.stringify(user)).not.toContain('@')
  })
})

describe('edits', () => {
  it('follows the rules of what an omitted member means', async () => {
    const { slack, call } = await startWorkspace()
    const blocks = [{ type: 'divider' }]
    const all = { text: 'one', blocks, attachments: [{ color: '#36A64F', text: 'bar' }], metadata: METADATA }
    const { ts, message } = await call('chat.postMessage', { channel: INCIDENTS, ...all })
    expect(message).toMatchObject({ ...all, attachments: [{ id: 1, color: '36a64f', text: 'bar' }] })
    const edit = async (args: object) => (await call('chat.update', { channel: INCIDENTS, ts, ...args })).message

    const withBlocks = await edit({ text: 'two', blocks })
    expect(withBlocks).toMatchObject({ text: 'two', metadata: METADATA, attachments: [{ text: 'bar' }] })
    expect(withBlocks).not.toHaveProperty('edited')
    expect(await edit({ attachments: [] })).toMatchObject({ text: 'two', blocks: [{ type: 'divider' }] })
    const textOnly = await edit({ text: 'three', metadata: {} })
    expect(textOnly).toMatchObject({ text: 'three', edited: { user: 'U0RELAY001' } })
    expect(textOnly).not.toHaveProperty('blocks')
    expect(textOnly).not.toHaveProperty('metadata')
    expect(slack.channel('incidents').messages).toMatchObject([{ ts, text: 'three', edits: 3, deleted: false }])
  })

  it('refuses what cannot be edited', async () => {
    const { slack, call } = await startWorkspace()
    const { ts } = await call('chat.postMessage', { channel: INCIDENTS, text: 'x', blocks: RICH })
    const annsTs = slack.postAs('Ann Lee', 'incidents', 'hello')
    const edit = async (args: object) => (await call('chat.update', { channel: INCIDENTS, ts, ...args })).error
    expect(await edit({ text: 'y'.repeat(4001), blocks: RICH })).toBe('msg_too_long')
    expect(await edit({ text: 'y', blocks: [{ type: 'divider' }] })).toBe('block_mismatch')
    expect(await edit({ metadata: METADATA })).toBe('no_text')
    expect(await edit({ ts: annsTs, text: 'y' })).toBe('cant_update_message')
    expect(await edit({ ts: '1700000000.000000', text: 'y' })).toBe('message_not_found')
    slack.deleteMessage('incidents', ts)
    expect(await edit({ text: 'y', blocks: RICH })).toBe('message_not_found')
    expect((await call('chat.delete', { channel: INCIDENTS, ts: annsTs })).error).toBe('cant_delete_message')
    expect((await call('chat.delete', { channel: INCIDENTS, ts })).error).toBe('message_not_found')
  })
})

describe('state', () => {
  it('shows roots with their threads, and every call with what came of it', async () => {
    const { slack, call } = await startWorkspace()
    const root = await call('chat.postMessage', { channel: INCIDENTS, text: 'card' })
    const thread = { channel: INCIDENTS, thread_ts: root.ts }
    await call('chat.postMessage', { ...thread, text: 'quiet' })
    await call('chat.postMessage', { ...thread, text: 'loud', reply_broadcast: true })
    await call('chat.postMessage', { channel: 'C0GENERAL', text: 'x' })
    const state = slack.state()
    expect(state.channels.map(({ name, messages }) => [name, messages.length])).toEqual([
      ['incidents', 1],
      ['payments', 0],
      ['general', 0],
      ['security', 0],
    ])
    expect(state.channels[0]?.messages).toMatchObject([
      {
        text: 'card',
        bot_id: 'B0RELAY001',
        pings: [],
        thread: [{ text: 'quiet' }, { text: 'loud', subtype: 'thread_broadcast' }],
      },
    ])
    const call1 = { at: 1_763_900_000_000, method: 'chat.postMessage', channel: INCIDENTS, status: 200 }
    expect(state.calls).toEqual([call1, call1, call1, { ...call1, channel: 'C0GENERAL', error: 'not_in_channel' }])
  })

  it('says when anything changed', async () => {
    let changes = 0
    const { slack, call } = await startWorkspace({ changed: () => (changes += 1) })
    await call('chat.postMessage', { channel: INCIDENTS, text: 'card' })
    slack.archive('payments')
    expect(changes).toBe(2)
    expect(() => slack.archive('nowhere')).toThrow('no channel nowhere')
  })
})
