import { describe, expect, it } from 'vitest'
import type { Message, Span } from '../../../src/message/message.ts'
import { TONES } from '../../../src/message/words.ts'
import { drawCard, drawReply } from '../../../src/platform/slack/payload.ts'

const AT_MS = Date.UTC(2026, 10, 23, 2, 0, 30)
const PEOPLE = new Map([['ann@example.com', 'U0ANNLEE01']])
const ANN = { kind: 'person', name: 'Ann Lee', email: 'Ann@Example.com' } as const
const BEN = { kind: 'person', name: 'Ben Ortiz', email: 'ben@example.com' } as const
const CLEO = { kind: 'person', name: 'Cleo Park' } as const
const BOLD = { bold: true }

function t(text: string, style?: { bold?: boolean; italic?: boolean; code?: boolean }): Span {
  return { kind: 'text', text, ...(style && { style }) }
}

const BARE: Message = { tone: 'neutral', summary: 'Summary', lines: [], fields: [], links: [], mentions: [] }

const CARD: Message = {
  tone: 'critical',
  summary: '[Critical] checkout <5xx> & more',
  title: { text: '🔴 checkout 5xx rate > 12%', url: 'https://console.example.com/i/1?a=1&b=2' },
  lines: [
    [t('Triggered', BOLD), t(' in '), t('Payments', { italic: true })],
    [t('<!channel> '), { kind: 'mention', who: ANN }],
    [t('')],
  ],
  fields: [
    { name: 'Severity', value: [t('Critical')] },
    { name: 'Alerts', value: [t('27')] },
    { name: 'Empty', value: [t(' ')] },
    { name: 'Responders', value: [{ kind: 'mention', who: ANN }, t(', '), { kind: 'mention', who: BEN }] },
    { name: 'Started', value: [{ kind: 'time', atMs: AT_MS, format: 'date_time' }] },
  ],
  quote: 'Error budget burn 14x\n\n\nHTTP 502 *upstream* reset',
  links: [
    { label: 'Open', url: 'https://console.example.com/i/1', style: 'primary' },
    { label: 'Acknowledge', url: 'https://console.example.com/i/1?ack=1' },
    { label: 'Evil', url: 'javascript:alert(1)' },
  ],
  footer: [t('#1042 · Ann Lee · '), { kind: 'time', atMs: AT_MS, format: 'relative' }],
  mentions: [ANN, { kind: 'group', id: 'S0ONCALL' }, BEN, CLEO, { kind: 'here' }, { kind: 'user', id: 'not an id' }],
}

const HEAD = {
  type: 'rich_text_section',
  elements: [
    {
      type: 'link',
      url: 'https://console.example.com/i/1?a=1&b=2',
      text: '🔴 checkout 5xx rate > 12%',
      style: BOLD,
    },
  ],
}
const TWO_LINES = {
  type: 'rich_text',
  elements: [
    {
      type: 'rich_text_section',
      elements: [
        { type: 'text', text: 'Triggered', style: BOLD },
        { type: 'text', text: ' in ' },
        { type: 'text', text: 'Payments', style: { italic: true } },
        { type: 'text', text: '\n<!channel> Ann Lee' },
      ],
    },
  ],
}
const LINKS = {
  type: 'rich_text',
  elements: [
    {
      type: 'rich_text_section',
      elements: [
        { type: 'link', url: 'https://console.example.com/i/1', text: 'Open', style: BOLD },
        { type: 'text', text: '  ·  ' },
        { type: 'link', url: 'https://console.example.com/i/1?ack=1', text: 'Acknowledge' },
      ],
    },
  ],
}
const FALLBACK = '[Critical] checkout &lt;5xx&gt; &amp; more'

describe('a card', () => {
  it('is its title and whom to call, and the rest beside a bar', () => {
    expect(drawCard(CARD, 'full', false, PEOPLE)).toEqual({
      text: FALLBACK,
      blocks: [
        {
          type: 'rich_text',
          elements: [
            HEAD,
            {
              type: 'rich_text_section',
              elements: [
                { type: 'user', user_id: 'U0ANNLEE01' },
                { type: 'text', text: ' ' },
                { type: 'usergroup', usergroup_id: 'S0ONCALL' },
                { type: 'text', text: ' Cleo Park ' },
                { type: 'broadcast', range: 'here' },
              ],
            },
          ],
        },
      ],
      attachments: [
        {
          color: '#d92d20',
          fallback: FALLBACK,
          blocks: [
            TWO_LINES,
            {
              type: 'rich_text',
              elements: [
                {
                  type: 'rich_text_section',
                  elements: [
                    { type: 'text', text: 'Severity: ', style: BOLD },
                    { type: 'text', text: 'Critical  ·  ' },
                    { type: 'text', text: 'Alerts: ', style: BOLD },
                    { type: 'text', text: '27\n' },
                    { type: 'text', text: 'Responders: ', style: BOLD },
                    { type: 'text', text: 'Ann Lee, Ben Ortiz  ·  ' },
                    { type: 'text', text: 'Started: ', style: BOLD },
                    {
                      type: 'date',
                      timestamp: AT_MS / 1000,
                      format: '{date_short_pretty} {time}',
                      fallback: '2026-11-23 02:00 UTC',
                    },
                  ],
                },
              ],
            },
            {
              type: 'rich_text',
              elements: [
                {
                  type: 'rich_text_quote',
                  elements: [{ type: 'text', text: 'Error budget burn 14x\nHTTP 502 *upstream* reset' }],
                },
              ],
            },
            LINKS,
            {
              type: 'context',
              elements: [
                { type: 'plain_text', text: '#1042 · Ann Lee ·', emoji: false },
                {
                  type: 'mrkdwn',
                  text: `<!date^${AT_MS / 1000}^{ago}|2026-11-23 02:00 UTC>`,
                  verbatim: true,
                },
              ],
            },
          ],
        },
      ],
    })
  })

  it('calls nobody in an edit, and is the same otherwise', () => {
    const { blocks, ...rest } = drawCard(CARD, 'full', true, PEOPLE)
    expect(blocks).toEqual([{ type: 'rich_text', elements: [HEAD] }])
    const { blocks: _, ...restOfPost } = drawCard(CARD, 'full', false, PEOPLE)
    expect(rest).toEqual(restOfPost)
  })

  it('keeps the title, the first two lines and the links when compact', () => {
    expect(drawCard(CARD, 'compact', true, PEOPLE)).toEqual({
      text: FALLBACK,
      blocks: [{ type: 'rich_text', elements: [HEAD] }],
      attachments: [
        {
          color: '#d92d20',
          fallback: FALLBACK,
          blocks: [TWO_LINES, LINKS],
        },
      ],
    })
  })

  it('is words, calls and a link without any block when plain, and still rich text in an edit', () => {
    expect(drawCard(CARD, 'plain', false, PEOPLE)).toEqual({
      text: `<@U0ANNLEE01> <!subteam^S0ONCALL> <!here> ${FALLBACK}\n<https://console.example.com/i/1?a=1&amp;b=2>`,
      blocks: [],
      attachments: [],
    })
    expect(drawCard(CARD, 'plain', true, PEOPLE)).toEqual({
      text: FALLBACK,
      blocks: [
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_section',
              elements: [
                { type: 'text', text: '[Critical] checkout <5xx> & more\n' },
                { type: 'link', url: 'https://console.example.com/i/1?a=1&b=2' },
              ],
            },
          ],
        },
      ],
      attachments: [],
    })
  })

  it('has its summary for a title if it has none, and no bar if there is nothing beside it', () => {
    expect(drawCard(BARE, 'full', false, PEOPLE)).toEqual({
      text: 'Summary',
      blocks: [
        {
          type: 'rich_text',
          elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'Summary', style: BOLD }] }],
        },
      ],
      attachments: [],
    })
  })

  it('shows closed but still firing in a colour no other state has', () => {
    const colors = TONES.map(
      (tone) => JSON.stringify(drawCard({ ...CARD, tone }, 'full', true, PEOPLE)).match(/#\w{6}/)?.[0],
    )
    expect(new Set(colors).size).toBe(TONES.length)
  })
})

function line(...elements: object[]): object {
  return { type: 'rich_text_section', elements }
}

describe('a reply', () => {
  const reply: Message = {
    ...BARE,
    tone: 'recovered',
    summary: 'Assigned to Ann Lee',
    lines: [[t('Assigned to '), { kind: 'mention', who: ANN }, t(' and '), { kind: 'mention', who: BEN }]],
    quote: 'over to you',
  }
  it('has no line of names below it that call nobody', () => {
    const drawn = drawReply({ ...BARE, lines: [[t('Severity raised')]], mentions: [BEN, CLEO] }, 'full', PEOPLE)
    expect(drawn['blocks']).toEqual([
      { type: 'rich_text', elements: [line({ type: 'text', text: 'Severity raised' })] },
    ])
  })

  it('calls whom it names where it names them, and the others below', () => {
    const mentions = [ANN, BEN, { kind: 'user', id: 'W0CHIEF' }] as const
    expect(drawReply({ ...reply, mentions }, 'full', PEOPLE)).toEqual({
      text: 'Assigned to Ann Lee',
      blocks: [
        {
          type: 'rich_text',
          elements: [
            line(
              { type: 'text', text: 'Assigned to ' },
              { type: 'user', user_id: 'U0ANNLEE01' },
              { type: 'text', text: ' and Ben Ortiz' },
            ),
            line({ type: 'user', user_id: 'W0CHIEF' }),
          ],
        },
        {
          type: 'rich_text',
          elements: [{ type: 'rich_text_quote', elements: [{ type: 'text', text: 'over to you' }] }],
        },
      ],
      attachments: [],
    })
  })

  it('calls nobody it is not told to call', () => {
    expect(drawReply(reply, 'compact', PEOPLE)).toEqual({
      text: 'Assigned to Ann Lee',
      blocks: [{ type: 'rich_text', elements: [line({ type: 'text', text: 'Assigned to Ann Lee and Ben Ortiz' })] }],
      attachments: [],
    })
  })
})
