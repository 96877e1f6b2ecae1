import { HTTPError, RateLimitError } from 'discord.js'
import { describe, expect, it } from 'vitest'
import {
  ANA,
  NOBODY_KNOWS,
  BOT,
  FORUM,
  GUILD,
  HIDDEN,
  INCIDENTS,
  MANAGEMENT,
  ON_CALL,
  startGuild,
  START_MS,
} from './sandbox-discord.ts'

describe('who may call', () => {
  it('tells the bot who it is, what it may do and where', async () => {
    const { call } = await startGuild()
    expect((await call('get', '/users/@me')).body).toMatchObject({ id: BOT, bot: true })
    const member = (await call('get', `/guilds/${GUILD}/members/${BOT}`)).body
    const roles = (await call('get', `/guilds/${GUILD}/roles`)).list
    const own = roles.filter(({ id }) => id === GUILD || member.roles.includes(id))
    const bits = own.reduce((sum, role) => sum | BigInt(role.permissions), 0n)
    expect(bits).toBe(309_237_730_304n)
    expect((await call('get', `/channels/${FORUM}`)).body).toMatchObject({ type: 15, guild_id: GUILD, flags: 0 })
    const { body } = await call('get', `/channels/${FORUM}`)
    expect(body.available_tags.map(({ name }) => name)).toEqual(['critical', 'warning', 'info'])
  })

  it('refuses a token that is revoked or replaced, and takes the new one', async () => {
    const { discord, call, connect, raw } = await startGuild()
    discord.revokeToken()
    expect((await raw('GET', '/users/@me')).body).toEqual({ message: '401: Unauthorized', code: 0 })
    expect(await call('get', '/users/@me')).toMatchObject({ status: 401, code: 0 })
    await expect(call('get', '/users/@me')).rejects.toThrow('Expected token')
    discord.setToken('sandbox.discord.second-token')
    expect(await connect().get('/users/@me')).toMatchObject({ id: BOT })
    const bearer = { authorization: `Bearer ${discord.token}` }
    expect((await raw('GET', '/users/@me', undefined, bearer)).status).toBe(401)
  })

  it.each([
    ['get', '/channels/1199999999999999999', undefined, 404, 10003],
    ['get', `/channels/${HIDDEN}`, undefined, 403, 50001],
    ['post', `/channels/${HIDDEN}/messages`, { content: 'x' }, 403, 50001],
    ['get', '/guilds/1199999999999999999/roles', undefined, 404, 10004],
    ['get', `/guilds/${GUILD}/members/1199999999999999999`, undefined, 404, 10007],
    ['get', `/guilds/${GUILD}/members/@me`, undefined, 400, 50035],
    ['get', '/channels/incidents', undefined, 400, 50035],
    ['get', `/channels/${INCIDENTS}/messages/${NOBODY_KNOWS}`, undefined, 404, 10008],
    ['patch', `/channels/${INCIDENTS}/messages/${NOBODY_KNOWS}`, { content: 'x' }, 404, 10008],
    ['post', `/channels/${INCIDENTS}/messages`, {}, 400, 50006],
    ['post', `/channels/${INCIDENTS}/messages`, { content: ' \n ' }, 400, 50006],
    ['post', `/channels/${FORUM}/messages`, { content: 'x' }, 400, 40058],
    ['patch', `/channels/${INCIDENTS}`, { name: 'other' }, 403, 50013],
    ['delete', `/channels/${INCIDENTS}`, undefined, 403, 50013],
    ['get', '/voice/regions', undefined, 404, 0],
  ] as const)('%s %s %j is %i with code %i', async (method, route, body, status, code) => {
    const { call } = await startGuild()
    expect(await call(method, route, body)).toMatchObject({ status, code })
  })

  it('reads no body that is not JSON', async () => {
    const { raw } = await startGuild()
    const path = `/channels/${INCIDENTS}/messages`
    expect((await raw('POST', path, '{"content":')).body).toMatchObject({ code: 50109 })
    expect((await raw('POST', path, 'content=x', { 'content-type': 'text/plain' })).body).toMatchObject({ code: 50035 })
  })

  it.each([
    ['VIEW_CHANNEL', 50001],
    ['SEND_MESSAGES', 50013],
  ] as const)('without %s a message is refused, and accepted again once it is back', async (permission, code) => {
    const { discord, post } = await startGuild()
    discord.removePermission('incidents', permission)
    expect((await post(INCIDENTS, { content: 'x' })).code).toBe(code)
    discord.restorePermission('incidents', permission)
    expect((await post(INCIDENTS, { content: 'x' })).status).toBe(200)
  })

  it('shows an empty history without READ_MESSAGE_HISTORY, and drops embeds without EMBED_LINKS', async () => {
    const { discord, call, post } = await startGuild()
    await post(INCIDENTS, { content: 'one' })
    discord.removePermission('incidents', 'READ_MESSAGE_HISTORY')
    expect((await call('get', `/channels/${INCIDENTS}/messages`)).body).toEqual([])
    discord.removePermission('incidents', 'EMBED_LINKS')
    const sent = await post(INCIDENTS, { content: 'two', embeds: [{ title: 't' }] })
    expect(sent.body).toMatchObject({ content: 'two', embeds: [] })
    expect((await post(INCIDENTS, { embeds: [{ title: 't' }] })).code).toBe(50013)
  })
})

describe('messages', () => {
  it('keeps what was posted, edited and deleted', async () => {
    const { discord, seen, clock, call, post } = await startGuild()
    const { body } = await post(INCIDENTS, { content: 'first', embeds: [{ title: ' t ', color: 1 }], nonce: 'n1' })
    expect(body.id).toMatch(/^\d{17,19}$/)
    expect(new Date(Number((BigInt(body.id) >> 22n) + 1_420_070_400_000n)).getTime()).toBe(START_MS)
    expect(body).toMatchObject({ nonce: 'n1', author: { id: BOT }, embeds: [{ type: 'rich', title: 't', color: 1 }] })
    clock.nowMs += 1000
    const path = `/channels/${INCIDENTS}/messages/${body.id}` as const
    const edited = (await call('patch', path, { content: 'second' })).body
    expect(edited).toMatchObject({ content: 'second', embeds: [{ title: 't' }], timestamp: body.timestamp })
    expect(Date.parse(edited.edited_timestamp)).toBe(clock.nowMs)
    expect((await call('patch', path, { content: null, embeds: [] })).code).toBe(50006)
    expect((await call('get', path)).body).not.toHaveProperty('nonce')
    await call('delete', path)
    expect((await call('get', path)).code).toBe(10008)
    const [message] = discord.channel('incidents').messages
    expect(message).toMatchObject({ id: body.id, content: 'second', edits: 1, deleted: true, thread: [], pings: [] })
    expect(seen.changes).toBeGreaterThanOrEqual(6)
  })

  it("leaves other people's messages alone", async () => {
    const { discord, call } = await startGuild()
    const path = `/channels/${INCIDENTS}/messages/${discord.postAs('ana', 'incidents', 'mine')}` as const
    expect((await call('patch', path, { content: 'x' })).code).toBe(50005)
    expect((await call('delete', path)).code).toBe(50013)
  })

  it('pages through the history', async () => {
    const { call, post } = await startGuild()
    const ids: string[] = []
    for (const content of ['a', 'b', 'c', 'd', 'e']) ids.push((await post(INCIDENTS, { content })).body.id)
    const page = async (query: Record<string, string>) => {
      const { list, code } = await call('get', `/channels/${INCIDENTS}/messages`, query)
      return code ?? list.map(({ content }) => content).join('')
    }
    expect(await page({})).toBe('edcba')
    expect(await page({ limit: '2' })).toBe('ed')
    expect(await page({ limit: '2', after: String(ids[1]) })).toBe('dc')
    expect(await page({ limit: '2', before: String(ids[3]) })).toBe('cb')
    expect(await page({ limit: '3', around: String(ids[2]) })).toBe('dcb')
    expect(await page({ limit: '101' })).toBe(50035)
    expect(await page({ after: String(ids[0]), before: String(ids[1]) })).toBe(50035)
  })

  it('makes one message of a nonce that comes again', async () => {
    const { discord, clock, call, post } = await startGuild()
    const twice = { content: 'x', nonce: 'key', enforce_nonce: true }
    const first = (await post(INCIDENTS, twice)).body
    expect((await post(INCIDENTS, { ...twice, content: 'y' })).body).toMatchObject({ id: first.id, content: 'x' })
    await call('delete', `/channels/${INCIDENTS}/messages/${first.id}`)
    expect(await post(INCIDENTS, twice)).toMatchObject({ status: 404, code: 10008 })
    discord.forgetNonces()
    expect((await post(INCIDENTS, twice)).body.id).not.toBe(first.id)
    clock.nowMs += 5 * 60_000
    await post(INCIDENTS, twice)
    await post(INCIDENTS, { ...twice, enforce_nonce: false })
    expect(discord.channel('incidents').messages.filter(({ deleted }) => !deleted)).toHaveLength(3)
  })

  it('answers a message, and says which', async () => {
    const { discord, post } = await startGuild()
    const asked = discord.postAs('ana', 'incidents', 'what is up?')
    const sent = await post(INCIDENTS, { content: 'this', message_reference: { message_id: asked } })
    expect(sent.body).toMatchObject({ message_reference: { message_id: asked }, mentions: [{ id: ANA }] })
    const gone = { message_id: NOBODY_KNOWS }
    expect((await post(INCIDENTS, { content: 'x', message_reference: gone })).errors).toMatchObject({
      message_reference: { _errors: [{ code: 'REPLIES_UNKNOWN_MESSAGE' }] },
    })
    const lenient = { content: 'x', message_reference: { ...gone, fail_if_not_exists: false } }
    expect((await post(INCIDENTS, lenient)).status).toBe(200)
  })

  it('keeps a word out', async () => {
    const { discord, call, post } = await startGuild()
    const { id } = (await post(INCIDENTS, { content: 'card' })).body
    discord.setAutoMod('Title')
    expect((await post(INCIDENTS, { embeds: [{ title: 'all clear' }] })).status).toBe(200)
    expect((await post(INCIDENTS, { embeds: [{ fields: [{ name: 'a title', value: 'v' }] }] })).code).toBe(200000)
    expect((await call('patch', `/channels/${INCIDENTS}/messages/${id}`, { content: 'TITLE' })).code).toBe(200000)
    const named = await call('post', `/channels/${INCIDENTS}/messages/${id}/threads`, { name: 'title' })
    expect(named.code).toBe(200001)
    discord.setAutoMod(null)
    expect((await post(INCIDENTS, { content: 'title' })).status).toBe(200)
  })
})

describe('misbehaviours', () => {
  const METHOD = 'POST /channels/:id/messages'

  it.each([
    [{ kind: 'status', status: 503, body: 'no upstream' } as const, HTTPError, 0],
    [{ kind: 'reset', after: false } as const, TypeError, 0],
    [{ kind: 'reset', after: true } as const, TypeError, 1],
    [{ kind: 'cut_body' } as const, TypeError, 1],
  ])('%j', async (does, error, posted) => {
    const { discord, faults, post } = await startGuild()
    faults.add({ platform: 'discord', method: METHOD, channel: INCIDENTS, does })
    await expect(post(INCIDENTS, { content: 'x' })).rejects.toBeInstanceOf(error)
    expect(discord.channel('incidents').messages).toHaveLength(posted)
    expect((await post(INCIDENTS, { content: 'y' })).status).toBe(200)
  })

  it('notes every call, and what came of it', async () => {
    const { discord, clock, faults, client, post } = await startGuild()
    faults.add({
      platform: 'discord',
      does: { kind: 'status', status: 429, headers: { 'Retry-After': '2' }, body: {} },
    })
    await expect(client.get(`/channels/${FORUM}`)).rejects.toBeInstanceOf(RateLimitError)
    await post(INCIDENTS, { content: 'x' })
    await post(HIDDEN, { content: 'x' })
    expect(discord.state().calls).toEqual([
      { at: clock.nowMs, method: 'GET /channels/:id', channel: FORUM, status: 429, error: 'status' },
      { at: clock.nowMs, method: METHOD, channel: INCIDENTS, status: 200 },
      { at: clock.nowMs, method: METHOD, channel: HIDDEN, status: 403, error: '50001' },
    ])
  })
})

describe('pings', () => {
  it.each([
    ['default: everything calls', `<@${ANA}> <@!${ANA}> <@&${ON_CALL}>`, undefined, [ON_CALL, ANA]],
    ['no leave for @everyone', '@everyone @here', undefined, []],
    ['a role nobody can mention', `<@&${MANAGEMENT}>`, undefined, []],
    ['nothing allowed', `<@${ANA}> <@&${ON_CALL}>`, { parse: [] }, []],
    ['an empty permission', `<@${ANA}>`, {}, []],
    ['one user allowed', `<@${ANA}> <@${BOT}>`, { users: [ANA] }, [ANA]],
    ['roles allowed', `<@${ANA}> <@&${ON_CALL}>`, { parse: ['roles'] }, [ON_CALL]],
    ['somebody unknown counts', `<@${NOBODY_KNOWS}>`, undefined, [NOBODY_KNOWS]],
    ['code', `\`<@${ANA}>\` \`\`\`\n<@&${ON_CALL}>\n\`\`\``, undefined, []],
    ['code that does not end', `\`\`\`<@${ANA}>`, undefined, [ANA]],
    ['escaped', `\\<@${ANA}> <\\@${ANA}> \\\`<@&${ON_CALL}>\``, undefined, [ON_CALL]],
    ['an escaped backslash', `\\\\<@${ANA}>`, undefined, [ANA]],
  ])('%s', async (_, content, allowed, pings) => {
    const { discord, post } = await startGuild()
    await post(INCIDENTS, { content, ...(allowed && { allowed_mentions: allowed }) })
    expect(discord.channel('incidents').messages[0]?.pings).toEqual(pings)
  })

  it('calls everyone with the permission, and never from an embed', async () => {
    const { discord, post } = await startGuild()
    discord.restorePermission('incidents', 'MENTION_EVERYONE')
    const called = await post(INCIDENTS, { content: `@everyone and @here \\@everyone <@&${MANAGEMENT}>` })
    expect(called.body).toMatchObject({ mention_everyone: true, mention_roles: [MANAGEMENT] })
    await post(INCIDENTS, { content: '@everyone', allowed_mentions: { parse: ['users'] } })
    await post(INCIDENTS, { embeds: [{ description: `@everyone <@${ANA}>` }] })
    const pings = discord.channel('incidents').messages.map((message) => message.pings)
    expect(pings).toEqual([['everyone', 'here', MANAGEMENT], [], []])
  })

  it('an edit notifies nobody, but shows whom it names again', async () => {
    const { discord, call, post } = await startGuild()
    const { id } = (await post(INCIDENTS, { content: `<@${ANA}>`, allowed_mentions: { parse: [] } })).body
    const path = `/channels/${INCIDENTS}/messages/${id}` as const
    await call('patch', path, { content: `<@${ANA}>`, allowed_mentions: { parse: [] } })
    await call('patch', path, { embeds: [{ title: 't' }] })
    expect(discord.channel('incidents').messages[0]).toMatchObject({ pings: [], edit_pings: [], mentions: [] })
    await call('patch', path, { content: `<@${ANA}>` })
    expect(discord.channel('incidents').messages[0]).toMatchObject({
      pings: [],
      edit_pings: [ANA],
      mentions: [{ id: ANA }],
    })
  })
})
