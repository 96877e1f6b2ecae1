import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Incident } from '../../../src/incident/incident.ts'
import { loadTemplates } from '../../../src/message/load.ts'
import { ANN, builtin, BUILTIN_DIR, card, INCIDENT, linesOf, reply, START_MS } from './sample.ts'

const root = mkdtempSync(join(tmpdir(), 'templates-'))
afterAll(() => rmSync(root, { recursive: true }))

let count = 0
function folder(files: Readonly<Record<string, string>>): string {
  const dir = join(root, String(count++))
  mkdirSync(dir)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
  return dir
}

/** What is wrong with a folder, as `card.yaml:3:5 …`. */
function problemsOf(dir: string): readonly string[] {
  const loaded = loadTemplates({ builtinDir: BUILTIN_DIR, overlayDir: dir, language: 'en' })
  if (!('problems' in loaded)) return []
  return loaded.problems.map(
    ({ file, line, column, message }) => `${file.replace(`${dir}/`, '')}:${line}:${column} ${message}`,
  )
}

describe("the user's own templates", () => {
  it('replace ours whole, one by one', () => {
    const templates = builtin(
      folder({
        'events/i_ack.yaml': `lines: ['{{ event.by | mention }} has it: {{ incident.title | truncate: 12 | bold | link: incident.url }}']`,
        'events/i_foo.yaml': `lines: ['foo happened to {{ incident.labels | value: "service" }}']`,
      }),
    )
    const { message } = reply(templates, 'i_ack', { person: ANN })
    expect(message.lines).toEqual([
      [
        { kind: 'mention', who: { kind: 'person', name: 'Ann Lee', email: 'ann@example.com' } },
        { kind: 'text', text: ' has it: ' },
        { kind: 'link', text: 'checkout-ap…', url: INCIDENT.detailUrl, style: { bold: true } },
      ],
    ])
    expect(message.tone).toBe('neutral')
    expect(linesOf(reply(templates, 'i_foo').message)).toEqual(['foo happened to checkout'])
    expect(linesOf(reply(templates, 'i_wake', { person: ANN }).message)).toEqual(['⏰ Ann Lee ended the snooze'])
  })

  it('use their own words', () => {
    const words = `en:
  severity: { Critical: { icon: C, label: Grave, tone: warning }, other: { icon: o, tone: info } }
  state:
    triggered: { icon: t, label: Rings, tone: severity }
    processing: { icon: p, label: Busy, tone: processing }
    snoozed: { icon: s, label: Asleep, tone: snoozed }
    recovered: { icon: r, label: Well, tone: recovered }
    closed_firing: { icon: f, label: Burns, tone: firing }
    closed: { icon: c, label: Shut, tone: closed }
  status: {}
  progress: {}
  events: {}
  fields: { title: a, severity: b, status: c, progress: d, channel: e, responders: f, alerts: g, started: h, duration: i, impact: j, root_cause: k, resolution: l }
  links: { open: Look, acknowledge: Mine }
  phrases: { incident: it, someone: who, no_title: '-', late: late, replaces_lost: again, comma: ' & ' }
  units: { day: days, hour: hours, minute: min, second: sec }
`
    const templates = builtin(folder({ 'vocabulary.yaml': words }))
    const { message } = card(templates)
    expect(message.tone).toBe('warning')
    expect(message.summary).toBe('C Grave: checkout-api 5xx rate > 12%')
    expect(linesOf(message)[0]).toBe('t Rings in Payments')
    expect(linesOf(reply(templates, 'i_ack', { person: ANN }).message)).toEqual([
      '👀 Ann Lee acknowledged after 4 min (1 of 3)',
    ])
  })

  it('leave out what comes out empty, and white space that is only layout', () => {
    const own = `title: { text: ' {{ incident.num }}  ', url: 'ftp://x' }
lines:
  - '{{ incident.root_cause }}'
  - |
    a   {{ incident.root_cause }}
    b
    {%- if incident.creator %} c{% endif %}
fields: [{ name: '{{ incident.root_cause }}', value: x }, { name: x, value: ' ' }]
links: [{ label: go, url: '{{ incident.root_cause }}' }, { label: no, url: 'javascript:1' }]
quote: '{{ incident.impact }}'
`
    const { message } = card(builtin(folder({ 'card.yaml': own })))
    expect(message).toEqual({
      tone: 'neutral',
      summary: '56E25B',
      noun: 'Incident',
      title: { text: '56E25B' },
      lines: [[{ kind: 'text', text: 'a b' }]],
      fields: [],
      links: [],
      mentions: [],
    })
  })

  it.each([
    [
      'too many steps',
      `lines: ['{% for a in (1..900) %}{% for b in (1..90) %}{% if a %}{% endif %}{% endfor %}{% endfor %}x']`,
    ],
    ['too long a range', `lines: ['{% for a in (1..100000000) %}x{% endfor %}']`],
    ['too much text', `lines: ['{% for a in (1..90) %}{{ incident.body }}{% endfor %}']`],
    ['a tone that is none', `tone: '{{ incident.title }}'\nlines: [x]`],
    ['nothing to say', `lines: ['{{ incident.root_cause }}']`],
  ])('give way to ours at run time: %s', (_, own) => {
    const dir = folder({
      'events/i_wake.yaml': own,
      'events/i_foo.yaml': own,
      'card.yaml': own.replace('{{ incident.body }}', '{{ incident.body }}'),
    })
    const templates = builtin(dir)
    const body = { labels: [{ name: 'body_text', value: 'x'.repeat(10_000) }] }
    const wake = reply(templates, 'i_wake', { person: ANN, incident: body })
    expect(linesOf(wake.message)).toEqual(['⏰ Ann Lee ended the snooze'])
    expect(wake.fellBack?.template).toBe('events/i_wake.yaml')
    expect(wake.fellBack?.error).not.toContain('checkout-api')
    expect(linesOf(reply(templates, 'i_foo', { person: ANN, incident: body }).message)).toEqual(['🔔 i_foo by Ann Lee'])
    const shown = card(templates, body)
    expect(shown.fellBack?.template).toBe('card.yaml')
    expect(shown.message.links).toHaveLength(2)
  })

  it('never leave silence, even where ours fail and the snapshot is broken', () => {
    const broken: Incident = JSON.parse(JSON.stringify({ ...INCIDENT, title: null, labels: null }))
    const templates = builtin()
    const { message, fellBack } = card(templates, broken)
    expect(fellBack?.template).toBe('card.yaml')
    expect(message.summary).toBe('(no title)')
    const { message: told } = reply(templates, 'i_ack', {
      person: ANN,
      incident: { labels: broken.labels },
    })
    expect(linesOf(told)).toEqual(['acknowledged · Ann Lee'])
  })
})

describe('mistakes are found at start', () => {
  it('all of them at once, with their places and what was meant', () => {
    const dir = folder({
      'card.yaml': `tone: criticl
titl: { text: x }
title:
  text: "a \\"quoted\\" {{ incident.titl }}"
lines:
  - {{ incident.title }}
  - >-
    folded over
    lines {{ incident.num | blod }}

    and {% iff incident.num %}x{% endif %}
  - |
    {% for label in incident.labels %}
      {{ label.nam }} {{ forloop.las }}
    {% endfor %}
  - plain {{ titl }} and {{ state.labl | upcas }}
fields:
  - { name: x, valu: y }
links:
  - { label: x, url: y, style: danger }
`,
      'events/i_ack.yaml': `lines:
  - '{{ changes.titl.from }} {{ replaces_lost }}'
  - 42
  -
`,
    })
    expect(problemsOf(dir)).toEqual([
      `card.yaml:2:1 a template has no "titl", did you mean "title"?`,
      `card.yaml:1:7 no tone "criticl", did you mean "critical"?`,
      `card.yaml:4:35 no "incident.titl", did you mean "incident.title"?`,
      `card.yaml:6:5 a line starts with {{: put quotes around it`,
      `card.yaml:11:9 no tag "iff", did you mean "if"?`,
      `card.yaml:14:16 no "label.nam", did you mean "label.name"?`,
      `card.yaml:14:34 no "forloop.las", did you mean "forloop.last"?`,
      `card.yaml:16:14 no "titl"`,
      `card.yaml:16:35 no "state.labl", did you mean "state.label"?`,
      `card.yaml:16:42 no filter "upcas", did you mean "upcase"?`,
      `card.yaml:18:16 a field has no "valu", did you mean "value"?`,
      `card.yaml:18:5 a field lacks value`,
      `card.yaml:20:32 the only style is "primary"`,
      `events/i_ack.yaml:2:17 no "changes.titl", did you mean "changes.title"?`,
      `events/i_ack.yaml:2:33 no "replaces_lost"`,
      `events/i_ack.yaml:3:5 a line must be a text: put quotes around it`,
      `events/i_ack.yaml:4:4 a line is empty: leave it out, or write a text`,
    ])
  })

  it.each([
    ['{{ title }}', 3, 'no "title", did you mean "incident.title"?'],
    ['{{ incident.title', 0, 'output "{{ incident.title" not closed'],
    ['x {% if state.closed %}', 2, 'tag {% if state.closed %} not closed'],
    ['{% else %}', 0, 'tag "else" not found'],
    ['{{ incident.title incident.num }}', 18, '"incident.num" stands beside another value: an operator is missing'],
    ['{% if state.name == %}x{% endif %}', 17, '"==" lacks a value beside it'],
    ['{{ incident }}', 3, 'a record cannot be printed: pick a member'],
    ['{{ incident.labels }}', 3, 'a list cannot be printed: loop over it'],
    ['{{ incident.labels.service }}', 19, 'no "incident.labels.service": "incident.labels" is a list'],
    ['{{ incident.labels[0] }}', 19, 'write the name of the member'],
    ['{{ incident.url.host }}', 16, 'no "incident.url.host": "incident.url" is a text'],
    ['{% for x in incident.title %}{% endfor %}', 12, '"incident.title" is not a list'],
    ['{% for x in incident.labels limt: 3 %}{% endfor %}', 0, '"for" has no "limt", did you mean "limit"?'],
    ['{% assign x = 1 %}', 0, 'no tag "assign"'],
    ['{% include "card" %}', 0, 'no tag "include"'],
    ['{{ incident.title | raw }}', 20, 'no filter "raw"'],
    ['{{ incident.title | constructor }}', 20, 'no filter "constructor"'],
    ['{{ incident.constructor }}', 12, 'no "incident.constructor"'],
    ['{{ incident.title | truncate }}', 20, '"truncate" needs 1 argument'],
    ['{{ incident.title | bold | truncate: 3 }}', 27, '"truncate" cannot take formatted text'],
    ['{{ incident.title | mention }}', 20, '"mention" cannot take a text'],
    ['{{ incident | mention }}', 14, 'only people can be mentioned'],
    ['{{ incident.labels | join }}', 21, 'join needs a list of texts: put map: "name" before it'],
    ['{{ incident.labels | map: "nam" | join }}', 21, `map needs a member of the list's items, not "nam"`],
    ['{{ incident.started_at | time: "iso" }}', 31, '"time" takes "date_time", "time", "relative"'],
    ['{{ incident.title | link: incident.creator }}', 20, 'an argument of "link" must be'],
    ['{{ incident.title | link: incident.ur }}', 35, 'no "incident.ur", did you mean "incident.url"?'],
  ])('%s', (leaf, index, message) => {
    const problems = problemsOf(folder({ 'card.yaml': `lines:\n  - '${leaf}'\n` }))
    expect(problems).toEqual([expect.stringContaining(`card.yaml:2:${6 + index} ${message}`)])
  })

  it('in the vocabulary too', () => {
    const problems = problemsOf(
      folder({
        'vocabulary.yaml': 'en:\n  severity: { Critical: { icon: x, label: y, tone: red } }\n  links: { open: 1 }\n',
      }),
    )
    expect(problems).toEqual([
      'vocabulary.yaml:2:3 "en" lacks state, status, progress, events, fields, phrases, units',
      'vocabulary.yaml:2:13 "severity" lacks other',
      'vocabulary.yaml:2:52 no tone "red"',
      'vocabulary.yaml:3:10 "links" lacks acknowledge',
      'vocabulary.yaml:3:18 "open" must be a text: put quotes around it',
    ])
    expect(problemsOf(folder({ 'vocabulary.yaml': 'english: {}' }))).toEqual([
      'vocabulary.yaml:1:1 the vocabulary has no "english"',
      'vocabulary.yaml:1:1 the vocabulary lacks "en"',
    ])
  })

  it.each([
    ['broken YAML', 'lines: [\n', 'card.yaml:2:1'],
    ['a key twice', 'lines: [x]\nlines: [y]\n', 'card.yaml:2:1 a template has "lines" twice'],
    ['a bomb of aliases', 'lines: &a [x]\nfields: *a\n', 'card.yaml:2:9 "fields" must be a list'],
    ['an empty file', '', 'card.yaml:1:1 the file is empty'],
    [
      'text behind braces',
      'lines:\n  - {{ incident.title }} is on fire\n',
      '(a text that starts with {{ or {% needs quotes around it)',
    ],
  ])('in the YAML: %s', (_, text, problem) => {
    expect(problemsOf(folder({ 'card.yaml': text })).join('\n')).toContain(problem)
  })

  it('in names of files, and in where they lead', () => {
    const outside = folder({ 'secret.yaml': 'lines: [x]' })
    const dir = folder({
      'crad.yaml': 'x',
      '.git/config': 'x',
      'events/i_ack.yml': 'x',
      'events/_defualt.yaml': 'lines: [x]',
    })
    symlinkSync(join(outside, 'secret.yaml'), join(dir, 'card.yaml'))
    expect(problemsOf(dir).toSorted()).toEqual([
      'card.yaml:1:1 leads out of the folder of templates',
      'crad.yaml:1:1 not a template, did you mean "card.yaml"?',
      'events/_defualt.yaml:1:1 not the name of an event\'s template, did you mean "_default.yaml"?',
      'events/i_ack.yml:1:1 not the name of an event\'s template, did you mean "i_ack.yaml"?',
    ])
    const linked = folder({})
    symlinkSync(outside, join(linked, 'events'))
    expect(problemsOf(linked)).toEqual(['events:1:1 leads out of the folder of templates'])
    expect(problemsOf(join(root, 'nowhere'))).toEqual([expect.stringContaining('nowhere:1:1 no such folder')])
  })

  it('but not in a folder laid out as Kubernetes does', () => {
    const dir = folder({ '..2026/card.yaml': 'lines: [mine]' })
    symlinkSync('..2026', join(dir, '..data'))
    symlinkSync('..data/card.yaml', join(dir, 'card.yaml'))
    expect(linesOf(card(builtin(dir), {}, START_MS).message)).toEqual(['mine'])
  })
})
