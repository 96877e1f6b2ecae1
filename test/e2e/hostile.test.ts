import { describe, expect, it } from 'vitest'
import { createWorld, SECRET, toPush } from './relay.ts'

const TITLES = [
  '<!channel> <!here> <!everyone> <@U0ANNLEE01> <!subteam^S0ONCALL>',
  '@everyone @here <@1100000000000000009> <@&1100000000000000010>',
  '[x](http://evil.example) <http://evil.example|click> https://evil.example',
  '{{ incident.title }} {% for a in b %} ${TOKEN}',
  '"}],"text":"<!channel>"',
  '```\n# heading\n> quote\n||spoiler||',
  '\u202Egnp.exe\u0000\u0007',
  '🔥'.repeat(3_000),
]

describe('hostile text', () => {
  it('pings nobody, links nowhere and breaks no message', async () => {
    const world = await createWorld()
    world.configure()
    const relay = await world.start()
    for (const [index, title] of TITLES.entries()) {
      const person = { person_id: 1, person_name: title, email: title }
      const texts = {
        title,
        description: title,
        impact: title,
        root_cause: title,
        resolution: title,
        channel_name: title,
      }
      const incident = {
        ...texts,
        incident_id: `hostile-${index}`,
        labels: { [title.slice(0, 60)]: title },
        fields: { [title.slice(0, 60)]: title },
      }
      const push = {
        ...toPush('i_new', {
          event_id: `hostile-${index}`,
          incident: { ...incident, responders: [person], detail_url: 'javascript:alert(1)' },
        }),
        person,
      }
      expect(await relay.push(push)).toMatchObject({ status: 200 })
      expect(await relay.push({ ...push, event_id: `hostile-${index}-ack`, event_type: 'i_ack' })).toMatchObject({
        status: 200,
      })
    }
    const { slack, discord } = world.sandbox
    const cards = () => ({ slack: slack.channel('incidents').messages, discord: discord.channel('incidents').messages })
    const all = () => [...cards().slack, ...cards().discord]
    await world.until(
      () => all().length === TITLES.length * 2 && all().every(({ thread }) => thread.length === 1),
      30_000,
    )

    for (const message of all().flatMap((card) => [card, ...card.thread])) expect(message.pings).toEqual([])
    expect(JSON.stringify(cards().slack)).not.toMatch(/"type":"link"[^}]*evil|"type":"(user|usergroup|broadcast)"/)
    expect(JSON.stringify(all())).not.toContain('javascript:')
    // In Discord's markdown a link needs a bare bracket or a bare scheme; inside inline code there is none.
    const markdown = cards()
      .discord.flatMap((card) => [card, ...card.thread])
      .flatMap(textsOf)
    expect(markdown.length).toBeGreaterThan(TITLES.length)
    for (const text of markdown) expect(text.replace(/(`+)[^`].*?\1/gs, '')).not.toMatch(/(?<!\\)\]\(|https?:\/\/evil/)
    const statuses = [...slack.state().calls, ...discord.state().calls].filter(
      ({ status, error }) => status >= 400 || error !== undefined,
    )
    expect(statuses).toEqual([])
  }, 60_000)

  it('of a megabyte becomes one message of each chat', async () => {
    const world = await createWorld()
    world.configure()
    const relay = await world.start()
    const push = toPush('i_new', {
      event_id: 'big',
      incident: { incident_id: 'big', title: 'é'.repeat(480_000), channel_name: 'Search' },
    })
    expect(await relay.push(push)).toMatchObject({ status: 200 })
    const { slack, discord } = world.sandbox
    await world.until(
      () => slack.channel('incidents').messages.length === 1 && discord.channel('incidents').messages.length === 1,
    )
    const over = toPush('i_new', { event_id: 'over', incident: { title: 'é'.repeat(530_000) } })
    expect(await relay.push(over)).toMatchObject({ status: 413, body: { code: 'too_large' } })
  })
})

describe('secrets', () => {
  it('are in nothing the relay prints, serves or keeps', async () => {
    const world = await createWorld()
    world.configure()
    const relay = await world.start()
    await relay.push(toPush('i_new'), { 'x-relay-secret': `${SECRET}x` })
    await relay.push('{"event_id": "broken"')
    world.sandbox.slack.revokeToken()
    world.sandbox.discord.revokeToken()
    await relay.push(toPush('i_new'))
    await world.until(
      () => world.sandbox.slack.state().calls.length > 0 && world.sandbox.discord.state().calls.length > 0,
    )
    const pages = await Promise.all(['/metrics', '/readyz', '/livez'].map((path) => relay.get(path)))
    await relay.kill('SIGTERM')
    const said = relay.output() + JSON.stringify(pages)
    expect(said).toContain('circuit.opened')
    for (const secret of [SECRET, world.sandbox.slack.token, world.sandbox.discord.token])
      expect(said).not.toContain(secret)
  })
})

/** Every text of a Discord message that Discord reads as markdown. */
function textsOf(message: unknown): readonly string[] {
  const { content, embeds } = message as {
    readonly content: string
    readonly embeds: readonly {
      title?: string
      description?: string
      fields?: readonly { name: string; value: string }[]
    }[]
  }
  const inEmbeds = embeds.flatMap(({ title, description, fields = [] }) => [
    title,
    description,
    ...fields.flatMap(({ name, value }) => [name, value]),
  ])
  return [content, ...inEmbeds].filter((text) => text !== undefined)
}
