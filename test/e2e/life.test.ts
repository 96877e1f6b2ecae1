import { describe, expect, it } from 'vitest'
import { createWorld, toPush, type Push, type World } from './relay.ts'

/** The order in which the sample incident lived. */
const LIFE = ['i_new', 'i_assign', 'i_ack', 'i_comm', 'i_r_severity', 'i_rslv'] as const

describe('an incident', () => {
  it('has one card and one thread in both chats, from its first push to its end', async () => {
    const world = await createWorld()
    world.configure()
    const relay = await world.start()

    const first = await relay.push(toPush('i_new'))
    expect(first).toMatchObject({ status: 200, body: { ok: true, result: 'accepted' } })
    const title = String(toPush('i_new').incident['title'])
    await world.until(() => slackCard(world) && discordCard(world))
    expect(textOf(slackCard(world))).toContain(title)
    expect(textOf(discordCard(world))).toContain(title)
    // The incident was hers from the beginning.
    expect([slackCard(world)?.pings, discordCard(world)?.pings]).toEqual([['U0ANNLEE01'], ['1100000000000000011']])
    const before = { slack: colour(slackCard(world)), discord: discordCard(world)?.embeds[0]?.color }

    for (const type of LIFE.slice(1)) expect(await relay.push(toPush(type))).toMatchObject({ status: 200 })
    await world.until(
      () => (slackCard(world)?.thread.length ?? 0) >= 5 && (discordCard(world)?.thread.length ?? 0) >= 5,
    )
    await world.until(
      () => colour(slackCard(world)) !== before.slack && discordCard(world)?.embeds[0]?.color !== before.discord,
    )

    expect(roots(world)).toEqual({ slack: 1, discord: 1 })
    expect(slackCard(world)?.thread).toHaveLength(5)
    expect(discordCard(world)?.thread).toHaveLength(5)
    const replies = [slackCard(world), discordCard(world)].map((card) => card?.thread.map(textOf))
    for (const thread of replies) {
      expect(thread?.[1]).toMatch(/acknowledged/)
      expect(thread?.[2]).toMatch(/commented/)
      expect(thread?.[3]).toMatch(/→/)
      expect(thread?.[4]).toMatch(/[Rr]ecovered|[Cc]losed/)
    }
    // Named after the incident as it was when the first reply came; its title changed later.
    expect(discordCard(world)?.thread_info?.name).toMatch(/^Checkout /)
  })

  it('is not touched by a push that came before, in whole or in time', async () => {
    const world = await createWorld()
    world.configure()
    const relay = await world.start()
    await relay.push(toPush('i_new'))
    await relay.push(toPush('i_ack'))
    await world.until(() => slackCard(world)?.thread.length === 1 && discordCard(world)?.thread.length === 1)
    const calls = world.sandbox.slack.state().calls.length + world.sandbox.discord.state().calls.length

    expect(await relay.push(toPush('i_ack'))).toMatchObject({ status: 200, body: { result: 'duplicate' } })
    const earlier = toPush('i_r_title', { event_id: 'earlier', event_time: toPush('i_new').event_time - 1 })
    expect(await relay.push(earlier)).toMatchObject({ status: 200, body: { result: 'stale' } })
    // An incident of its own shows that the relay has got past the two before it.
    await relay.push(other('later'))
    await world.until(() => world.sandbox.slack.channel('incidents').messages.length === 1)
    await world.until(() => world.sandbox.discord.channel('incidents').messages.length === 1)
    const slackCalls = world.sandbox.slack.state().calls.filter(({ channel }) => channel === 'C0PAYMENTS')
    expect(slackCalls.length + discordCallsBefore(world)).toBeLessThanOrEqual(calls)
    expect(textOf(slackCard(world))).not.toContain(String(earlier.incident['title']))
    expect((await relay.get('/metrics')).text).toContain('relay_events_judged_total{verdict="stale"} 1')
  })

  it('goes where its route leads, to a forum too, whose post it is', async () => {
    const world = await createWorld()
    world.configure()
    const relay = await world.start()
    await relay.push(other('forum-1', { labels: { to: 'forum' } }))
    await relay.push(other('plain-1'))
    const { sandbox } = world
    const post = await world.until(() => sandbox.discord.channel('incident-forum').messages[0])
    expect(post.thread_info?.name).toContain('forum-1')
    await world.until(() => sandbox.slack.channel('incidents').messages.length === 1)
    await relay.push({
      ...other('forum-1', { labels: { to: 'forum' } }),
      event_id: 'forum-1-ack',
      event_type: 'i_ack',
      event_time: Date.now(),
    })
    await world.until(() => sandbox.discord.channel('incident-forum').messages[0]?.thread.length === 1)
    expect(sandbox.discord.channel('incident-forum').messages).toHaveLength(1)
    expect(sandbox.slack.channel('incidents').messages.map(textOf).join()).not.toContain('forum-1')
  })

  it('survives kill -9 in the middle, nothing lost and nothing doubled', async () => {
    const world = await createWorld()
    world.configure()
    let relay = await world.start()
    await relay.push(toPush('i_new'))
    await world.until(() => slackCard(world) && discordCard(world))
    for (const type of LIFE.slice(1, 4)) await relay.push(toPush(type))
    await relay.kill('SIGKILL')
    relay = await world.start()
    for (const type of LIFE.slice(4)) await relay.push(toPush(type))
    // What was being sent when the process died is looked for before it is sent again, which takes Slack half a minute.
    // What waited meanwhile may be told in one message.
    const told = () => [toldIn(slackCard(world)), toldIn(discordCard(world))]
    await world.until(() => told().every((words) => /recovered|closed/i.test(words)), 60_000)
    expect(roots(world)).toEqual({ slack: 1, discord: 1 })
    for (const words of told()) {
      const order = ['acknowledged', 'commented', '→'].map((word) => words.indexOf(word))
      expect(order).toEqual(order.toSorted((a, b) => a - b))
      for (const word of ['acknowledged', 'commented']) expect(words.split(word)).toHaveLength(2)
    }
  }, 90_000)

  it('shows its newest state after chat said 429 and nothing else for a while', async () => {
    const world = await createWorld()
    world.configure()
    const relay = await world.start()
    const does = {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '1' },
      body: { ok: false, error: 'ratelimited' },
    } as const
    world.sandbox.faults.add({ platform: 'slack', times: 3, does })
    world.sandbox.faults.add({ platform: 'discord', times: 3, does })
    for (const type of LIFE) await relay.push(toPush(type))
    await world.until(() => /recovered|closed/i.test(toldIn(slackCard(world))), 20_000)
    await world.until(() => /recovered|closed/i.test(toldIn(discordCard(world))), 20_000)
    expect(roots(world)).toEqual({ slack: 1, discord: 1 })
    expect((await relay.get('/metrics')).text).toMatch(/relay_attempts_total\{[^}]*reason="rate_limited"\} \d/)
  }, 30_000)

  it('calls those it is given to, whom Slack knows by e-mail, and tells nobody their address', async () => {
    const world = await createWorld()
    world.configure()
    const relay = await world.start()
    await relay.push(other('given'))
    const card = () => world.sandbox.slack.channel('incidents').messages[0]
    await world.until(card)
    const responders = ['Ben Ortiz', 'Eve Noone'].map((name, index) => {
      return { person_id: index + 1, person_name: name, email: `${name.slice(0, 3).toLowerCase()}@example.com` }
    })
    const later = { event_id: 'given-2', event_type: 'i_assign', event_time: Date.now() }
    await relay.push({ ...other('given', { responders }), ...later })
    await world.until(() => card()?.thread[0]?.pings.includes('U0BENORT02'))
    expect(card()?.thread[0]?.pings).toEqual(['U0BENORT02'])
    expect(textOf(card()?.thread[0])).toContain('Eve Noone')
    const metrics = await relay.get('/metrics')
    expect(relay.output() + metrics.text).not.toContain('@example.com')
  })

  it('wakes from its snooze by the relay’s own clock', async () => {
    const world = await createWorld()
    world.configure()
    const relay = await world.start()
    const nowMs = Date.now()
    const snoozed = { snoozed_before: Math.floor(nowMs / 1000) + 2, progress: 'Triggered' }
    await relay.push({ ...other('sleepy', snoozed), event_type: 'i_snooze' })
    const card = () => world.sandbox.slack.channel('incidents').messages[0]
    await world.until(() => /[Ss]nooze/.test(textOf(card())))
    await world.until(() => card()?.edits === 1 && card()?.thread.length === 2)
    expect(textOf(card()?.thread[1])).toMatch(/[Ss]nooze/)
  })
})

function slackCard({ sandbox }: World) {
  return sandbox.slack.channel('payments').messages[0]
}

function discordCard({ sandbox }: World) {
  const message = sandbox.discord.channel('incidents').messages[0]
  return message as typeof message & { readonly embeds: readonly { readonly color?: number }[] }
}

function roots({ sandbox }: World): { slack: number; discord: number } {
  return {
    slack: sandbox.slack.channel('payments').messages.length,
    discord: sandbox.discord.channel('incidents').messages.length,
  }
}

function discordCallsBefore({ sandbox }: World): number {
  const last = sandbox.discord.state().calls.length
  return last - 1
}

function colour(card: ReturnType<typeof slackCard>): unknown {
  return (card as { attachments?: readonly { color?: string }[] } | undefined)?.attachments?.[0]?.color
}

/** Everything a reader sees of a message, as one text. */
function textOf(message: unknown): string {
  return JSON.stringify(message, (key, value: unknown) => (key === 'thread' ? undefined : value)) ?? ''
}

/** What a thread tells, in order, fallbacks left out. Several events may be told in one message. */
function toldIn(card: ReturnType<typeof slackCard> | ReturnType<typeof discordCard>): string {
  return (card?.thread ?? [])
    .map((reply) => JSON.stringify('blocks' in reply ? reply.blocks : 'embeds' in reply ? reply.embeds : ''))
    .join('\n')
}

/** An incident of its own, in a channel with no route of its own. */
function other(id: string, incident: object = {}): Push {
  const now = Math.floor(Date.now() / 1000)
  const fields = {
    incident_id: id,
    title: `incident ${id}`,
    channel_name: 'Search',
    incident_severity: 'Info',
    labels: {},
    created_at: now,
    start_time: now,
  }
  return { ...toPush('i_new', { event_id: `${id}-1`, event_time: Date.now(), incident: { ...fields, ...incident } }) }
}
