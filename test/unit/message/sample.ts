import { fileURLToPath } from 'node:url'
import type { Event, Incident, Person } from '../../../src/incident/incident.ts'
import type { Changes } from '../../../src/incident/changes.ts'
import { loadTemplates } from '../../../src/message/load.ts'
import { toPlainText, type Message } from '../../../src/message/message.ts'
import type { Rendered, Templates } from '../../../src/message/template.ts'

export const BUILTIN_DIR = fileURLToPath(new URL('../../../templates', import.meta.url))
export const START_MS = Date.UTC(2026, 10, 23, 2, 0)
export const MINUTE_MS = 60_000
export const ANN: Person = { id: '1', name: 'Ann Lee', email: 'ann@example.com' }
export const BOB: Person = { id: '2', name: 'Bob', email: 'bob@example.com' }
export const CAI: Person = { id: '3', name: 'Cai', email: 'cai@example.com' }

export const INCIDENT: Incident = {
  id: '64b1352e376e32c85c56e25b',
  title: 'checkout-api 5xx rate &gt; 12%',
  severity: 'Critical',
  status: 'Critical',
  progress: 'Triggered',
  num: '56E25B',
  description: 'burn rate 14x',
  startedAtMs: START_MS,
  createdAtMs: START_MS,
  alertCount: 27,
  channelName: 'Payments',
  detailUrl: 'https://console.example.com/incident/detail/64b?tab=alerts',
  labels: [
    { name: 'service', value: 'checkout' },
    { name: 'env', value: 'prod' },
    { name: 'body_text', value: 'Error budget burn 14x\nHTTP 502 upstream reset' },
  ],
  fields: [{ name: 'priority', value: 'P1' }],
  responders: [{ ...ANN, acknowledgedAtMs: START_MS + 3 * MINUTE_MS }, BOB, CAI],
  assignment: { type: 'assign', policy: 'Default Escalation', layer: 0 },
}

/** An incident with nothing but what every incident has. */
export const BARE: Incident = {
  id: '1',
  title: '',
  severity: 'Fatal',
  status: 'Fatal',
  progress: 'Triggered',
  labels: [],
  fields: [],
  responders: [],
}

export function builtin(overlayDir?: string): Templates {
  const loaded = loadTemplates({ builtinDir: BUILTIN_DIR, language: 'en', ...(overlayDir && { overlayDir }) })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems, null, 1))
  return loaded.templates
}

export interface Told {
  readonly incident?: Partial<Incident>
  readonly person?: Person
  readonly changes?: Changes
  readonly late?: boolean
  readonly afterMs?: number
}

/** What `templates` say of an event of `type`, four minutes after the start. */
export function reply(templates: Templates, type: string, told: Told = {}): Rendered {
  const incident = { ...INCIDENT, ...told.incident }
  const event: Event = { id: 'e', type, incident, ...(told.person && { person: told.person }) }
  const effectiveAtMs = START_MS + (told.afterMs ?? 4 * MINUTE_MS)
  return templates.reply({
    event,
    changes: told.changes ?? {},
    effectiveAtMs,
    nowMs: effectiveAtMs,
    late: told.late ?? false,
  })
}

export function card(templates: Templates, changed: Partial<Incident> = {}, atMs = START_MS + 4 * MINUTE_MS): Rendered {
  const last = { id: 'e', type: 'i_ack', atMs: START_MS + 3 * MINUTE_MS, person: ANN }
  return templates.card({ incident: { ...INCIDENT, ...changed }, last, nowMs: atMs, replacesLost: false })
}

export function linesOf(message: Message): readonly string[] {
  return message.lines.map(toPlainText)
}

export function fieldsOf(message: Message): Readonly<Record<string, string>> {
  return Object.fromEntries(message.fields.map(({ name, value }) => [name, toPlainText(value)]))
}
