import { describe, expect, it } from 'vitest'
import { MESSAGE, refOf, refusal, setUp, type Setup } from './discord-setup.ts'
import { ANA, FORUM, HIDDEN, INCIDENTS, NOBODY_KNOWS } from './sandbox-discord.ts'

const CREATE = 'POST /channels/:id/messages'
const EDIT = 'PATCH /channels/:id/messages/:mid'

describe('a text channel', () => {
  it('gets a card that calls only whom it should, a thread named after the incident, and replies in it', async () => {
    const { postCard, start, reply, edit, cards } = await setUp()
    const card = refOf(await postCard())
    expect(card).toEqual({ channel: INCIDENTS, message: expect.any(String) })
    const threaded = refOf(await start(card))
    expect(threaded).toEqual({ ...card, thread: card.message })
    expect(refOf(await reply(threaded))).toMatchObject({ channel: card.message, thread: card.message })
    expect(await edit(threaded)).toEqual({ kind: 'sent', ref: threaded })
    expect(cards()).toMatchObject([
      {
        id: card.message,
        content: `<@${ANA}>`,
        pings: [ANA],
        edit_pings: [],
        edits: 1,
        embeds: [{ color: 0x2eb67d, title: '🔴 checkout \\@\u200beveryone', footer: { text: '#1042' } }],
        components: [{ components: [{ label: 'Open' }] }],
        thread: [{ pings: [], embeds: [{ description: 'Ann took it' }] }],
        thread_info: { name: 'checkout @\u200beveryone', archived: false },
      },
    ])
  })

  it('knows its own refs from those of another platform', async () => {
    const { platform, postCard } = await setUp()
    expect(platform.owns(refOf(await postCard()))).toBe(true)
    expect(platform.owns({ channel: 'C0INCIDENTS', message: '1763900000.000100' })).toBe(false)
  })

  it('makes one message of one key', async () => {
    const { postCard, start, reply, cards } = await setUp()
    const card = refOf(await start(refOf(await postCard())))
    expect(refOf(await postCard()).message).toBe(card.message)
    expect(refOf(await reply(card))).toEqual(refOf(await reply(card)))
    expect(cards()).toMatchObject([{ thread: [{}] }])
  })

  it('adopts a thread that is there already', async () => {
    const { postCard, start } = await setUp()
    const card = refOf(await postCard())
    expect(await start(card)).toEqual(await start(card))
  })

  it('goes through full, compact and plain and back in one card, without an older state beside the newer', async () => {
    const { postCard, edit, cards } = await setUp()
    const card = refOf(await postCard({ detail: 'plain' }))
    expect(cards()[0]).toMatchObject({ content: expect.stringContaining('checkout'), embeds: [], pings: [ANA] })
    for (const detail of ['full', 'compact', 'plain', 'compact'] as const) {
      expect(await edit(card, detail)).toMatchObject({ kind: 'sent' })
      const inWords = { content: expect.stringContaining('checkout'), embeds: [], components: [] }
      const inEmbed = { embeds: [{}], components: detail === 'full' ? [{}] : [] }
      expect(cards()[0]).toMatchObject(detail === 'plain' ? inWords : inEmbed)
      if (detail !== 'plain') expect(cards()[0]?.content).not.toContain('checkout')
    }
  })

  it('is looked at again when it turns out to be something else', async () => {
    const { postCard, next, cards, discord } = await setUp()
    next(CREATE, refusal(40058))
    expect(await postCard()).toMatchObject({ kind: 'sent' })
    expect(cards()).toHaveLength(1)
    await postCard({ key: 'k2' })
    expect(discord.state().calls.filter(({ method }) => method === 'GET /channels/:id')).toHaveLength(2)
  })
})

describe('a forum', () => {
  it('gets a post that is the card and its thread', async () => {
    const { postCard, start, reply, edit, cards, discord } = await setUp()
    const card = refOf(await postCard({ channel: FORUM }))
    expect(card).toEqual({ channel: card.message, message: card.message, thread: card.message })
    expect(await start(card)).toEqual({ kind: 'sent', ref: card })
    expect(await reply(card)).toMatchObject({ kind: 'sent', ref: { thread: card.message } })
    expect(await edit(card)).toMatchObject({ kind: 'sent' })
    expect(cards(FORUM)).toMatchObject([
      { pings: [ANA], edits: 1, thread: [{}], thread_info: { name: 'checkout @\u200beveryone', applied_tags: [] } },
    ])
    expect(discord.state().calls.map(({ error }) => error)).not.toContain('40058')
  })

  it('gets a tag where it wants one', async () => {
    const channels = [{ id: FORUM, name: 'forum', type: 'forum', tags: ['incident'], requireTag: true } as const]
    const { postCard, cards } = await setUp({ channels })
    expect(await postCard({ channel: FORUM })).toMatchObject({ kind: 'sent' })
    expect(cards(FORUM)).toMatchObject([{ thread_info: { applied_tags: [expect.any(String)] } }])
  })

  it('that wants a tag but has none is for a person to mend', async () => {
    const { postCard } = await setUp({ channels: [{ id: FORUM, name: 'forum', type: 'forum', requireTag: true }] })
    expect(await postCard({ channel: FORUM })).toMatchObject({ kind: 'rejected', reason: 'channel_broken' })
  })
})

async function withThread({ postCard, start }: Setup, channel = INCIDENTS) {
  return refOf(await start(refOf(await postCard({ channel }))))
}

describe('what people do', () => {
  it('delete a card: it is gone, and so is its key', async () => {
    const guild = await setUp()
    const card = refOf(await guild.postCard())
    guild.discord.deleteMessage(INCIDENTS, card.message)
    const gone = { kind: 'gone', what: 'card' }
    expect(await guild.edit(card)).toMatchObject(gone)
    expect(await guild.start(card)).toMatchObject(gone)
    expect(await guild.postCard()).toMatchObject(gone)
    expect(await guild.postCard({ key: 'k2' })).toMatchObject({ kind: 'sent' })
  })

  it('delete a thread: the card stays', async () => {
    const guild = await setUp()
    const card = await withThread(guild)
    guild.discord.deleteChannel(card.message)
    expect(await guild.reply(card)).toMatchObject({ kind: 'gone', what: 'thread' })
    expect(await guild.edit(card)).toMatchObject({ kind: 'sent' })
  })

  it('delete a thread of which Discord starts no other: only a new card helps', async () => {
    const guild = await setUp()
    const { channel, message } = await withThread(guild)
    guild.discord.deleteChannel(message)
    guild.next('POST /channels/:id/messages/:mid/threads', refusal(160004))
    expect(await guild.start({ channel, message })).toMatchObject({ kind: 'gone', what: 'card' })
  })

  it('delete a post: the card went with its thread', async () => {
    const guild = await setUp()
    const card = await withThread(guild, FORUM)
    guild.discord.deleteChannel(card.message)
    expect(await guild.reply(card)).toMatchObject({ kind: 'gone', what: 'card' })
    expect(await guild.edit(card)).toMatchObject({ kind: 'gone', what: 'card' })
  })

  it('delete a reply: it is not made again', async () => {
    const guild = await setUp()
    const card = await withThread(guild)
    guild.discord.deleteMessage(card.message, refOf(await guild.reply(card)).message)
    expect(await guild.reply(card)).toMatchObject({ kind: 'sent' })
    expect(guild.cards()[0]?.thread).toMatchObject([{ deleted: true }])
  })

  it('archive a thread: a reply opens it', async () => {
    const guild = await setUp()
    const card = await withThread(guild)
    guild.discord.archiveThread(card.message)
    expect(await guild.edit(card)).toMatchObject({ kind: 'sent' })
    expect(await guild.reply(card)).toMatchObject({ kind: 'sent' })
    expect(guild.cards()[0]?.thread_info?.archived).toBe(false)
  })

  it('archive a post: it is opened for an edit', async () => {
    const guild = await setUp()
    const card = await withThread(guild, FORUM)
    guild.discord.archiveThread(card.message)
    expect(await guild.edit(card)).toMatchObject({ kind: 'retry', reason: 'archived' })
    expect(await guild.edit(card)).toMatchObject({ kind: 'sent' })
  })

  it('lock a thread: the card can still be edited', async () => {
    const guild = await setUp()
    const card = await withThread(guild)
    guild.discord.lockThread(card.message)
    expect(await guild.reply(card)).toMatchObject({ kind: 'rejected', reason: 'thread_locked' })
    expect(await guild.edit(card)).toMatchObject({ kind: 'sent' })
  })

  it('lock a post: it stays as it is, and is not opened', async () => {
    const guild = await setUp()
    const card = await withThread(guild, FORUM)
    guild.discord.lockThread(card.message)
    expect(await guild.edit(card)).toMatchObject({ kind: 'rejected', reason: 'edit_refused' })
    guild.discord.archiveThread(card.message)
    expect(await guild.edit(card)).toMatchObject({ kind: 'rejected', reason: 'edit_refused' })
    expect(guild.cards(FORUM)[0]?.thread_info?.archived).toBe(true)
  })
})

describe('what Discord refuses', () => {
  const broken = { kind: 'rejected', reason: 'channel_broken' }

  it('a channel the bot cannot see, or that is not there', async () => {
    const { postCard } = await setUp()
    expect(await postCard({ channel: HIDDEN })).toMatchObject(broken)
    expect(await postCard({ channel: NOBODY_KNOWS })).toMatchObject(broken)
  })

  it('without permissions, until they are back', async () => {
    const guild = await setUp()
    const card = await withThread(guild)
    guild.discord.removePermission(INCIDENTS, 'SEND_MESSAGES')
    guild.discord.removePermission(INCIDENTS, 'SEND_MESSAGES_IN_THREADS')
    expect(await guild.postCard({ key: 'k2' })).toMatchObject({
      ...broken,
      detail: expect.stringMatching(/Send Messages/),
    })
    expect(await guild.reply(card)).toMatchObject(broken)
    guild.discord.restorePermission(INCIDENTS, 'SEND_MESSAGES')
    expect(await guild.postCard({ key: 'k2' })).toMatchObject({ kind: 'sent' })
  })

  it('a token, until it works again', async () => {
    const guild = await setUp()
    const card = refOf(await guild.postCard())
    const { token } = guild.discord
    guild.discord.revokeToken()
    const outcomes = [await guild.edit(card), await guild.edit(card), await guild.postCard({ key: 'k2' })]
    for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: 'rejected', reason: 'token_broken' })
    expect(JSON.stringify([outcomes, guild.logs])).not.toContain(token)
    guild.discord.setToken(token)
    expect(await guild.edit(card)).toMatchObject({ kind: 'sent' })
  })

  it('a message, where a plainer one may pass', async () => {
    const { postCard, next, cards } = await setUp()
    next(CREATE, refusal(50035))
    expect(await postCard()).toMatchObject({ kind: 'rejected', reason: 'message_refused' })
    expect(await postCard({ detail: 'compact' })).toMatchObject({ kind: 'sent' })
    expect(cards()).toHaveLength(1)
  })

  it('what moderation blocks, but never a thread for its name', async () => {
    const guild = await setUp()
    const card = refOf(await guild.postCard())
    guild.discord.setAutoMod('checkout')
    expect(await guild.postCard({ key: 'k2' })).toMatchObject({ kind: 'rejected', reason: 'content_blocked' })
    expect(await guild.start(card)).toMatchObject({ kind: 'sent' })
    expect(guild.cards()[0]?.thread_info?.name).toBe('Incident')
  })

  it('one thread too many, for now', async () => {
    const { postCard, start } = await setUp({ maxActiveThreads: 0 })
    const card = refOf(await postCard())
    expect(await start(card)).toMatchObject({ kind: 'retry', reason: 'server_error', afterMs: 60_000 })
  })

  it('to show embeds, without saying so: the words are in the text then', async () => {
    const guild = await setUp()
    guild.discord.removePermission(INCIDENTS, 'EMBED_LINKS')
    const card = refOf(await guild.postCard())
    expect(guild.cards()[0]).toMatchObject({ embeds: [], content: expect.stringMatching(/^<@\d+>\n.*checkout/) })
    expect(guild.logs).toEqual([expect.stringContaining('Embed Links')])
    await guild.postCard({ key: 'k2', message: { ...MESSAGE, mentions: [] } })
    expect(guild.cards()[1]).toMatchObject({ embeds: [], content: expect.stringMatching(/^.*checkout/) })
    guild.discord.restorePermission(INCIDENTS, 'EMBED_LINKS')
    expect(await guild.edit(card)).toMatchObject({ kind: 'sent' })
    expect(guild.cards()[0]).toMatchObject({ embeds: [{}], content: `<@${ANA}>`, edit_pings: [] })
  })

  it('a reply of nothing but an embed, for want of a permission: it is said in words, and without asking twice', async () => {
    const guild = await setUp()
    const card = await withThread(guild)
    guild.discord.removePermission(INCIDENTS, 'EMBED_LINKS')
    const calls = () => guild.discord.state().calls.length
    const before = calls()
    for (const key of ['r1', 'r2', 'r3']) expect(await guild.reply(card, key)).toMatchObject({ kind: 'sent' })
    expect(calls() - before).toBe(4)
    const inWords = { embeds: [], content: expect.stringContaining('Ann took it') }
    expect(guild.cards()[0]?.thread).toMatchObject([inWords, inWords, inWords])
    guild.discord.restorePermission(INCIDENTS, 'EMBED_LINKS')
    for (const key of ['r4', 'r5']) expect(await guild.reply(card, key)).toMatchObject({ kind: 'sent' })
    const inEmbed = { embeds: [{ description: 'Ann took it' }], content: '' }
    expect(guild.cards()[0]?.thread.slice(3)).toMatchObject([inEmbed, inEmbed])
  })

  it('an edit that fails is harmless to repeat', async () => {
    const { postCard, edit, next } = await setUp()
    const card = refOf(await postCard())
    for (const does of [{ kind: 'hang', after: true }, { kind: 'html', after: true }, { kind: 'cut_body' }] as const) {
      next(EDIT, does)
      expect(await edit(card)).toMatchObject({ kind: 'retry', reason: 'server_error' })
    }
  })
})
