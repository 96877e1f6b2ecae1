import { describe, expect, it } from 'vitest'
import type { Message, Span } from '../../../src/message/message.ts'
import { hasMarker, withMarker } from '../../../src/platform/discord/marker.ts'
import { drawCard, drawReply } from '../../../src/platform/discord/payload.ts'

const AT_MS = Date.UTC(2026, 10, 23, 2, 0, 30)
const ANN_ID = '1100000000000000011'
const ROLE_ID = '1100000000000000021'
const PEOPLE = new Map([['ann@example.com', ANN_ID]])
const ANN = { kind: 'person', name: 'Ann Lee', email: 'Ann@Example.com' } as const
const BEN = { kind: 'person', name: 'Ben Ortiz', email: 'ben@example.com' } as const
const URL = 'https://console.example.com/i/1'

function t(text: string, style?: { bold?: boolean; italic?: boolean }): Span {
  return { kind: 'text', text, ...(style && { style }) }
}

const BARE: Message = { tone: 'neutral', summary: 'Summary', lines: [], fields: [], links: [], mentions: [] }

const CARD: Message = {
  tone: 'critical',
  summary: '[Critical] checkout <5xx>',
  title: { text: '🔴 checkout 5xx rate > 12%', url: `${URL}?a=1` },
  lines: [[t('Triggered', { bold: true }), t(' in '), t('Payments', { italic: true })], [t(' ')], [t('@everyone')]],
  fields: [
    { name: 'Severity', value: [t('Critical')] },
    { name: 'Empty', value: [t(' ')] },
    { name: 'Responders', value: [{ kind: 'mention', who: ANN }, t(', '), { kind: 'mention', who: BEN }] },
    { name: 'Started', value: [{ kind: 'time', atMs: AT_MS, format: 'date_time' }] },
    { name: 'Impact', value: [t('nobody can pay, and nobody knows for how long')] },
  ],
  quote: 'Error budget burn 14x\nHTTP 502 *upstream* reset',
  links: [
    { label: 'Open', url: URL, style: 'primary' },
    { label: 'Acknowledge', url: `${URL}?ack=1` },
    { label: 'Evil', url: 'javascript:alert(1)' },
    { label: 'Long', url: `${URL}?${'x'.repeat(512)}` },
  ],
  footer: [t('#1042 · Ann Lee · '), { kind: 'time', atMs: AT_MS, format: 'relative' }],
  mentions: [ANN, { kind: 'group', id: ROLE_ID }, BEN, ANN, { kind: 'here' }, { kind: 'user', id: 'not an id' }],
}

const EMBED = {
  color: 0xd92d20,
  title: '🔴 checkout 5xx rate \\> 12%',
  url: `${URL}?a=1`,
  description:
    '**Triggered** in *Payments*\n\\@\u200beveryone\n> Error budget burn 14x\n> HTTP 502 \\*upstream\\* reset',
  fields: [
    { name: 'Severity', value: 'Critical', inline: true },
    { name: 'Responders', value: 'Ann Lee, Ben Ortiz', inline: true },
    { name: 'Started', value: `<t:${Math.floor(AT_MS / 1000)}:f>`, inline: true },
    { name: 'Impact', value: 'nobody can pay, and nobody knows for how long', inline: false },
  ],
  footer: { text: '#1042 · Ann Lee' },
  timestamp: '2026-11-23T02:00:30.000Z',
}
const BUTTONS = [
  {
    type: 1,
    components: [
      { type: 2, style: 5, label: 'Open', url: URL },
      { type: 2, style: 5, label: 'Acknowledge', url: `${URL}?ack=1` },
    ],
  },
]
const CALLS = `<@${ANN_ID}> <@&${ROLE_ID}> @here`
const ALLOWED = { parse: ['everyone'], users: [ANN_ID], roles: [ROLE_ID] }
const WORDS = `\\[Critical\\] checkout \\<5xx\\>\n<${URL}?a=1>`

function colorOf(tone: Message['tone']): number | undefined {
  return drawCard({ ...CARD, tone }, 'full', true, PEOPLE).body.embeds[0]?.color
}

/** A message as Discord gives it back. */
function posted(sent: { content?: string; embeds: readonly object[] }) {
  return {
    id: '1100000000000000099',
    content: sent.content ?? '',
    nonce: undefined,
    author: undefined,
    embeds: sent.embeds.map((embed) => ({ url: '', footer: { text: '' }, ...embed })),
  }
}

describe('a card', () => {
  it('is an embed and buttons, and calls exactly whom it should', () => {
    expect(drawCard(CARD, 'full', false, PEOPLE)).toEqual({
      body: { content: CALLS, embeds: [EMBED], components: BUTTONS, allowed_mentions: ALLOWED },
      words: WORDS,
      threadName: 'checkout 5xx rate > 12%',
    })
  })

  it('calls nobody in an edit, and leaves the text alone', () => {
    const { body } = drawCard(CARD, 'full', true, PEOPLE)
    expect(body).toEqual({ embeds: [EMBED], components: BUTTONS, allowed_mentions: { parse: [] } })
  })

  it('has no address that Discord could refuse when compact', () => {
    const { body } = drawCard(CARD, 'compact', true, PEOPLE)
    const description = `**Triggered** in *Payments*\n[Open](<${URL}?a=1>)`
    expect(body).toEqual({
      embeds: [{ color: EMBED.color, title: EMBED.title, description }],
      components: [],
      allowed_mentions: { parse: [] },
    })
  })

  it('is words and a link without a preview when plain', () => {
    expect(drawCard(CARD, 'plain', false, PEOPLE).body).toEqual({
      content: `${CALLS}\n${WORDS}`,
      embeds: [],
      components: [],
      allowed_mentions: ALLOWED,
    })
    expect(drawCard(CARD, 'plain', true, PEOPLE).body).toMatchObject({
      content: WORDS,
      allowed_mentions: { parse: [] },
    })
  })

  it('says its summary if there is nothing else', () => {
    expect(drawCard(BARE, 'full', false, PEOPLE).body).toEqual({
      embeds: [{ color: expect.any(Number), description: 'Summary' }],
      components: [],
      allowed_mentions: { parse: [] },
    })
  })

  it('shows closed but still firing in a colour no other state has', () => {
    const others = (
      ['critical', 'warning', 'info', 'processing', 'snoozed', 'recovered', 'closed', 'neutral'] as const
    ).map(colorOf)
    expect(new Set(others).size).toBe(others.length)
    expect(others).not.toContain(colorOf('firing'))
  })

  it('has five buttons in a row and five rows', () => {
    const links = Array.from({ length: 30 }, (_, index) => ({ label: `Link ${index}`, url: URL }))
    const { components } = drawCard({ ...CARD, links }, 'full', true, PEOPLE).body
    expect(components.map((row) => row.components.length)).toEqual([5, 5, 5, 5, 5])
  })
})

describe('the name of a thread', () => {
  it.each([
    ['the title without icons', '🔴⚠️ 👩🏽‍💻 Disk  full\non db-1', 'Disk full on db-1'],
    ['icons where there is nothing else', '🔴🔴', '🔴🔴'],
    ['cut', 'x'.repeat(200), `${'x'.repeat(99)}…`],
    ['plain text', '**bold** <@1>', '**bold** <@1>'],
    ['nothing to see', '\u200b \u0007', 'Incident'],
  ])('%s', (_, text, name) => {
    expect(drawCard({ ...BARE, title: { text } }, 'full', true, PEOPLE).threadName).toBe(name)
  })
})

describe('a reply', () => {
  it('is mostly a line beside a bar, and calls whom it should', () => {
    const reply: Message = {
      ...BARE,
      tone: 'processing',
      lines: [[t('Ann', { bold: true }), t(' took it')]],
      mentions: [ANN],
    }
    expect(drawReply(reply, 'full', PEOPLE)).toEqual({
      body: {
        content: `<@${ANN_ID}>`,
        embeds: [{ color: expect.any(Number), description: '**Ann** took it' }],
        components: [],
        allowed_mentions: { parse: [], users: [ANN_ID] },
      },
      words: 'Summary',
    })
  })
})

describe('the marker of a create', () => {
  it.each([
    ['a card', drawCard(CARD, 'full', false, PEOPLE)],
    ['a compact card', drawCard(CARD, 'compact', false, PEOPLE)],
    ['a card in words', drawCard(CARD, 'plain', false, PEOPLE)],
    ['a reply', drawReply({ ...BARE, lines: [[t('x')]] }, 'full', PEOPLE)],
  ])('is found again in %s, and in no other', (_, { body }) => {
    const marked = JSON.parse(JSON.stringify(withMarker({ ...body }, '0123abcdef')))
    expect(hasMarker(posted(marked), '0123abcdef')).toBe(true)
    expect(hasMarker(posted(marked), '0123abcdee')).toBe(false)
    expect(hasMarker(posted(body), '0123abcdef')).toBe(false)
  })

  it('does not show in a reply', () => {
    const { body } = drawReply({ ...BARE, lines: [[t('x')]] }, 'full', PEOPLE)
    expect(withMarker({ ...body }, '0123abcdef')['embeds']).toEqual([{ ...body.embeds[0], url: expect.any(String) }])
  })
})
