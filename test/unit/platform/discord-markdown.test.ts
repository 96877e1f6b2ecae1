import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RichText, Span } from '../../../src/message/message.ts'
import { toMarkdown, toQuote } from '../../../src/platform/discord/markdown.ts'
import { toTokens, toVisible, visible } from './discord-reader.ts'

function t(text: string, style?: Extract<Span, { kind: 'text' }>['style']): Span {
  return { kind: 'text', text, ...(style && { style }) }
}

const HOSTILE = [
  '@everyone @here @EVERYONE',
  '<@1100000000000000011> <@!1100000000000000011> <@&1100000000000000021> <#1100000000000000001>',
  '<t:1763863200:R> </deploy:1100000000000000001> <id:customize> <:boom:1100000000000000001> :boom:',
  '[click](http://evil.example) [a](<http://evil.example>) [x]: http://evil.example',
  'http://evil.example https://evil.example discord://x steam://run/1 <https://evil.example> <mail@evil.example>',
  'discord.gg/evil discord.com/invite/evil',
  '**bold** *it* _it_ __under__ ~~gone~~ ||spoiler|| `code` ``co`de``',
  '# heading',
  '-# small',
  '- item',
  '+ item',
  '1. item',
  '  12. item',
  '> quote',
  '>>> quote',
  '```js\nalert(1)\n```',
  '\\*not escaped\\* \\',
  '\\\\[x](http://evil.example)',
  'snake_case_name a*b*c 5 < 6 & 7 > 2',
]

describe('text of an incident', () => {
  it.each(HOSTILE)('shows as it is: %s', (text) => {
    const drawn = toMarkdown([t(text)], 1000)
    expect(toTokens(drawn).map(({ kind }) => kind)).not.toContain('markup')
    expect(visible(drawn)).toBe(toVisible(text))
  })

  it('is nothing but text, whatever it is', () => {
    const pieces = fc.constantFrom(
      ...HOSTILE,
      '\n',
      ' ',
      '`',
      '*',
      '\\',
      '@',
      'everyone',
      'http',
      '://',
      '1',
      '.',
      '👩‍👩‍👧',
      'e\u0301',
    )
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 400 }), (text, max) => {
        const line = toMarkdown([t(text)], max)
        const quote = toQuote(text, max)
        expect(Math.max(line.length, quote.length)).toBeLessThanOrEqual(max)
        expect(toTokens(line).filter(({ kind }) => kind === 'markup')).toEqual([])
        const inQuote = quote.split('\n').map((each) => each.replace(/^> /, ''))
        expect(inQuote.flatMap(toTokens).filter(({ kind }) => kind === 'markup')).toEqual([])
        if (!line.includes('…')) expect(visible(line)).toBe(toVisible(text))
      }),
      { numRuns: 1000 },
    )
  })

  it('begins no list by what stands before its first word and is not shown', () => {
    for (const before of ['\u0000\t', '\u0085', ' \u0007 '])
      expect(toMarkdown([t(`${before}word`, { italic: true })], 100)).toBe('*word*')
  })

  it('cannot end the style around it', () => {
    const style = fc.record({ bold: fc.boolean(), italic: fc.boolean(), strike: fc.boolean(), code: fc.boolean() })
    const text = fc.oneof(fc.string(), fc.constantFrom(...HOSTILE, '*', '**', '~', '`', '\\', 'a*', '~~', ' x '))
    fc.assert(
      fc.property(fc.array(fc.tuple(text, style), { maxLength: 6 }), fc.integer({ min: 1, max: 300 }), (parts, max) => {
        const spans: RichText = parts.map(([words, how]) => t(words, how))
        const drawn = toMarkdown(spans, max)
        expect(drawn.length).toBeLessThanOrEqual(max)
        const kinds = new Set(toTokens(drawn).map(({ kind, name }) => (kind === 'markup' ? name : kind)))
        for (const kind of kinds) expect(['text', 'escape', 'bold', 'italic', 'strike', 'code']).toContain(kind)
        if (!drawn.includes('…')) {
          const words = spans.map((span) => (span.kind === 'text' ? span.text : '')).join('')
          expect(squeezed(visible(drawn))).toBe(squeezed(toVisible(words).replaceAll('`', '\u02cb')))
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('costs the same however long it is', () => {
    for (const part of ['*a', '[a](', '`', '\\', '> ', '@everyone', ':a:', '\u0301', '👩‍']) {
      const long = part.repeat(1_000_000 / part.length)
      const startedAtMs = performance.now()
      expect(toMarkdown([t(long), t(long, { bold: true })], 1024).length).toBeLessThanOrEqual(1024)
      // What looks at every pair of characters would take hours; a busy machine takes a second.
      expect(performance.now() - startedAtMs).toBeLessThan(10_000)
    }
  }, 100_000)
})

/** Style marks hug the words, and code shows one space for many: white space is not what this is about. */
function squeezed(text: string): string {
  return text.replace(/[\s\u02cb`]+/g, '')
}

describe('what spans ask for', () => {
  it.each<readonly [string, RichText, string]>([
    ['bold', [t('a b', { bold: true })], '**a b**'],
    ['bold with blanks around', [t('a'), t(' b ', { bold: true }), t('c')], 'a **b** c'],
    ['all at once', [t('x', { bold: true, italic: true, strike: true })], '~~***x***~~'],
    ['bold code as code', [t('x**', { bold: true, code: true })], '`x**`'],
    ['code with backticks', [t('a`b', { code: true })], '`a\u02cbb`'],
    ['neighbours', [t('a', { bold: true }), t('b', { italic: true })], '**a**\u200b*b*'],
    ['a star at the end', [t('a*', { italic: true })], '*a\\*\u200b*'],
    ['nothing but blanks', [t('  ', { bold: true })], ''],
    [
      'a link',
      [{ kind: 'link', text: 'run [book]', url: 'https://x.example/a(b)?c=d e' }],
      '[run \\[book\\]](<https://x.example/a%28b%29?c=d%20e>)',
    ],
    [
      'a link named like itself',
      [{ kind: 'link', text: 'https://x.example', url: 'https://x.example' }],
      '[x.example](<https://x.example>)',
    ],
    ['a link to nowhere', [{ kind: 'link', text: 'x', url: 'javascript:alert(1)' }], 'x'],
    ['a link with credentials', [{ kind: 'link', text: 'x', url: 'https://a:b@x.example' }], 'x'],
    ['an instant', [{ kind: 'time', atMs: 1_763_863_200_999, format: 'relative' }], '<t:1763863200:R>'],
    ['a date', [{ kind: 'time', atMs: 1_763_863_200_000, format: 'date_time' }], '<t:1763863200:f>'],
    ['a time', [{ kind: 'time', atMs: 1_763_863_200_000, format: 'time' }], '<t:1763863200:t>'],
    ['no instant', [t('a'), { kind: 'time', atMs: NaN, format: 'time' }], 'a'],
    ['a user', [{ kind: 'mention', who: { kind: 'user', id: '1100000000000000011' } }], '<@1100000000000000011>'],
    ['a role', [{ kind: 'mention', who: { kind: 'group', id: '1100000000000000021' } }], '<@&1100000000000000021>'],
    ['an id that is none', [t('a'), { kind: 'mention', who: { kind: 'user', id: '1> @everyone' } }], 'a'],
    ['a person', [{ kind: 'mention', who: { kind: 'person', name: 'A*n', email: 'a@x' } }], 'A\\*n'],
    ['here', [{ kind: 'mention', who: { kind: 'here' } }], '\\@\u200bhere'],
    [
      'a call put together',
      [t('@'), { kind: 'mention', who: { kind: 'person', name: 'everyone' } }],
      '\\@\u200beveryone',
    ],
  ])('%s', (_, spans, drawn) => {
    expect(toMarkdown(spans, 200)).toBe(drawn)
  })

  it.each<readonly [string, RichText, number, string]>([
    ['text', [t('abcdef')], 4, 'abc…'],
    ['text that just fits', [t('abcd')], 4, 'abcd'],
    ['an escape', [t('a**')], 4, 'a\\*…'],
    ['an emoji', [t('ab👩‍👩‍👧')], 6, 'ab…'],
    ['bold', [t('abcdef', { bold: true })], 10, '**abcd**…'],
    ['code', [t('abcdef', { code: true })], 6, '`ab…`'],
    ['before an instant', [t('at '), { kind: 'time', atMs: 0, format: 'time' }], 8, 'at…'],
    ['a link to its words', [{ kind: 'link', text: 'abc', url: 'https://x.example' }], 20, 'abc'],
  ])('cuts %s', (_, spans, max, drawn) => {
    expect(toMarkdown(spans, max)).toBe(drawn)
  })
})

describe('a quote', () => {
  it('marks each line, and makes spaces of too many breaks', () => {
    expect(toQuote('a\n# b\n\nc', 100)).toBe('> a\n> \\# b\n> \n> c')
    expect(toQuote(Array.from({ length: 30 }, (_, index) => `${index}`).join('\n'), 400).split('\n')).toHaveLength(11)
    expect(toQuote(' \n ', 100)).toBe('')
    expect(toQuote('abc', 10)).toBe('')
  })
})
