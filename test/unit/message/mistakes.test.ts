import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Language } from '../../../src/incident/language.ts'
import { loadTemplates } from '../../../src/message/load.ts'
import { BUILTIN_DIR } from './sample.ts'

const root = mkdtempSync(join(tmpdir(), 'mistakes-'))
afterAll(() => rmSync(root, { recursive: true }))

let count = 0
function folder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const dir = join(root, String(count++))
  mkdirSync(dir)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), content)
  }
  return dir
}

function problemsOf(dir: string, language: Language = 'en'): readonly string[] {
  const loaded = loadTemplates({ builtinDir: BUILTIN_DIR, overlayDir: dir, language })
  if (!('problems' in loaded)) return []
  return loaded.problems.map(
    ({ file, line, column, message }) => `${file.replace(`${dir}/`, '')}:${line}:${column} ${message}`,
  )
}

describe('what is wrong with a template is said with its place', () => {
  it.each([
    ['tabs', 'lines:\n\t- x\n', ['card.yaml:2:1 use spaces for indentation, not tabs']],
    [
      'an open quote',
      "lines:\n  - 'x\n",
      ['card.yaml:3:1 a text in quotes is not closed: end it with the quote it starts with'],
    ],
    [
      'an open bracket',
      'lines: [x\n',
      ['card.yaml:2:1 a ] is missing: close what was opened before, or put quotes around the text'],
    ],
    [
      'a missing comma',
      'fields: [{ name: a value: b }]\n',
      [
        'card.yaml:1:18 inside [ ] and { } a comma stands between two parts, and a text with ": " or "- " in it needs quotes',
      ],
    ],
    [
      'a colon in a text',
      'lines:\n  - now: {{ incident.num }}: x\n',
      ['card.yaml:2:5 a line must be a text: put quotes around it'],
    ],
    [
      'no colon',
      'tone critical\nlines: [x]\n',
      ['card.yaml:1:1 a key, or what stands before its ":", goes over several lines; is a ":" or a quote missing?'],
    ],
    ['a wrong indent', 'lines:\n  - x\n - y\n', ['card.yaml:3:1 this line is not indented as those around it']],
    [
      'an unknown escape',
      'lines: ["\\d"]\n',
      ['card.yaml:1:10 inside "…" a \\ starts an escape, and this is none; use \'…\' for a literal \\'],
    ],
    [
      'a text that starts with @',
      'lines:\n  - @here\n',
      ['card.yaml:2:5 a text that starts with this character needs quotes around it'],
    ],
    [
      'a text that starts with %',
      'lines:\n  - {% if state.closed %}x{% endif %}\n',
      ['card.yaml:2:6 a text that starts with this character needs quotes'],
    ],
    ['a text that starts with *', 'lines:\n  - *bold*\n', ['card.yaml:2:5 ']],
    ['a tag', 'lines: !!js x\n', ['card.yaml:1:13 tags are not supported; put quotes around what should be text']],
    [
      'two documents',
      'lines: [x]\n---\nlines: [y]\n',
      ['card.yaml:2:1 one file holds one document: remove the --- and what follows'],
    ],
    ['an alias', "lines: [&a 'x', *a]\n", ['card.yaml:1:17 a line must be a text: aliases are not supported here']],
    ['a key twice', 'tone: info\nlines: [x]\ntone: info\n', ['card.yaml:3:1 a template has "tone" twice']],
    ['nothing but comments', '# later\n', ['card.yaml:1:1 the file is empty']],
    ['a list', '- x\n', ['card.yaml:1:1 a template must be a map']],
    ['a text where a list belongs', 'lines: x\n', ['card.yaml:1:8 "lines" must be a list']],
    ['a number for a text', 'quote: 42\n', ['card.yaml:1:8 "quote" must be a text: put quotes around it']],
    ['a yes for a text', 'quote: true\n', ['card.yaml:1:8 "quote" must be a text: put quotes around it']],
    ['a key that is none', '? [a]\n: x\nlines: [x]\n', ['card.yaml:1:3 a key of a template must be a word']],
    ['a tone that is none', 'tone: red\nlines: [x]\n', ['card.yaml:1:7 no tone "red"']],
    ['a field without a value', 'fields: [{ name: x }]\n', ['card.yaml:1:10 a field lacks value']],
    [
      'a number asked for',
      'lines: [\'{{ incident.title | truncate: "many" }}\']\n',
      ['card.yaml:1:40 "truncate" needs a number here, not a text'],
    ],
    [
      'a text asked for',
      "lines: ['{{ incident.labels | value: 3 }}']\n",
      ['card.yaml:1:38 "value" needs a text here, not a number'],
    ],
    ['an open tag', "lines: ['{% if state.closed %}x']\n", ['card.yaml:1:10 tag {% if state.closed %} not closed']],
    ['an open output', "lines: ['{{ incident.title ']\n", ['card.yaml:1:10 output "{{ incident.title " not closed']],
  ])('%s', (_, text, expected) => {
    const problems = problemsOf(folder({ 'card.yaml': text }))
    expect(problems).toEqual(expected.map((problem) => expect.stringContaining(problem)))
  })

  it('in any language, whichever is spoken', () => {
    const dir = folder({
      'zh/card.yaml': "lines: ['{{ incident.titel }}']\n",
      'zh/events/i_ack.yml': 'lines: [x]\n',
      'zh/vocabulary.yaml': 'en: {}\n',
      'cn/card.yaml': 'lines: [x]\n',
    })
    expect(problemsOf(dir)).toEqual([
      expect.stringContaining('cn:1:1 not a template, did you mean'),
      'zh/events/i_ack.yml:1:1 not the name of an event\'s template, did you mean "i_ack.yaml"?',
      'zh/vocabulary.yaml:1:1 this file is for "zh": words in en have a file of their own',
      'zh/vocabulary.yaml:1:1 the vocabulary lacks "zh"',
      'zh/card.yaml:1:22 no "incident.titel", did you mean "incident.title"?',
    ])
  })

  it('as a doubt, if it is the name of an event type that may exist but is nearly another', () => {
    const overlayDir = folder({ 'zh/events/i_akc.yaml': 'lines: [x]\n', 'events/i_foo.yaml': 'lines: [x]\n' })
    const loaded = loadTemplates({ builtinDir: BUILTIN_DIR, overlayDir, language: 'en' })
    const doubts = 'doubts' in loaded ? loaded.doubts : []
    const file = join(overlayDir, 'zh/events/i_akc.yaml')
    const message = 'the source documents no event type "i_akc", did you mean "i_ack"?'
    expect(doubts).toEqual([{ file, line: 1, column: 1, message }])
  })

  it('in the vocabulary: a word too many, and one too few', () => {
    const words = `zh:
  severity: { other: { icon: x, tone: info } }
  state: {}
  status: {}
  progress: {}
  events: {}
  fields: {}
  links: { open: a, acknowledge: b, close: c }
  phrases: { incident: a, someone: b, no_title: c, late: d, replaces_lost: e }
  units: { day: 1, hour: h, minute: m, second: s }
`
    expect(problemsOf(folder({ 'vocabulary.yaml': words }), 'zh')).toEqual([
      'vocabulary.yaml:3:10 "state" lacks triggered, processing, snoozed, recovered, closed_firing, closed',
      expect.stringContaining('vocabulary.yaml:7:11 "fields" lacks title, severity'),
      'vocabulary.yaml:8:37 "links" has no "close"',
      'vocabulary.yaml:9:12 "phrases" lacks comma',
      'vocabulary.yaml:10:17 "day" must be a text: put quotes around it',
    ])
  })

  it('in files that are no texts', () => {
    const dir = folder({
      'board.yaml': new Uint8Array([0x6c, 0xff, 0xfe]),
      'vocabulary.yaml': `# ${'x'.repeat(70_000)}\n`,
      'events/i_ack.yaml/x': '',
    })
    symlinkSync('card.yaml', join(dir, 'card.yaml'))
    symlinkSync('nowhere.yaml', join(dir, 'events', 'i_new.yaml'))
    expect(problemsOf(dir).toSorted()).toEqual([
      'board.yaml:1:1 is not UTF-8: save it in that encoding',
      'card.yaml:1:1 cannot be read: a link that leads nowhere',
      'events/i_ack.yaml:1:1 is a folder, not a file',
      'events/i_new.yaml:1:1 cannot be read: a link that leads nowhere',
      'vocabulary.yaml:1:1 is larger than 64 KiB',
    ])
    expect(problemsOf(folder({ events: 'x' }))).toEqual(['events:1:1 is no folder that can be read'])
  })

  it('where the same file of one language is there twice', () => {
    const files = { 'card.yaml': 'lines: [x]\n', 'zh/card.yaml': 'lines: [y]\n' }
    expect(problemsOf(folder(files), 'zh')).toEqual([
      'card.yaml:1:1 is there twice: zh/card.yaml is for the same language',
    ])
    expect(problemsOf(folder(files), 'en')).toEqual([])
  })
})

describe('a hostile template is refused in no time', () => {
  it.each(
    Object.entries({
      'brackets on one line': '['.repeat(60_000),
      'brackets on many lines': '[\n'.repeat(30_000),
      'maps in maps': '{a: '.repeat(15_000),
      'lists in lists': '- '.repeat(30_000),
      'a long line': `lines: ['${'x'.repeat(60_000)}']`,
      'a mistake at every character': ']\n'.repeat(30_000),
      'a thousand keys': Array.from({ length: 9_000 }, (_, index) => `k${index}: x`).join('\n'),
      'a thousand mistakes': `lines:\n${"  - '{{ incident.titel }}'\n".repeat(2_000)}`,
      'tags in tags': `lines:\n  - |\n${'    {% if state.closed %}\n'.repeat(2_000)}`,
    }),
  )('%s', (_, text) => {
    const dir = folder({ 'card.yaml': text })
    const startedAtMs = performance.now()
    const problems = problemsOf(dir)
    expect(performance.now() - startedAtMs).toBeLessThan(5_000)
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.length).toBeLessThan(110)
    for (const problem of problems) expect(problem).toMatch(/^card\.yaml:\d+:\d+ .{1,200}$/)
  })
})
