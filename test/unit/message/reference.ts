import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Changes } from '../../../src/incident/changes.ts'
import type { Incident } from '../../../src/incident/incident.ts'
import type { Message, RichText, Span } from '../../../src/message/message.ts'
import { describe, type RecordShape, type Shape } from '../../../src/message/shape.ts'
import type { Rendered } from '../../../src/message/template.ts'
import { ANN, BOB, builtin, CAI, INCIDENT, MINUTE_MS, START_MS } from './sample.ts'

/** A name a template may use: what it is, and a leaf that shows it. */
export interface Variable {
  readonly path: string
  readonly type: string
  readonly leaf: string
}

/** Every name of a record, down to what can be printed or looped over. */
export function toVariables({ members }: RecordShape, under = ''): readonly Variable[] {
  return Object.entries(members).flatMap(([name, shape]) => {
    const path = under === '' ? name : `${under}.${name}`
    if (typeof shape === 'object' && 'members' in shape) return toVariables(shape, path)
    if (typeof shape !== 'object') return [{ path, type: describe(shape).replace(/^an? /, ''), leaf: `{{ ${path} }}` }]
    return [{ path, type: `list of ${itemNames(shape.item)}`, leaf: `{{ ${path} | ${toTexts(shape.item)} }}` }]
  })
}

function itemNames(item: Shape): string {
  return typeof item === 'object' && 'members' in item ? Object.keys(item.members).join(', ') : describe(item)
}

function toTexts(item: Shape): string {
  if (typeof item !== 'object' || !('members' in item)) return 'join'
  return `map: "${'name' in item.members ? 'name' : 'title'}" | join`
}

export type Place = 'card' | 'board' | 'reply'

const FILES = { card: 'card.yaml', board: 'board.yaml', reply: 'events/i_ack.yaml' } as const

/**
 * What leaves come out as, by the leaf, in markdown: rendered by a real folder of templates from some incidents, the
 * first of them that has something to show.
 */
export function renderLeaves(leaves: readonly string[], place: Place): ReadonlyMap<string, string> {
  const dir = mkdtempSync(join(tmpdir(), 'reference-'))
  const quoted = leaves.map((leaf, index) => `  - { name: '${index}', value: '${leaf.replaceAll("'", "''")}' }\n`)
  mkdirSync(join(dir, 'events'))
  writeFileSync(join(dir, FILES[place]), `lines: [x]\nfields:\n${quoted.join('')}`)
  const templates = builtin(dir)
  rmSync(dir, { recursive: true })
  const messages = SITUATIONS.map(({ incident, late, changes, deleted }): Message => {
    const event = { id: 'e', type: 'i_ack', person: ANN, incident }
    const last = { id: 'e', type: 'i_ack', atMs: START_MS + 4 * MINUTE_MS, person: ANN }
    const rendered: Rendered =
      place === 'reply'
        ? templates.reply({ event, changes, effectiveAtMs: last.atMs, nowMs: last.atMs, late })
        : templates.card({
            incident: place === 'board' ? { ...incident, board } : incident,
            last,
            nowMs: last.atMs,
            replacesLost: deleted,
          })
    if (rendered.fellBack !== undefined) throw new Error(JSON.stringify(rendered.fellBack))
    return rendered.message
  })
  return new Map(
    leaves.map((leaf, index) => {
      const values = messages.map(({ fields }) => fields.find(({ name }) => name === String(index))?.value)
      return [leaf, toMarkdown(values.find((value) => value !== undefined) ?? [])]
    }),
  )
}

const OPEN: Incident = {
  ...INCIDENT,
  updatedAtMs: START_MS + 4 * MINUTE_MS,
  lastAlertAtMs: START_MS + 3 * MINUTE_MS,
  acknowledgedAtMs: START_MS + 3 * MINUTE_MS,
  snoozedUntilMs: START_MS + 120 * MINUTE_MS,
  impact: '3% of orders fail',
  accountName: 'Example',
}
const CLOSED: Incident = {
  ...OPEN,
  progress: 'Closed',
  status: 'Ok',
  rootCause: 'a pool too small',
  resolution: 'the pool is larger now',
  creator: BOB,
  closer: ANN,
  recoveredAtMs: START_MS + 40 * MINUTE_MS,
  closedAtMs: START_MS + 42 * MINUTE_MS,
  snoozedUntilMs: undefined,
} as unknown as Incident
const CHANGES: Changes = {
  title: { from: '5xx rate high', to: INCIDENT.title },
  description: { from: 'burn rate 2x', to: 'burn rate 14x' },
  impact: { from: 'unknown', to: '3% of orders fail' },
  rootCause: { from: 'unknown', to: 'a pool too small' },
  resolution: { from: 'unknown', to: 'the pool is larger now' },
  severity: { from: 'Warning', to: 'Critical', direction: 'up' },
  status: { from: 'Critical', to: 'Ok' },
  progress: { from: 'Triggered', to: 'Processing' },
  alertCount: { from: 3, to: 27 },
  channel: { from: 'Orders', to: 'Payments' },
  snooze: { fromMs: START_MS, toMs: START_MS + 60 * MINUTE_MS },
  fields: [{ name: 'priority', from: 'P3', to: 'P1' }],
  labels: [{ name: 'env', from: 'test', to: 'prod' }],
  joined: [CAI],
  left: [BOB],
  acknowledged: [ANN],
  unacknowledged: [BOB],
}
const SITUATIONS = [
  { incident: OPEN, late: false, changes: CHANGES, deleted: false },
  { incident: CLOSED, late: true, changes: CHANGES, deleted: true },
]
const board = {
  destination: 'sre',
  groups: ['Critical', 'Warning', 'Info', 'Fatal'].map((severity, index) => ({
    severity,
    count: 9 + index,
    first: [{ title: `disk full on db-${index + 1}`, url: `https://console.example.com/${index + 1}` }],
  })),
}

function toMarkdown(spans: RichText): string {
  return spans.map(drawSpan).join('').replaceAll('|', '\\|').replaceAll('\n', ' ')
}

function drawSpan(span: Span): string {
  if (span.kind === 'time') {
    const at = new Date(span.atMs).toISOString()
    return { date_time: `${at.slice(0, 10)} ${at.slice(11, 16)}`, time: at.slice(11, 16), relative: '4 minutes ago' }[
      span.format
    ]
  }
  if (span.kind === 'mention') return span.who.kind === 'person' ? `@${span.who.name}` : ''
  const { bold, italic, code, strike } = span.style ?? {}
  const marks = [bold && '**', italic && '_', code && '`', strike && '~~'].filter(
    (mark) => mark !== undefined && mark !== false,
  )
  const inside = span.kind === 'link' ? `[${span.text}](${span.url})` : span.text
  return marks.join('') + inside + marks.toReversed().join('')
}
