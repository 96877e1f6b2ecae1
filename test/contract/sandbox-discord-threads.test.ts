import { describe, expect, it } from 'vitest'
import type { Told } from './sandbox-discord.ts'
import { BOT, FORUM, GUILD, INCIDENTS, startGuild } from './sandbox-discord.ts'

const MINUTE = 60_000
const names = ({ body }: Told) => body.threads.map(({ name }) => name)
const OPEN = { thread_metadata: { archived: false } }

describe('threads', () => {
  it('start from a message, once, and have its id', async () => {
    const { discord, call, post } = await startGuild()
    const { id } = (await post(INCIDENTS, { content: 'card' })).body
    const path = `/channels/${INCIDENTS}/messages/${id}/threads` as const
    const started = (await call('post', path, { name: 'INC-1', auto_archive_duration: 60 })).body
    expect(started).toMatchObject({ id, type: 11, parent_id: INCIDENTS, owner_id: BOT, name: 'INC-1' })
    expect(await call('post', path, { name: 'again' })).toMatchObject({ status: 400, code: 160004 })
    const reply = (await post(id, { content: 'reply' })).body
    expect(reply.channel_id).toBe(id)
    expect((await call('get', `/channels/${id}`)).body).toMatchObject({ name: 'INC-1', message_count: 1 })
    const page = (await call('get', `/channels/${id}/messages`)).list
    expect(page).toMatchObject([{ id: reply.id }, { type: 21, message_reference: { message_id: id } }])
    expect((await call('get', `/channels/${INCIDENTS}/messages/${id}`)).body['flags']).toBe(32)
    const [root, ...others] = discord.channel('incidents').messages
    expect(others).toEqual([])
    expect(root).toMatchObject({ id, thread: [{ id: reply.id, content: 'reply', pings: [] }] })
    expect(root?.thread_info).toMatchObject({ id, name: 'INC-1', archived: false, locked: false, deleted: false })
    expect(discord.state().channels.map(({ name, type }) => [name, type])).toEqual([
      ['incidents', 0],
      ['payments', 0],
      ['incident-forum', 15],
      ['board-room', 0],
    ])
  })

  it('are announced in the channel if the message is not fresh', async () => {
    const { discord, clock, call, post } = await startGuild()
    const { id } = (await post(INCIDENTS, { content: 'card' })).body
    clock.nowMs += 10 * MINUTE
    await call('post', `/channels/${INCIDENTS}/messages/${id}/threads`, { name: 'late' })
    expect(discord.channel('incidents').messages).toMatchObject([{ id }, { type: 18, content: 'late' }])
  })

  it.each([
    [{ name: '' }, 'name', 'BASE_TYPE_BAD_LENGTH'],
    [{ name: 'x'.repeat(101) }, 'name', 'BASE_TYPE_BAD_LENGTH'],
    [{}, 'name', 'BASE_TYPE_REQUIRED'],
    [{ name: 'n', auto_archive_duration: 61 }, 'auto_archive_duration', 'BASE_TYPE_CHOICES'],
  ])('%j is refused at %s', async (body, key, code) => {
    const { call, post } = await startGuild()
    const { id } = (await post(INCIDENTS, { content: 'card' })).body
    const told = await call('post', `/channels/${INCIDENTS}/messages/${id}/threads`, body)
    expect(told.errors).toMatchObject({ [key]: { _errors: [{ code }] } })
  })

  it('take permissions of their own', async () => {
    const { discord, call, post, startThread } = await startGuild()
    const thread = await startThread()
    discord.removePermission('incidents', 'SEND_MESSAGES_IN_THREADS')
    discord.removePermission('incidents', 'CREATE_PUBLIC_THREADS')
    expect((await post(thread, { content: 'x' })).code).toBe(50013)
    const { id } = (await post(INCIDENTS, { content: 'card' })).body
    expect((await call('post', `/channels/${INCIDENTS}/messages/${id}/threads`, { name: 'n' })).code).toBe(50013)
    discord.restorePermission('incidents', 'SEND_MESSAGES_IN_THREADS')
    discord.removePermission('incidents', 'SEND_MESSAGES')
    expect((await post(thread, { content: 'x' })).status).toBe(200)
  })

  it('open again when somebody writes, but not for an edit', async () => {
    const { discord, call, post, startThread } = await startGuild()
    const thread = await startThread()
    const { id } = (await post(thread, { content: 'x' })).body
    discord.archiveThread(thread)
    const path = `/channels/${thread}/messages/${id}` as const
    expect((await call('patch', path, { content: 'y' })).code).toBe(50083)
    expect((await call('patch', `/channels/${thread}`, { name: 'y' })).code).toBe(50083)
    expect((await call('patch', `/channels/${INCIDENTS}/messages/${thread}`, { content: 'card' })).status).toBe(200)
    expect((await call('patch', `/channels/${thread}`, { archived: false })).body).toMatchObject(OPEN)
    expect((await call('patch', path, { content: 'y' })).status).toBe(200)
    discord.archiveThread(thread)
    expect((await post(thread, { content: 'z' })).status).toBe(200)
    expect((await call('get', `/channels/${thread}`)).body).toMatchObject(OPEN)
  })

  it('stay as a moderator locked them', async () => {
    const { discord, call, post, startThread } = await startGuild()
    const thread = await startThread()
    const { id } = (await post(thread, { content: 'x' })).body
    discord.lockThread(thread)
    expect((await post(thread, { content: 'y' })).code).toBe(160005)
    expect((await call('patch', `/channels/${thread}/messages/${id}`, { content: 'y' })).code).toBe(160005)
    expect((await call('patch', `/channels/${thread}`, { locked: false })).code).toBe(50013)
    discord.archiveThread(thread)
    expect((await post(thread, { content: 'y' })).code).toBe(160005)
    expect((await call('patch', `/channels/${thread}`, { archived: false })).code).toBe(50013)
    discord.restorePermission('incidents', 'MANAGE_THREADS')
    expect((await call('patch', `/channels/${thread}`, { archived: false, locked: false })).status).toBe(200)
  })

  it('archive by themselves after their quiet time, and are listed so', async () => {
    const { discord, clock, call, post, startThread } = await startGuild()
    const [quiet, busy] = [await startThread('quiet'), await startThread('busy')]
    for (const thread of [quiet, busy]) await call('patch', `/channels/${thread}`, { auto_archive_duration: 60 })
    clock.nowMs += 59 * MINUTE
    await post(busy, { content: 'still on it' })
    clock.nowMs += MINUTE
    expect(names(await call('get', `/guilds/${GUILD}/threads/active`))).toEqual(['busy'])
    expect(names(await call('get', `/channels/${INCIDENTS}/threads/archived/public`))).toEqual(['quiet'])
    expect(discord.channel('incidents').messages[0]?.thread_info).toMatchObject({ name: 'quiet', archived: true })
  })

  it('are as many as the guild can have', async () => {
    const { discord, call, post, startThread } = await startGuild({ maxActiveThreads: 1 })
    const first = await startThread()
    const { id } = (await post(INCIDENTS, { content: 'card' })).body
    const path = `/channels/${INCIDENTS}/messages/${id}/threads` as const
    expect((await call('post', path, { name: 'n' })).code).toBe(160006)
    discord.archiveThread(first)
    expect((await call('post', path, { name: 'n' })).status).toBe(200)
    expect((await post(first, { content: 'x' })).code).toBe(160006)
  })

  it('go when they or their channel are deleted, and outlive their message', async () => {
    const { discord, call, post, startThread } = await startGuild()
    const [orphan, deleted, last] = [await startThread(), await startThread(), await startThread()]
    discord.deleteMessage('incidents', orphan)
    expect((await post(orphan, { content: 'x' })).status).toBe(200)
    discord.deleteChannel(deleted)
    expect(await post(deleted, { content: 'x' })).toMatchObject({ status: 404, code: 10003 })
    expect(discord.channel('incidents').messages).toMatchObject([
      { deleted: true, thread: [{ content: 'x' }] },
      { deleted: false, thread_info: { deleted: true } },
      { thread_info: { deleted: false } },
    ])
    const again = await call('post', `/channels/${INCIDENTS}/messages/${deleted}/threads`, { name: 'again' })
    expect(again.status).toBe(200)
    discord.deleteChannel('incidents')
    for (const id of [INCIDENTS, last]) expect((await post(id, { content: 'x' })).code).toBe(10003)
    expect(discord.state().channels[0]).toMatchObject({ name: 'incidents', deleted: true })
  })
})

describe('a forum', () => {
  const post = { name: 'INC-1', message: { content: 'card', embeds: [{ title: 't' }] } }
  const path = `/channels/${FORUM}/threads` as const

  it('has a post for a card: a thread whose first message it is', async () => {
    const { discord, call, post: write } = await startGuild()
    const tag = String((await call('get', `/channels/${FORUM}`)).body.available_tags[0]?.id)
    const { body } = await call('post', path, { ...post, applied_tags: [tag] })
    expect(body).toMatchObject({ type: 11, parent_id: FORUM, applied_tags: [tag], message_count: 0 })
    expect(body['message']).toMatchObject({ id: body.id, channel_id: body.id, content: 'card' })
    await write(body.id, { content: 'reply' })
    await call('patch', `/channels/${body.id}/messages/${body.id}`, { content: 'newer' })
    const [root] = discord.channel('incident-forum').messages
    expect(root).toMatchObject({ id: body.id, content: 'newer', edits: 1, thread: [{ content: 'reply' }] })
    expect(root?.thread_info).toMatchObject({ name: 'INC-1', applied_tags: [tag] })
    const twin = (await call('post', path, post)).body
    expect(twin.id).not.toBe(body.id)
    expect((await call('post', `/channels/${FORUM}/messages/${body.id}/threads`, { name: 'n' })).code).toBe(50024)
    discord.archiveThread(body.id)
    expect((await call('patch', `/channels/${body.id}/messages/${body.id}`, { content: 'x' })).code).toBe(50083)
  })

  it('refuses a post without a message or with a tag it does not have', async () => {
    const { discord, call } = await startGuild()
    expect((await call('post', path, { name: 'n' })).errors).toHaveProperty('message._errors')
    const long = { name: 'n', message: { embeds: [{ title: 'x'.repeat(257) }] } }
    expect((await call('post', path, long)).errors).toHaveProperty('message.embeds.0.title._errors')
    expect((await call('post', path, { name: 'n', message: {} })).code).toBe(50006)
    expect((await call('post', path, { ...post, applied_tags: [FORUM] })).code).toBe(10087)
    expect((await call('post', `/channels/${INCIDENTS}/threads`, { name: 'n', type: 11 })).code).toBe(50024)
    discord.removePermission('incident-forum', 'SEND_MESSAGES')
    expect((await call('post', path, post)).code).toBe(50013)
    expect(discord.channel('incident-forum').messages).toEqual([])
  })

  it('can want a tag on every post', async () => {
    const id = '1100000000000000009'
    const channels = [{ id, name: 'strict', type: 'forum', tags: ['any'], requireTag: true } as const]
    const { call } = await startGuild({ channels })
    const { body } = await call('get', `/channels/${id}`)
    expect(body['flags']).toBe(16)
    expect((await call('post', `/channels/${id}/threads`, post)).code).toBe(40067)
    const tagged = { ...post, applied_tags: [body.available_tags[0]?.id] }
    expect((await call('post', `/channels/${id}/threads`, tagged)).status).toBe(200)
  })
})
