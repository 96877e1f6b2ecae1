import type { Environment } from '../config/environment.ts'
import { toSamplePushes } from '../flashduty/sample.ts'
import type { Json } from '../flashduty/sample-story.ts'
import { CliError } from './error.ts'
import { checkEventType } from './event-type.ts'
import { EXIT } from './exit.ts'
import { findDoor, sendPush, type Door } from './relay-door.ts'
import { applySet } from './set.ts'

/** How a command that sends pushes to a running relay was called. */
export interface Sending {
  readonly config?: string
  readonly url?: string
  readonly set?: readonly string[]
  readonly dryRun?: true
  readonly env: Environment
  readonly write: (line: string) => void
  /** For people: what is said while it goes on. */
  readonly tell: (line: string) => void
  readonly nowMs: () => number
}

export interface TriggerOptions extends Sending {
  readonly incident?: string
  readonly anyType?: true
  readonly json?: true
}

/** Send one sample event to a running relay, and write what it answers. The exit code. */
export async function trigger(type: string, options: TriggerOptions): Promise<number> {
  checkEventType(type, options)
  const nowMs = options.nowMs()
  const incidentId = options.incident ?? toSampleId('trigger', nowMs)
  const push = withSets(toPush(type, incidentId, nowMs), options.set)
  if (options.dryRun) {
    options.write(JSON.stringify(push, undefined, 2))
    return EXIT.ok
  }
  const door = findDoor(options)
  sayWhere(door, options.tell)
  const result = await sendPush(door, JSON.stringify(push))
  const told = { url: door.url, result, event_id: push['event_id'], event_type: type, incident_id: idOf(push) }
  if (options.json) options.write(JSON.stringify(told))
  else {
    options.write(`${result}: ${type} of incident ${told.incident_id}`)
    options.tell(`Go on with it: npm run relay -- trigger i_ack --incident ${told.incident_id}`)
  }
  return EXIT.ok
}

/** Put every `PATH=VALUE` into a push. Throws a {@link CliError} for the first that cannot be. */
export function withSets(push: Json, sets: readonly string[] = []): Json {
  let changed = push
  for (const set of sets) {
    const applied = applySet(changed, set)
    if ('problem' in applied) throw new CliError(EXIT.usage, [applied.problem])
    changed = applied.push
  }
  return changed
}

/** A push that leaves this machine says where it goes; one that goes unencrypted says that too. */
export function sayWhere({ url, isHere }: Door, tell: (line: string) => void): void {
  if (isHere) return
  tell(`Sends to ${url}`)
  if (url.startsWith('http:')) tell('warning: without TLS; whoever is on the way can read the secret')
}

/** An incident's id that tells when it began, so that a later call can go on with it. */
export function toSampleId(what: 'trigger' | 'drill', startedAtMs: number): string {
  return `${what}-${startedAtMs.toString(36)}`
}

function idOf(push: Json): string {
  const { incident } = push
  return typeof incident === 'object' && incident !== null && 'incident_id' in incident
    ? String(incident.incident_id)
    : ''
}

/** An incident of ours began when its id says; another began as long ago as the story needs. */
function toPush(type: string, incidentId: string, nowMs: number): Json {
  const [, base36 = ''] = /^(?:trigger|drill)-([\da-z]{6,9})$/.exec(incidentId) ?? []
  const saidMs = parseInt(base36, 36)
  const isFirst = type === 'i_new'
  const told = toSamplePushes(type, { incidentId, startedAtMs: 0 }).at(-1)
  const startedAtMs = saidMs < nowMs ? saidMs : isFirst ? nowMs : nowMs - (told?.event_time ?? 0)
  const push = toSamplePushes(type, { incidentId, startedAtMs, atMs: nowMs }).at(-1)
  return { ...push }
}
