import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanLine, cleanText, cutText } from '../../../src/message/text.ts'

describe('cleanLine', () => {
  it.each([
    ['entities once', 'a &lt; b &amp;lt; c &#62; &#x26; &nbsp;&quot;&apos;', `a < b &lt; c > & "'`],
    ['entities it does not know', '&copy; &bogus; &#1114112; & &;', '&copy; &bogus; &#1114112; & &;'],
    ['control characters, also when escaped', 'a\u0000b\u0007c&#0;d\u009fe', 'abcde'],
    ['terminal colours', '\u001b[31mred\u001b[0m alert', 'red alert'],
    ['direction overrides and isolates', 'a\u202eb\u2066c\u2069d&#8238;e\u200ff', 'abcdef'],
    [
      'zero-width characters',
      '@every\u200bone\ufeff @he\u2060re @ch\u00adannel a\u200db',
      '@everyone @here @channel ab',
    ],
    ['letters that look like nothing', 'a\u3164b\u115fc', 'abc'],
    ['lone surrogates', 'a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['line breaks and tabs', ' a\r\n b\tc\u2028d ', 'a b c d'],
    ['stacked marks', `z${'\u0301'.repeat(100)}!`, `z${'\u0301'.repeat(8)}!`],
  ])('takes care of %s', (_, given, clean) => {
    expect(cleanLine(given)).toBe(clean)
  })

  it.each(['👨‍👩‍👧 🏳️‍🌈 🏃🏽‍♂️ ❤️', 'نامه‌ای', 'क्‍ष', 'façade über 東京'])('leaves %s as it is', (text) => {
    expect(cleanLine(text)).toBe(text)
  })
})

describe('cleanText', () => {
  it('keeps lines, without floods of them', () => {
    expect(cleanText('\n\n a\n\n\n\nb  \n')).toBe(' a\n\nb')
    const many = cleanText(Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n'))
    expect(many.split('\n')).toHaveLength(11)
    expect(many).toContain('line 99')
  })

  it('gives the same, short and well-formed, for anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.integer({ min: 1, max: 60 }), (given, max) => {
        const clean = cleanText(given, max)
        expect(clean.length).toBeLessThanOrEqual(max)
        expect(clean).not.toMatch(/\p{Cs}|[\u202a-\u202e\u2066-\u2069\u200b]|(?!\n)\p{Cc}/u)
      }),
    )
  })

  it.each([
    ['one grapheme of a megabyte', 'z' + '\u0301'.repeat(1_000_000)],
    ['a megabyte of nothing', '\u200b'.repeat(1_000_000)],
    ['a megabyte of entities', '&amp;'.repeat(200_000)],
    ['a megabyte of flags', '🇩🇪'.repeat(250_000)],
  ])('makes little of %s', (_, given) => {
    expect(cleanText(given, 500).length).toBeLessThanOrEqual(500)
    expect(cleanText(given, 500)).toMatch(/…$/)
  })
})

describe('cutText', () => {
  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['ab cdef', 4, 'ab…'],
    ['a👨‍👩‍👧b', 5, 'a…'],
    ['ae\u0301b', 3, 'a…'],
    ['🇩🇪🇫🇷', 7, '🇩🇪…'],
    ['abc', 0, ''],
  ])('cuts %s to %i units as %s', (text, max, cut) => {
    expect(cutText(text, max)).toBe(cut)
  })

  it('cuts between graphemes wherever the cut falls', () => {
    const text = `${'x'.repeat(400)}${'👩‍🚒'.repeat(80)}${'e\u0301'.repeat(80)}`
    const graphemes = new Set<string>()
    let start = ''
    for (const { segment } of new Intl.Segmenter('en').segment(text)) graphemes.add((start += segment))
    for (let max = 2; max < text.length; max++) {
      const cut = cutText(text, max)
      expect(cut.length).toBeLessThanOrEqual(max)
      expect(graphemes.has(cut.slice(0, -1))).toBe(true)
    }
  })
})
