import { RateLimitError } from 'discord.js'
import { describe, expect, it } from 'vitest'
import { ANA, HIDDEN, INCIDENTS, PAYMENTS, startGuild } from './sandbox-discord.ts'

const MINUTE = 60_000
const LONG = 'BASE_TYPE_MAX_LENGTH'
const MISSING = 'BASE_TYPE_REQUIRED'
const BUTTON = 'components.0.components.0'
const of = (count: number) => 'x'.repeat(count)
const times = <T>(count: number, entry: T): T[] => Array.from({ length: count }, () => entry)
const embed = (part: object) => ({ embeds: [{ title: 't', ...part }] })
const row = (...buttons: object[]) => ({ components: [{ type: 1, components: buttons }] })
const link = (part: object) => row({ type: 2, style: 5, label: 'l', url: 'https://x', ...part })
const button = (custom_id: string) => ({ type: 2, style: 1, label: 'l', custom_id })

describe('limits', () => {
  it.each<[path: string, code: string, body: Record<string, unknown>]>([
    ['content', LONG, { content: of(2001) }],
    ['content', 'STRING_TYPE_CONVERT', { content: 7 }],
    ['nonce', 'NONCE_TYPE_TOO_LONG', { content: 'x', nonce: of(26) }],
    ['nonce', 'NONCE_TYPE_INVALID_TYPE', { content: 'x', nonce: 1.5 }],
    ['flags', 'BASE_TYPE_CHOICES', { content: 'x', flags: 1 << 15 }],
    ['embeds', LONG, { embeds: times(11, { title: 't' }) }],
    ['embeds', 'LIST_TYPE_CONVERT', { embeds: {} }],
    ['embeds', 'MAX_EMBED_SIZE_EXCEEDED', { embeds: [{ description: of(4000) }, { description: of(2001) }] }],
    ['embeds.0', 'DICT_TYPE_CONVERT', { embeds: ['t'] }],
    ['embeds.0.description', MISSING, { embeds: [{}] }],
    ['embeds.0.description', LONG, embed({ description: of(4097) })],
    ['embeds.0.title', LONG, embed({ title: of(257) })],
    ['embeds.0.footer.text', LONG, embed({ footer: { text: of(2049) } })],
    ['embeds.0.footer.text', MISSING, embed({ footer: {} })],
    ['embeds.0.author.name', LONG, embed({ author: { name: of(257) } })],
    ['embeds.0.fields', LONG, embed({ fields: times(26, { name: 'n', value: 'v' }) })],
    ['embeds.0.fields.0.name', LONG, embed({ fields: [{ name: of(257), value: 'v' }] })],
    ['embeds.0.fields.0.value', LONG, embed({ fields: [{ name: 'n', value: of(1025) }] })],
    ['embeds.0.fields.0.name', MISSING, embed({ fields: [{ name: '', value: 'v' }] })],
    [
      'embeds.0.fields.1.value',
      MISSING,
      embed({
        fields: [
          { name: 'n', value: 'v' },
          { name: 'n', value: ' ' },
        ],
      }),
    ],
    ['embeds.0.url', 'URL_TYPE_INVALID_SCHEME', embed({ url: 'javascript://alert' })],
    ['embeds.0.url', 'URL_TYPE_INVALID_URL', embed({ url: 'nowhere' })],
    ['embeds.0.image.url', 'URL_TYPE_INVALID_SCHEME', embed({ image: { url: 'ftp://x/y.png' } })],
    ['embeds.0.color', 'NUMBER_TYPE_MAX', embed({ color: 0x1000000 })],
    ['embeds.0.color', 'NUMBER_TYPE_MIN', embed({ color: -1 })],
    ['embeds.0.color', 'NUMBER_TYPE_COERCE', embed({ color: '#fff' })],
    ['embeds.0.timestamp', 'DATE_TIME_TYPE_PARSE', embed({ timestamp: 'today' })],
    ['components', LONG, { components: times(6, { type: 1, components: [button('a')] }) }],
    ['components.0.type', 'BASE_TYPE_CHOICES', { components: [button('a')] }],
    ['components.0.components', 'BASE_TYPE_BAD_LENGTH', row()],
    [
      'components.0.components.5',
      'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
      row(...['a', 'b', 'c', 'd', 'e', 'f'].map(button)),
    ],
    ['components.0.components.1.custom_id', 'COMPONENT_CUSTOM_ID_DUPLICATED', row(button('a'), button('a'))],
    [`${BUTTON}.custom_id`, 'BASE_TYPE_BAD_LENGTH', row(button(of(101)))],
    [`${BUTTON}.custom_id`, 'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED', row({ type: 2, style: 1, label: 'l' })],
    [`${BUTTON}.custom_id`, 'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE', link({ custom_id: 'a' })],
    [`${BUTTON}.url`, 'BUTTON_COMPONENT_URL_REQUIRED', link({ url: undefined })],
    [`${BUTTON}.url`, 'URL_TYPE_INVALID_SCHEME', link({ url: 'ftp://x' })],
    [`${BUTTON}.url`, LONG, link({ url: `https://x/${of(503)}` })],
    [`${BUTTON}.label`, LONG, link({ label: of(81) })],
    [`${BUTTON}.label`, MISSING, link({ label: undefined })],
    ['allowed_mentions.parse.0', 'BASE_TYPE_CHOICES', { content: 'x', allowed_mentions: { parse: ['here'] } }],
    ['allowed_mentions.users', LONG, { content: 'x', allowed_mentions: { users: times(101, ANA) } }],
    [
      'allowed_mentions',
      'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
      { content: 'x', allowed_mentions: { parse: ['users'], users: [ANA] } },
    ],
  ])('%s can be wrong: %s', async (path, code, body) => {
    const { discord, post } = await startGuild()
    const told = await post(INCIDENTS, body)
    expect(told).toMatchObject({ status: 400, code: 50035 })
    expect(told.errors).toHaveProperty(`${path}._errors`, [{ code, message: expect.any(String) }])
    expect(discord.channel('incidents').messages).toEqual([])
  })

  it('take a message that is full to the brim', async () => {
    const { post } = await startGuild()
    const fields = times(25, { name: 'n', value: 'v', inline: true })
    const author = { name: of(256), icon_url: 'attachment://a.png' }
    const full = (footer: number) => {
      const part = { title: of(256), description: of(4096), url: 'https://x/', fields, footer: { text: of(footer) } }
      return { embeds: [{ ...part, author }] }
    }
    const buttons = ['a', 'b', 'c', 'd'].map((id) => ({ ...button(id), label: of(80) }))
    const rest = {
      content: of(2000),
      nonce: of(25),
      ...row(...buttons, { type: 2, style: 5, label: 'l', url: 'discord://x' }),
    }
    expect(await post(INCIDENTS, { ...full(1342), ...rest })).toMatchObject({ status: 200, body: full(1342) })
    expect((await post(INCIDENTS, { ...full(1343), ...rest })).errors).toHaveProperty('embeds._errors')
  })
})

describe('rate limits', () => {
  const create = `/channels/${INCIDENTS}/messages` as const

  it('say in headers what is left, and in a 429 how long to wait', async () => {
    const { clock, raw } = await startGuild({ limits: true })
    const first = await raw('POST', create, { content: 'x' })
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '4',
      'x-ratelimit-reset-after': '5.000',
      'x-ratelimit-reset': ((clock.nowMs + 5000) / 1000).toFixed(3),
      'x-ratelimit-bucket': 'message-create',
    })
    for (let left = 3; left >= 0; left -= 1) {
      const { headers } = await raw('POST', create, { content: 'x' })
      expect(headers.get('x-ratelimit-remaining')).toBe(String(left))
    }
    clock.nowMs += 1500
    const refused = await raw('POST', create, { content: 'x' })
    expect(refused.body).toEqual({ message: 'You are being rate limited.', retry_after: 3.5, global: false })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '4'])
    expect(refused.headers.get('x-ratelimit-scope')).toBe('user')
    expect((await raw('POST', `/channels/${PAYMENTS}/messages`, { content: 'x' })).status).toBe(200)
    expect((await raw('POST', `/channels/${HIDDEN}/messages`, {})).headers.get('x-ratelimit-remaining')).toBe('4')
    clock.nowMs += 3500
    expect((await raw('POST', create, { content: 'x' })).status).toBe(200)
  })

  it('are understood by the real client', async () => {
    const { post, raw } = await startGuild({ limits: true })
    for (let sent = 0; sent < 5; sent += 1) await post(INCIDENTS, { content: 'x' })
    await expect(post(INCIDENTS, { content: 'x' })).rejects.toBeInstanceOf(RateLimitError)
    expect((await raw('GET', create)).list).toHaveLength(5)
  })

  it('hold for the bot as a whole', async () => {
    const { clock, raw } = await startGuild({ limits: true })
    const calls = await Promise.all(
      Array.from({ length: 51 }, (_, n) => raw('GET', `/channels/${1100000000000000100n + BigInt(n)}`)),
    )
    const refused = calls.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(1)
    expect(refused[0]?.body).toMatchObject({ global: true, retry_after: 1 })
    expect(refused[0]?.headers.get('x-ratelimit-global')).toBe('true')
    clock.nowMs += 1000
    expect((await raw('GET', '/users/@me')).status).toBe(200)
  })

  it('hold for edits of messages older than an hour', async () => {
    const { clock, post, raw } = await startGuild({ limits: true })
    const { id } = (await post(INCIDENTS, { content: 'x' })).body
    const edit = () => raw('PATCH', `${create}/${id}`, { content: 'y' })
    clock.nowMs += 60 * MINUTE
    for (let count = 0; count < 5; count += 1) expect((await edit()).status).toBe(200)
    clock.nowMs += 6000
    for (let count = 0; count < 3; count += 1) expect((await edit()).status).toBe(200)
    const refused = await edit()
    expect(refused.status).toBe(429)
    expect(refused.body).toMatchObject({ code: 30046, retry_after: 6, global: false })
    expect([refused.headers.get('retry-after'), refused.headers.get('x-ratelimit-remaining')]).toEqual(['6', '1'])
    clock.nowMs += 6000
    expect((await edit()).status).toBe(200)
  })

  it('hold for renames, and for nothing else of a thread', async () => {
    const { clock, raw, startThread } = await startGuild({ limits: true })
    const path = `/channels/${await startThread()}`
    for (const name of ['a', 'b']) expect((await raw('PATCH', path, { name })).status).toBe(200)
    const refused = await raw('PATCH', path, { name: 'c' })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '600'])
    expect((await raw('PATCH', path, { archived: true })).status).toBe(200)
    expect((await raw('PATCH', path, { archived: false })).status).toBe(200)
    clock.nowMs += 10 * MINUTE
    expect((await raw('PATCH', path, { name: 'c' })).body.name).toBe('c')
  })
})
