import { stringify } from 'node:querystring'
import * as fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import type { Mentioned, Message, Span } from '../../../src/message/message.ts'
import type { Detail, Drawn } from '../../../src/platform/platform.ts'
import { toMark } from '../../../src/platform/slack/mark.ts'
import { drawCard, drawReply } from '../../../src/platform/slack/payload.ts'
import { Attachments } from '../../../src/sandbox/slack/attachments.ts'
import { Blocks } from '../../../src/sandbox/slack/blocks.ts'
import { toPings } from '../../../src/sandbox/slack/pings.ts'

const PEOPLE = new Map([
  ['ann@example.com', 'U0ANNLEE01'],
  ['ben@example.com', 'W0BEN'],
  ['broken@example.com', '<!channel>'],
])

const HOSTILE = [
  '<!channel>',
  '<@U0ANNLEE01>',
  '@here',
  '<https://evil.example|ok>',
  '&amp;',
  '```',
  ':fire:',
  '\n\n\n',
]
const GRAPHEMES = [
  'a',
  '漢',
  '👩‍👩‍👧‍👦',
  'e\u0301\u0302',
  '"',
  '\\',
  '<',
  '&',
  '\n',
  '\u0007',
  '\ud800',
  '\udc00',
  '\u202e',
  ' ',
]

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
  { weight: 2, arbitrary: fc.constantFrom(...HOSTILE) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.array(fc.constantFrom(...GRAPHEMES, ...HOSTILE), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 4_000 }),
      )
      .map(([parts, times]) => parts.join('').repeat(times)),
  },
  { weight: 1, arbitrary: fc.constant(`z${'\u0300'.repeat(7_000)}`) },
)
const url = fc.oneof(
  fc.webUrl({ withQueryParameters: true }),
  fc.constantFrom('javascript:alert(1)', 'https://u:p@example.com/', '', `https://example.com/${'a'.repeat(3_000)}`),
  fc.integer({ min: 1, max: 1_990 }).map((length) => `https://example.com/${'é|<>'.repeat(length)}`.slice(0, length)),
)
const who: fc.Arbitrary<Mentioned> = fc.oneof(
  fc.record({
    kind: fc.constant('person' as const),
    name: text,
    email: fc.constantFrom(...PEOPLE.keys(), 'x@example.com'),
  }),
  fc.record({
    kind: fc.constantFrom('user' as const, 'group' as const),
    id: fc.constantFrom('U0AAA', 'W0BEN', 'S0ONCALL', '<!here>'),
  }),
  fc.constant({ kind: 'here' as const }),
)
const style = fc.record(
  { bold: fc.boolean(), italic: fc.boolean(), code: fc.boolean(), strike: fc.boolean() },
  { requiredKeys: [] },
)
const span: fc.Arbitrary<Span> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text, style }),
  fc.record({ kind: fc.constant('link' as const), text, url }),
  fc.record({
    kind: fc.constant('time' as const),
    atMs: fc.oneof(fc.double(), fc.integer({ min: 0, max: 4e12 })),
    format: fc.constantFrom('date_time' as const, 'time' as const, 'relative' as const),
  }),
  fc.record({ kind: fc.constant('mention' as const), who }),
)
const line = fc.array(span, { maxLength: 12 })
const message: fc.Arbitrary<Message> = fc.record(
  {
    tone: fc.constantFrom('critical' as const, 'firing' as const, 'recovered' as const),
    summary: text,
    title: fc.record({ text, url }, { requiredKeys: ['text'] }),
    lines: fc.array(line, { maxLength: 40 }),
    fields: fc.array(fc.record({ name: text, value: line }), { maxLength: 40 }),
    quote: text,
    links: fc.array(fc.record({ label: text, url }), { maxLength: 8 }),
    footer: line,
    mentions: fc.array(who, { maxLength: 40 }),
  },
  { requiredKeys: ['tone', 'summary', 'lines', 'fields', 'links', 'mentions'] },
)
const detail = fc.constantFrom<Detail>('full', 'compact', 'plain')

const Parts = v.object({ text: v.string(), blocks: v.array(v.unknown()), attachments: v.array(v.unknown()) })
const Fields = v.record(v.string(), v.unknown())

/** Everything of `type` inside a value, however deep. */
function all(value: unknown, type: string): readonly v.InferOutput<typeof Fields>[] {
  if (typeof value !== 'object' || value === null) return []
  const inside = Object.values(value).flatMap((member) => all(member, type))
  return 'type' in value && value.type === type ? [v.parse(Fields, value), ...inside] : inside
}

function intended(mentions: readonly Mentioned[]): readonly string[] {
  return mentions.map((one) => {
    if (one.kind === 'here') return 'here'
    return one.kind === 'person' ? (PEOPLE.get(one.email ?? '') ?? '') : one.id
  })
}

function expectInside(drawn: Drawn): void {
  const { text: words, blocks, attachments } = v.parse(Parts, drawn)
  v.parse(Blocks, blocks)
  v.parse(Attachments, attachments)
  const json = JSON.stringify([blocks, attachments])
  expect(Buffer.byteLength(json)).toBeLessThanOrEqual(12_000)
  expect(json).not.toMatch(/\\ud[89a-f]|\\u00[01]/)
  expect(words.trim().length).toBeGreaterThan(0)
  expect(words.length).toBeLessThanOrEqual(4_000)
  // How the client writes the form; half a character makes it throw.
  expect(stringify({ text: words })).toContain('text=')
  for (const { text: token } of all([blocks, attachments], 'mrkdwn')) {
    expect(token).toMatch(/^<!date\^\d+\^(?:\{\w+\} ?){1,2}\|\d{4}-\d\d-\d\d \d\d:\d\d UTC>$/)
  }
  for (const { url: href } of all([blocks, attachments], 'link'))
    expect(href).toMatch(/^https?:\/\/[^@/?#]+(?:[/?#]|$)/)
}

function pingsOf(drawn: Drawn): readonly string[] {
  const { text: words, blocks, attachments } = v.parse(Parts, drawn)
  return toPings({ text: words, blocks, attachments }, { parse: 'none', linkNames: false })
}

describe('any message', () => {
  it('is drawn inside the limits, as a card and as a reply', () => {
    fc.assert(
      fc.property(message, detail, fc.boolean(), (any, howMuch, forEdit) => {
        expectInside(drawCard(any, howMuch, forEdit, PEOPLE))
        expectInside(drawReply(any, howMuch, PEOPLE))
      }),
      { numRuns: 300 },
    )
  })

  it('calls nobody but those it is told to call, and nobody in an edit', () => {
    fc.assert(
      fc.property(message, detail, (any, howMuch) => {
        const allowed = intended(any.mentions)
        for (const drawn of [drawCard(any, howMuch, false, PEOPLE), drawReply(any, howMuch, PEOPLE)]) {
          expect(pingsOf(drawn).filter((ping) => !allowed.includes(ping))).toEqual([])
        }
        expect(pingsOf(drawCard(any, howMuch, true, PEOPLE))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('can be edited to any other: a card never loses its rich text', () => {
    fc.assert(
      fc.property(message, detail, (any, howMuch) => {
        const { blocks } = v.parse(Parts, drawCard(any, howMuch, true, PEOPLE))
        expect(blocks).toMatchObject([{ type: 'rich_text' }])
      }),
      { numRuns: 50 },
    )
  })

  it('keeps its title and its links when everything else is huge', () => {
    const huge = 'é'.repeat(5_000)
    const words: Span = { kind: 'text', text: huge }
    const drawn = drawCard(
      {
        tone: 'critical',
        summary: huge,
        title: { text: huge, url: 'https://example.com/i/1' },
        lines: Array.from({ length: 50 }, () => [words]),
        fields: Array.from({ length: 50 }, () => ({ name: huge, value: [words] })),
        quote: huge,
        links: [{ label: 'Open', url: 'https://example.com/i/1' }],
        footer: [words],
        mentions: [],
      },
      'full',
      false,
      PEOPLE,
    )
    expectInside(drawn)
    expect(all(drawn, 'link').map(({ text: label }) => String(label).slice(-3))).toEqual(['éé…', 'pen'])
    expect(all(drawn, 'rich_text')).toHaveLength(5)
  })
})

describe('the mark of a key', () => {
  it('is small, a UUID, the same for the same key and another for another', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), fc.string({ unit: 'binary' }), (key, other) => {
        const mark = toMark(key)
        expect(Buffer.byteLength(JSON.stringify(mark.metadata))).toBeLessThan(1_024)
        expect(mark.clientMsgId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        expect(toMark(key)).toEqual(mark)
        if (key !== other) expect(toMark(other).clientMsgId).not.toBe(mark.clientMsgId)
      }),
    )
  })
})
