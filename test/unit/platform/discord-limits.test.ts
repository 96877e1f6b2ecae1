import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Mentioned, Message, RichText, Span } from '../../../src/message/message.ts'
import { withMarker } from '../../../src/platform/discord/marker.ts'
import { drawCard } from '../../../src/platform/discord/payload.ts'
import { toTokens } from './discord-reader.ts'

const ANN_ID = '1100000000000000011'
const ROLE_ID = '1100000000000000021'
const PEOPLE = new Map([['ann@example.com', ANN_ID]])

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ minLength: 2000, maxLength: 6000 }),
  fc.constantFrom('@everyone', '<@1100000000000000011>', '[a](http://evil.example)', '*'.repeat(9000), '\n'.repeat(50)),
)
const url = fc.oneof(fc.webUrl(), fc.string(), fc.constant(`https://x.example/${'y'.repeat(1990)}`))
const id = fc.oneof(fc.constantFrom(ANN_ID, ROLE_ID), fc.string())
const who: fc.Arbitrary<Mentioned> = fc.oneof(
  fc.record({ kind: fc.constant('person' as const), name: text, email: fc.constantFrom('ann@example.com', 'x') }),
  fc.record({ kind: fc.constantFrom('user' as const, 'group' as const), id }),
  fc.constant({ kind: 'here' as const }),
)
const style = fc.record({ bold: fc.boolean(), italic: fc.boolean(), code: fc.boolean(), strike: fc.boolean() })
const span: fc.Arbitrary<Span> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text, style }),
  fc.record({ kind: fc.constant('link' as const), text, url, style }),
  fc.record({ kind: fc.constant('time' as const), atMs: fc.double(), format: fc.constantFrom('time', 'relative') }),
  fc.record({ kind: fc.constant('mention' as const), who }),
)
const rich: fc.Arbitrary<RichText> = fc.array(span, { maxLength: 5 })
const message: fc.Arbitrary<Message> = fc.record(
  {
    tone: fc.constantFrom('critical' as const, 'recovered' as const),
    summary: text,
    title: fc.record({ text, url }),
    lines: fc.array(rich, { maxLength: 25 }),
    fields: fc.array(fc.record({ name: text, value: rich }), { maxLength: 30 }),
    quote: text,
    links: fc.array(fc.record({ label: text, url }), { maxLength: 30 }),
    footer: rich,
    mentions: fc.array(who, { maxLength: 60 }),
  },
  { requiredKeys: ['tone', 'summary', 'lines', 'fields', 'links', 'mentions'] },
)

describe('any message', () => {
  const drawings = fc.tuple(message, fc.constantFrom('full', 'compact', 'plain'), fc.boolean())

  it('keeps to every limit of Discord', () => {
    fc.assert(
      fc.property(drawings, ([any, detail, forEdit]) => {
        const drawn = drawCard(any, detail, forEdit, PEOPLE)
        expect(drawn.threadName.trim().length).toBeGreaterThan(0)
        expect(drawn.threadName.length).toBeLessThanOrEqual(100)
        const body = JSON.parse(JSON.stringify(withMarker({ ...drawn.body }, '0123abcdef')))
        expect(body.content?.length ?? 0).toBeLessThanOrEqual(2000)
        expect(body.allowed_mentions.parse).toBeInstanceOf(Array)
        let total = 0
        const count = (part: string | undefined, max: number) => {
          if (part === undefined) return
          expect(part.trim()).not.toBe('')
          expect(part.length).toBeLessThanOrEqual(max)
          total += part.length
        }
        for (const embed of body.embeds) {
          expect(embed.title ?? embed.description ?? embed.fields).toBeDefined()
          count(embed.title, 256)
          count(embed.description, 4096)
          count(embed.footer?.text, 2048)
          expect(embed.fields?.length ?? 0).toBeLessThanOrEqual(25)
          for (const field of embed.fields ?? []) {
            count(field.name, 256)
            count(field.value, 1024)
          }
          expect(total).toBeLessThanOrEqual(6000)
          if (embed.url !== undefined) expect(embed.url).toMatch(/^https?:\/\/\S{1,2040}$/)
        }
        expect(body.components.length).toBeLessThanOrEqual(5)
        for (const button of body.components.flatMap((row: { components: object[] }) => row.components)) {
          expect(button.label.length).toBeLessThanOrEqual(80)
          expect(button.label.trim()).not.toBe('')
          expect(button.url).toMatch(/^https?:\/\/\S{1,504}$/)
        }
        expect(JSON.stringify(body)).not.toMatch(/\\ud[89a-f]/)
      }),
      { numRuns: 200 },
    )
  })

  it('mentions and links nothing but what its spans and mentions say', () => {
    fc.assert(
      fc.property(drawings, ([any, detail, forEdit]) => {
        const { body } = drawCard(any, detail, forEdit, PEOPLE)
        const [embed] = body.embeds
        const texts = [embed?.title, embed?.description, ...(embed?.fields ?? []).flatMap((f) => [f.name, f.value])]
        const tokens = texts.flatMap((each) => toTokens(each ?? ''))
        for (const { kind, name, text: shown } of tokens) {
          if (kind !== 'markup') continue
          expect(['bold', 'italic', 'strike', 'code', 'link', 'mention', 'time', 'quote']).toContain(name)
          if (name === 'link') expect(shown.slice(shown.lastIndexOf(']('))).not.toContain('evil')
        }
        const calls = toTokens(body.content ?? '').filter(({ kind, name }) => kind === 'markup' && name !== 'address')
        if (forEdit) expect(calls).toEqual([])
        const { users = [], roles = [], parse } = body.allowed_mentions
        const allowed = [...users.map((user) => `<@${user}>`), ...roles.map((role) => `<@&${role}>`)]
        if (parse.length > 0) allowed.push('@here')
        expect(calls.map((call) => call.text).toSorted()).toEqual(allowed.toSorted())
      }),
      { numRuns: 200 },
    )
  })
})
