import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson, parseJsonText } from '../../../src/flashduty/json.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const valueOf = (text: string): unknown => {
  const parsed = parseJson(bytes(text))
  return parsed.ok ? parsed.value : parsed.code
}

describe('what is accepted', () => {
  it.each([
    ['a byte order mark', '\uFEFF{"a":1}', { a: 1 }],
    ['white space around', ' \n\t{"a":1}\r\n', { a: 1 }],
    ['a doubled name: the last wins', '{"a":1,"a":2}', { a: 2 }],
    ['an integer that a double holds', '{"a":123456789012345}', { a: 123456789012345 }],
    ['2^53 + 1', '{"a":9007199254740993}', { a: '9007199254740993' }],
    ['a negative int64', '[-9223372036854775808]', ['-9223372036854775808']],
    ['a long fraction', '[0.1234567890123456789]', [0.12345678901234568]],
    ['a long integer with an exponent', '[1234567890123456789e2]', [1.2345678901234568e20]],
    ['digits inside a string', '{"a":"x 9007199254740993"}', { a: 'x 9007199254740993' }],
    [
      'digits after an escaped quote',
      String.raw`{"a":"\" 9007199254740993","b":9007199254740993}`,
      { a: '" 9007199254740993', b: '9007199254740993' },
    ],
    [
      'digits after an escaped backslash',
      String.raw`{"a":"\\","b":9007199254740993}`,
      { a: '\\', b: '9007199254740993' },
    ],
    ['brackets inside a string', `{"a":"${'['.repeat(100)}"}`, { a: '['.repeat(100) }],
    ['depth 64', '['.repeat(64) + ']'.repeat(64), JSON.parse('['.repeat(64) + ']'.repeat(64))],
  ])('%s', (_, text, value) => {
    expect(valueOf(text)).toEqual(value)
  })
})

describe('what is refused', () => {
  it.each([
    ['nothing', '', 'empty'],
    ['only white space', ' \r\n', 'empty'],
    ['only a byte order mark', '\uFEFF', 'empty'],
    ['depth 65', '['.repeat(65) + ']'.repeat(65), 'too_deep'],
    ['a cut-off body', '{"event_id": "ev', 'invalid_json'],
    ['a form', 'event_id=1&event_type=i_new', 'invalid_json'],
    ['a long integer as a name', '{1234567890123456:1}', 'invalid_json'],
    ['a long integer with a leading zero', '[01234567890123456]', 'invalid_json'],
    ['two long integers in a row', '[1234567890123456 1234567890123456]', 'invalid_json'],
  ])('%s', (_, text, code) => {
    expect(valueOf(text)).toBe(code)
  })

  it.each([
    ['a lone continuation byte', [0x7b, 0x22, 0x80, 0x22, 0x7d]],
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])('%s', (_, octets) => {
    expect(parseJson(Uint8Array.from(octets))).toMatchObject({ ok: false, code: 'invalid_utf8' })
  })

  it('a million open brackets, without a pause', () => {
    const startedAtMs = performance.now()
    expect(valueOf('['.repeat(1_000_000))).toBe('too_deep')
    expect(valueOf('{"a":'.repeat(200_000))).toBe('too_deep')
    expect(performance.now() - startedAtMs).toBeLessThan(500)
  })

  it('without repeating the body', () => {
    for (const body of [
      '{"password": hunter2hunter2}',
      '{"password": "hunter2hunter2',
      'hunter2hunter2',
      '{"a":1} hunter2hunter2',
    ]) {
      expect(parseJson(bytes(body))).toMatchObject({ ok: false, reason: expect.not.stringContaining('hunter') })
    }
  })
})

it('answers any bytes and accepts exactly what JSON.parse accepts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      const parsed = parseJson(octets)
      if (!parsed.ok) expect(parsed.reason).not.toBe('')
    }),
  )
  const fragments = fc.array(
    fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '-', '0', '1234567890123456', '.5', 'e3', 'null', ' '),
    { maxLength: 14 },
  )
  fc.assert(
    fc.property(fragments, (parts) => {
      const text = parts.join('')
      let isJson = true
      try {
        JSON.parse(text)
      } catch {
        isJson = false
      }
      expect(parseJsonText(text).ok).toBe(isJson)
    }),
    { numRuns: 2_000 },
  )
})

it('gives what JSON.parse gives for everything a double holds', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      fc.pre(!/\d{16}/.test(text))
      expect(valueOf(text)).toEqual(JSON.parse(text))
    }),
  )
})

it('leaves prototypes alone', () => {
  const value = valueOf('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
  expect(Object.hasOwn(Object(value), '__proto__')).toBe(true)
  expect('polluted' in {}).toBe(false)
})
