import { describe, expect, it } from 'vitest'
import { startWorkspace } from './sandbox-slack.ts'

const CHANNEL = 'C0INCIDENTS'

const plain = (text: string) => ({ type: 'plain_text', text })
const mrkdwn = (text: string, verbatim?: boolean) => ({ type: 'mrkdwn', text, verbatim })
const section = (text: object) => ({ type: 'section', text })
const fields = (...list: object[]) => ({ type: 'section', fields: list })
const context = (...elements: object[]) => ({ type: 'context', elements })
const actions = (...elements: object[]) => ({ type: 'actions', elements })
const button = (more: object) => ({ type: 'button', text: plain('Open'), ...more })
const rich = (...elements: object[]) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
})
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)
const blocks = (...list: unknown[]) => ({ blocks: list })
const attached = (attachment: object) => ({ attachments: [attachment] })
const metadata = (event_payload: unknown) => ({ text: 'x', metadata: { event_type: 'relay', event_payload } })

describe('a message Slack refuses', () => {
  it.each<[string, object, string, string?]>([
    ['nothing at all', {}, 'no_text'],
    ['blank text', { text: ' ' }, 'no_text'],
    ['no list', { blocks: '{"type":"divider"}' }, 'invalid_blocks_format'],
    ['no JSON', { blocks: '[{' }, 'invalid_blocks_format'],
    ['51 blocks', blocks(...times(51, { type: 'divider' })), 'no more than 50 items allowed [json-pointer:/blocks]'],
    ['a strange block', blocks({ type: 'banner' }), 'unsupported type: banner [json-pointer:/blocks/0/type]'],
    [
      'a strange member',
      blocks({ type: 'divider', text: 'x' }),
      'invalid additional property: text [json-pointer:/blocks/0]',
    ],
    ['an empty text', blocks(section(mrkdwn(''))), 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
    ['a bare string', blocks({ type: 'section', text: 'x' }), '[json-pointer:/blocks/0/text]'],
    ['a bare section', blocks({ type: 'section' }), 'missing required field: text [json-pointer:/blocks/0]'],
    [
      'a long section',
      blocks(section(plain('x'.repeat(3001)))),
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a long header',
      blocks({ type: 'header', text: plain('x'.repeat(151)) }),
      'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ],
    ['a formatted header', blocks({ type: 'header', text: mrkdwn('x') }), '[json-pointer:/blocks/0/text/type]'],
    [
      '11 fields',
      blocks(fields(...times(11, plain('x')))),
      'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    [
      'a long field',
      blocks(fields(plain('x'.repeat(2001)))),
      'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
    ],
    [
      '11 context elements',
      blocks(context(...times(11, plain('x')))),
      'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      '26 actions',
      blocks(actions(...times(26, button({})))),
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    ['a long button', blocks(actions(button({ text: plain('x'.repeat(76)) }))), 'must be less than 76 characters'],
    [
      'a long link',
      blocks(actions(button({ url: `https://example.com/${'x'.repeat(3000)}` }))),
      'must be less than 3001 characters',
    ],
    [
      'a broken link',
      blocks(actions(button({ url: 'detail' }))),
      'must be a valid URL [json-pointer:/blocks/0/elements/0/url]',
    ],
    ['one action id twice', blocks(actions(...times(2, button({ action_id: 'a' })))), '"a" already exists'],
    ['one block id twice', blocks(...times(2, { type: 'divider', block_id: 'b' })), '"b" already exists'],
    ['a script link', blocks(rich({ type: 'link', url: 'javascript:alert(1)' })), 'must be a valid URL'],
    ['an empty rich text', blocks(rich({ type: 'text', text: '' })), 'must be more than 0 characters'],
    ['no rich text', blocks(rich()), 'no fewer than 1 items allowed'],
    [
      'a strange style',
      blocks(rich({ type: 'text', text: 'x', style: { blink: true } })),
      'invalid additional property: blink',
    ],
    [
      'a name for an id',
      blocks(rich({ type: 'user', user_id: 'ann' })),
      '[json-pointer:/blocks/0/elements/0/elements/0/user_id]',
    ],
    ['a fraction of a second', blocks(rich({ type: 'date', timestamp: 1.5, format: '{date}' })), '/timestamp]'],
    ['a strange date', blocks(rich({ type: 'date', timestamp: 1, format: '{year}' })), 'invalid date format'],
    ['too much in all', blocks(...times(5, section(plain('x'.repeat(2700))))), 'msg_blocks_too_long'],
    [
      'too much in an attachment',
      attached({ blocks: times(5, section(plain('ö'.repeat(1400)))) }),
      'msg_blocks_too_long',
    ],
    [
      'a strange colour',
      attached({ color: 'reddish', text: 'x' }),
      '[json-pointer:/attachments/0/color]',
      'invalid_attachments',
    ],
    [
      'a bad block in an attachment',
      attached({ blocks: [{ type: 'header', text: plain('') }] }),
      '[json-pointer:/attachments/0/blocks/0/text/text]',
      'invalid_attachments',
    ],
    ['101 attachments', { attachments: times(101, { text: 'x' }) }, 'too_many_attachments'],
    ['metadata that is none', { text: 'x', metadata: 'relay' }, 'invalid_metadata_format'],
    [
      'metadata without a payload',
      { text: 'x', metadata: { event_type: 'relay' } },
      'missing required field: event_payload',
      'invalid_metadata_schema',
    ],
    ['deep metadata', metadata({ a: { b: { c: 1 } } }), '[json-pointer:/metadata', 'invalid_metadata_schema'],
    ['big metadata', metadata({ a: 'x'.repeat(1024) }), 'metadata_too_large'],
  ])('%s', async (_name, content, words, error) => {
    const { slack, call } = await startWorkspace()
    const told = await call('chat.postMessage', { channel: CHANNEL, ...content })
    const said = told.response_metadata?.messages?.join('\n')
    if (/^\w+$/.test(words)) expect(told.error).toBe(words)
    else expect([told.error, said]).toEqual([error ?? 'invalid_blocks', expect.stringContaining(words)])
    expect(slack.channel('incidents').messages).toEqual([])
  })
})

it('takes a message that uses every limit to the full', async () => {
  const { call } = await startWorkspace()
  const styled = { type: 'text', text: 'x', style: { bold: true, italic: true, strike: true, code: true } }
  const list = [{ type: 'rich_text_section', elements: [styled] }]
  const big = blocks(
    { type: 'header', text: plain('x'.repeat(150)) },
    section(mrkdwn('x'.repeat(3000), true)),
    fields(...times(10, plain('x'.repeat(200)))),
    context(...times(10, mrkdwn('x'))),
    actions(...times(25, button({ text: plain('x'.repeat(75)) }))),
    {
      type: 'rich_text',
      elements: [
        { type: 'rich_text_list', style: 'bullet', elements: list },
        { type: 'rich_text_quote', elements: [styled] },
        { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'x' }] },
      ],
    },
    rich(
      { type: 'link', url: 'https://example.com/?a=1', text: 'Open' },
      { type: 'date', timestamp: 1_763_900_000, format: '{date_short_pretty} {time_secs}', fallback: 'then' },
      { type: 'emoji', name: 'fire' },
      { type: 'usergroup', usergroup_id: 'S0ONCALL1' },
    ),
    { type: 'table', rows: times(2, times(3, { type: 'raw_text', text: 'x' })) },
    ...times(42, { type: 'divider' }),
  )
  const told = await call('chat.postMessage', { channel: CHANNEL, text: 'x'.repeat(40_001), ...big })
  expect(told.response_metadata?.messages).toBeUndefined()
  expect(told.message.text).toHaveLength(40_000)
  const ids = (told.message.blocks ?? []).map(({ block_id }) => block_id)
  expect(new Set(ids).size).toBe(50)
})

describe('who is called', () => {
  it.each<[string, object, string[]]>([
    [
      'text',
      { text: '<!channel> <@U0ANN> <!subteam^S0ONCALL|@oncall> <@W0BEN|ben>' },
      ['channel', 'U0ANN', 'S0ONCALL', 'W0BEN'],
    ],
    ['each once', { text: '<!here> and <!here>' }, ['here']],
    ['escaped text', { text: '&lt;!channel&gt; @channel <#C0INCIDENTS> <https://x.test|@here>' }, []],
    ['names that Slack was told to link', { text: '@here you@everyone.test', link_names: true }, ['here']],
    ['names under parse full', { text: '(@everyone)', parse: 'full' }, ['everyone']],
    ['the fallback of blocks', { text: '<!channel>', ...blocks({ type: 'divider' }) }, []],
    ['mrkdwn', blocks(section(mrkdwn('<!here>', true))), ['here']],
    ['mrkdwn left to guess', blocks(context(mrkdwn('@channel'))), ['channel']],
    ['mrkdwn not left to guess', blocks(fields(mrkdwn('@channel', true))), []],
    ['plain text', blocks({ type: 'header', text: plain('<!channel> @here <@U0ANN>') }), []],
    ['rich text that is text', blocks(rich({ type: 'text', text: '<!channel> @here <@U0ANN>' })), []],
    ['the label of a link', blocks(rich({ type: 'link', url: 'https://x.test', text: '<!channel>' })), []],
    [
      'rich text that is meant',
      blocks(
        rich(
          { type: 'user', user_id: 'U0ANN' },
          { type: 'usergroup', usergroup_id: 'S0ONCALL' },
          { type: 'broadcast', range: 'here' },
          { type: 'channel', channel_id: 'C0INCIDENTS' },
        ),
      ),
      ['U0ANN', 'S0ONCALL', 'here'],
    ],
    [
      'an attachment',
      attached({ pretext: '<!here>', text: '<@U0ANN>', fallback: '<!channel>', title: '<!channel>' }),
      ['here', 'U0ANN'],
    ],
    ['blocks in an attachment', attached({ blocks: [section(mrkdwn('<!everyone>'))] }), ['everyone']],
  ])('%s', async (_name, content, pings) => {
    const { slack, call } = await startWorkspace()
    await call('chat.postMessage', { channel: CHANNEL, ...content })
    expect(slack.channel('incidents').messages).toMatchObject([{ pings }])
  })

  it('nobody by an edit', async () => {
    const { slack, call } = await startWorkspace()
    const { ts } = await call('chat.postMessage', { channel: CHANNEL, text: '<@U0ANN>' })
    await call('chat.update', { channel: CHANNEL, ts, text: '<!channel>' })
    expect(slack.channel('incidents').messages).toMatchObject([{ text: '<!channel>', pings: ['U0ANN'] }])
  })

  it('people by people', async () => {
    const { slack } = await startWorkspace()
    slack.postAs('ben@example.com', 'incidents', 'help @here')
    expect(slack.channel('incidents').messages).toMatchObject([{ user: 'U0BENORT02', pings: ['here'] }])
  })
})
