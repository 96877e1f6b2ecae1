import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readEvent } from '../../../src/flashduty/event.ts'
import { DOCUMENTED_TYPES, SNOOZE_ENDED } from '../../../src/incident/attention.ts'
import { toChanges } from '../../../src/incident/changes.ts'
import type { Incident } from '../../../src/incident/incident.ts'
import { foldReplies } from '../../../src/message/fold.ts'
import { toPlainText, type Message } from '../../../src/message/message.ts'
import { platforms } from '../../../src/platform/index.ts'
import { ANN, BARE, BOB, builtin, BUILTIN_DIR, INCIDENT, linesOf, MINUTE_MS, START_MS } from './sample.ts'

const templates = builtin()
const EVENTS = join(BUILTIN_DIR, '../test/events')
const options = { token: 'not-used', callTimeoutMs: 1, people: new Map(), log: () => {} }
const drawers = await Promise.all([platforms.slack(options), platforms.discord(options)])
const TYPES = [...DOCUMENTED_TYPES, SNOOZE_ENDED, 'i_new_kind']

describe('Chinese is complete', () => {
  it('has every file, and no other', () => {
    const all = readdirSync(BUILTIN_DIR, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'))
    const zh = all.filter((file) => file.startsWith('zh/')).map((file) => file.slice('zh/'.length))
    expect(zh.toSorted()).toEqual(all.filter((file) => !file.startsWith('zh/')).toSorted())
    expect(zh).toEqual(expect.arrayContaining(DOCUMENTED_TYPES.map((type) => `events/${type}.yaml`)))
  })

  it('has every word of the vocabulary, and each is another', () => {
    const [en, zh] = [wordsOf('vocabulary.yaml', 'en'), wordsOf('zh/vocabulary.yaml', 'zh')]
    expect([...zh.keys()]).toEqual([...en.keys()])
    for (const [path, word] of zh) {
      if (/\.(?:icon|tone)$/.test(path)) expect(word, path).toBe(en.get(path))
      else expect(word, path).not.toBe(en.get(path))
    }
  })
})

describe('nothing that is said in Chinese is English', () => {
  let previous: Incident | undefined
  const files = readdirSync(EVENTS).toSorted((a, b) => timeOf(a) - timeOf(b))
  it.each(files)('of %s', (file) => {
    const body = readFileSync(join(EVENTS, file), 'utf8')
    const event = readEvent(body)?.event
    if (event === undefined) throw new Error(`${file} is no event`)
    const data = [...stringsOf(JSON.parse(body)), ...stringsOf(previous)]
    const changes = toChanges(previous, event.incident)
    previous = event.incident
    const at = { effectiveAtMs: event.timeMs ?? 0, nowMs: event.timeMs ?? 0 }
    const last = { ...event, atMs: at.nowMs }
    const card = templates.card({ incident: event.incident, last, nowMs: at.nowMs, replacesLost: true, language: 'zh' })
    const reply = templates.reply({ event, changes, ...at, late: true, language: 'zh' })
    for (const { message, fellBack } of [card, reply]) {
      expect(fellBack).toBeUndefined()
      isChinese(message, data)
    }
    isChinese(
      foldReplies([
        { message: reply.message, atMs: 0 },
        { message: reply.message, atMs: 1 },
      ]),
      data,
    )
  })

  it.each(TYPES)('of %s, with and without anything known', (type) => {
    const at = { effectiveAtMs: START_MS, nowMs: START_MS }
    const incidents: readonly Incident[] = [
      { ...BARE, severity: 'Unknown', status: 'Unknown' },
      INCIDENT,
      { ...INCIDENT, assignment: { type: 'escalate', policy: 'Default Escalation', layer: 1 }, responders: [BOB] },
      { ...INCIDENT, assignment: { type: 'reassign' }, responders: [] },
      { ...INCIDENT, progress: 'Closed', closer: ANN, closedAtMs: START_MS + 90 * MINUTE_MS },
      { ...INCIDENT, progress: 'Closed', status: 'Ok', recoveredAtMs: START_MS + 3_000 * MINUTE_MS },
      { ...INCIDENT, progress: 'Processing', snoozedUntilMs: START_MS + MINUTE_MS },
    ]
    const people = [{}, { joined: [BOB] }, { left: [ANN] }, { joined: [BOB], left: [ANN] }]
    for (const incident of incidents) {
      for (const changes of people.map((change) => ({
        ...change,
        severity: { to: 'Info', direction: 'down' as const },
      }))) {
        for (const person of [undefined, ANN]) {
          const event = { id: 'e', type, incident, ...(person && { person }) }
          const reply = templates.reply({ event, changes, ...at, late: true, language: 'zh' })
          const last = { id: 'e', type, atMs: START_MS, ...(person && { person }) }
          const card = templates.card({ incident, last, nowMs: START_MS, replacesLost: true, language: 'zh' })
          for (const { message, fellBack } of [card, reply]) {
            expect(fellBack).toBeUndefined()
            isChinese(message, [...stringsOf(incident), ANN.name, BOB.name, type, 'Error budget burn 14x'])
          }
        }
      }
    }
  })

  it('of a storm board', () => {
    for (const groups of [
      [],
      ['Critical', 'Warning', 'Info', 'P9'].map((severity) => ({ severity, count: 9, first: [{ title: '…' }] })),
    ]) {
      const incident = {
        ...BARE,
        id: 'relay-board/x/1',
        title: 'Alert storm',
        severity: 'Critical',
        board: { destination: 'x', groups },
      }
      const last = { id: 'e', type: 'relay_storm_board', atMs: START_MS }
      const { message } = templates.card({ incident, last, nowMs: START_MS, replacesLost: false, language: 'zh' })
      isChinese(message, [])
    }
  })

  it('of what is said when every template fails', () => {
    const broken: Incident = JSON.parse(JSON.stringify({ ...INCIDENT, labels: null, detailUrl: null }))
    const last = { id: 'e', type: 'i_ack', atMs: START_MS }
    const card = templates.card({ incident: broken, last, nowMs: START_MS, replacesLost: false, language: 'zh' })
    expect(card.fellBack?.template).toBe('zh/card.yaml')
    expect(linesOf(card.message)).toEqual(['严重 · 待处理'])
    const event = { id: 'e', type: 'i_ack', incident: broken, person: ANN }
    const at = { effectiveAtMs: START_MS, nowMs: START_MS }
    const reply = templates.reply({ event, changes: {}, ...at, late: false, language: 'zh' })
    expect(linesOf(reply.message)).toEqual(['认领故障 · Ann Lee'])
  })
})

it('an overlay replaces the file of the language it stands for, and no other', () => {
  const say = (dir: string, language: 'en' | 'zh'): readonly string[] =>
    linesOf(builtin(dir).reply({ ...ACK, language }).message)
  const both = join(BUILTIN_DIR, '../test/unit/message/overlay-of-both')
  expect(say(both, 'en')).toEqual(['mine'])
  expect(say(both, 'zh')).toEqual(['我的'])
})

const ACK = {
  event: { id: 'e', type: 'i_ack', incident: INCIDENT },
  changes: {},
  effectiveAtMs: START_MS,
  nowMs: START_MS,
  late: false,
}

/** Without the data of the incident, no word in Latin letters is left, and no punctuation of theirs beside a Chinese word. */
function isChinese(message: Message, data: readonly string[]): void {
  for (const said of textsOf(message)) {
    const timeless = said.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, '1').replaceAll(/https?:\S+/g, '')
    const left = data
      .filter((datum) => /[A-Za-z]{2}/.test(datum))
      .toSorted((a, b) => b.length - a.length)
      .reduce((text, datum) => text.replaceAll(datum, '▢'), timeless)
    expect(left, said).not.toMatch(/[A-Za-z]{2,}/)
    expect(left, said).not.toMatch(/\p{Script=Han}[,:;()!?]|[,:;()!?]\p{Script=Han}/u)
    expect(left, said).not.toMatch(/[，。：；（、“] | [，。：；）、”]/)
  }
}

/** All that a reader may see, in each form a platform has for it. */
function textsOf(message: Message): readonly string[] {
  const { summary, noun = '', title, lines, fields, links, footer = [], quote = '' } = message
  const own = [summary, noun, title?.text ?? '', quote, ...lines.map(toPlainText), toPlainText(footer)]
  const named = [...fields.flatMap(({ name, value }) => [name, toPlainText(value)]), ...links.map(({ label }) => label)]
  const plain = drawers.map((platform) => platform.drawReply(message, 'plain'))
  return [...own, ...named, ...plain.map((drawn) => JSON.stringify(drawn['text'] ?? '').replaceAll('&gt;', '>'))]
}

function stringsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value, value.replaceAll('&gt;', '>'), ...value.split(/\n/)]
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)]
  if (Array.isArray(value)) return [...value.flatMap(stringsOf), value.join(', ')]
  return Object.entries(Object(value)).flatMap(([key, member]) => [
    ...(/^[a-z_]+$/.test(key) ? [key] : []),
    ...stringsOf(member),
  ])
}

function timeOf(file: string): number {
  return readEvent(readFileSync(join(EVENTS, file), 'utf8'))?.event.timeMs ?? 0
}

function wordsOf(file: string, language: string): ReadonlyMap<string, string> {
  const flat = (value: unknown, path: string): readonly (readonly [string, string])[] =>
    typeof value === 'string'
      ? [[path, value]]
      : Object.entries(Object(value)).flatMap(([key, member]) => flat(member, `${path}.${key}`))
  const read: unknown = parse(readFileSync(join(BUILTIN_DIR, file), 'utf8'))
  return new Map(flat(Object(read)[language], ''))
}
