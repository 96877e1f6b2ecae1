import { describe, expect, it } from 'vitest'
import { foldReplies } from '../../../src/message/fold.ts'
import { toPlainText, type Message } from '../../../src/message/message.ts'
import { platforms } from '../../../src/platform/index.ts'
import { START_MS } from './sample.ts'

const options = { token: 'not-used', callTimeoutMs: 1, people: new Map(), log: () => {} }
const drawers = await Promise.all([platforms.slack(options), platforms.discord(options)])

describe('replies told together', () => {
  it('are a line each, with their times, and call whoever any of them calls once', () => {
    const ann = { kind: 'person', name: 'Ann' } as const
    const folded = foldReplies([
      { message: reply('Ann commented', { mentions: [ann] }), atMs: START_MS },
      {
        message: reply('Root cause:', { quote: 'a\nlong  story', mentions: [{ kind: 'here' }, ann] }),
        atMs: START_MS + 60_000,
      },
    ])
    expect(folded.lines.map(toPlainText)).toEqual([
      '2026-11-23 02:00 UTC Ann commented',
      '2026-11-23 02:01 UTC Root cause: “a long story”',
    ])
    expect(folded.mentions).toEqual([ann, { kind: 'here' }])
    expect(folded.summary).toBe('Root cause: (+1)')
  })

  it.each(drawers)('are all named in $kind, whatever they say', (platform) => {
    for (const filler of ['x', '长', '🔥', '*_~`|>', '"\\']) {
      const told = Array.from({ length: 20 }, (_, index) => ({
        message: reply(`event ${index} ${filler.repeat(400)}`),
        atMs: START_MS + index,
      }))
      const drawn = JSON.stringify(platform.drawReply(foldReplies(told), 'full'))
      for (let index = 0; index < 20; index++) expect(drawn).toContain(`event ${index} `)
    }
  })
})

function reply(line: string, change: Partial<Message> = {}): Message {
  const base: Message = {
    tone: 'info',
    summary: line,
    lines: [[{ kind: 'text', text: line }]],
    fields: [],
    links: [],
    mentions: [],
  }
  return { ...base, ...change }
}
