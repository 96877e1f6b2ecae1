import { setTimeout as sleep } from 'node:timers/promises'
import { readEvent } from '../flashduty/event.ts'
import { toSamplePushes } from '../flashduty/sample.ts'
import type { Json } from '../flashduty/sample-story.ts'
import { toAttention } from '../incident/attention.ts'
import { toChanges } from '../incident/changes.ts'
import type { Incident } from '../incident/incident.ts'
import { toPlainText } from '../message/message.ts'
import { EXIT } from './exit.ts'
import type { Progress } from './progress.ts'
import { findDoor, NotTaken, sendPush, type Door } from './relay-door.ts'
import type { Templates } from '../message/template.ts'
import { loadSpeech } from './speech.ts'
import { sayWhere, toSampleId, withSets, type Sending } from './trigger.ts'

export type DrillSeverity = 'Critical' | 'Warning' | 'Info'

export interface DrillOptions extends Sending {
  readonly paceMs: number
  /** How severe the incident becomes. */
  readonly severity: DrillSeverity
  readonly progress: Progress
  /** The person has had enough: the incident is resolved at once. */
  readonly interrupted: AbortSignal
}

const STEPS = ['i_new', 'i_assign', 'i_ack', 'i_comm', 'i_r_severity', 'i_rslv']

/** How severe it is at first: one less, so that there is something to see. */
const FIRST: Readonly<Record<DrillSeverity, string>> = { Critical: 'Warning', Warning: 'Info', Info: 'Info' }

/**
 * Play a whole incident to a running relay, marked in its title and by the label `drill`, and write what is to be seen
 * in chat. However it ends, the incident is resolved. The exit code.
 */
export async function drill(options: DrillOptions): Promise<number> {
  const { paceMs, write, nowMs } = options
  const drilling = toDrill(options, nowMs())
  if (options.dryRun) {
    const pushes = drilling.steps.map((type, index) => drilling.push(type, drilling.startedAtMs + index * paceMs))
    write(JSON.stringify(pushes, undefined, 2))
    return EXIT.ok
  }
  const door = findDoor(options)
  const speech = await loadSpeech(options.config, options.env)
  sayWhere(door, options.tell)
  write(`Incident ${drilling.id} begins. Watch the channels that your routes give it.`)
  return new Drill(options, drilling, door, speech).play()
}

interface Drilling {
  readonly id: string
  readonly startedAtMs: number
  readonly steps: readonly string[]
  readonly push: (type: string, atMs: number) => Json
}

function toDrill({ severity, set }: DrillOptions, startedAtMs: number): Drilling {
  const id = toSampleId('drill', startedAtMs)
  const steps = severity === 'Info' ? STEPS.filter((type) => type !== 'i_r_severity') : STEPS
  const push = (type: string, atMs: number): Json => {
    const sample = toSamplePushes(type, { incidentId: id, startedAtMs, atMs, only: steps }).at(-1)
    const incident: Json = sample?.incident ?? {}
    const isRaised = steps.indexOf(type) >= STEPS.indexOf('i_r_severity') || severity === 'Info'
    const level = isRaised ? severity : FIRST[severity]
    const marked = {
      ...incident,
      title: `[DRILL] ${String(incident['title'])}`,
      incident_severity: level,
      incident_status: type === 'i_rslv' ? 'Ok' : level,
      labels: { service: 'checkout', env: 'prod', drill: 'true' },
    }
    return withSets({ ...sample, incident: marked }, set)
  }
  return { id, startedAtMs, steps, push }
}

class Drill {
  readonly #options: DrillOptions
  readonly #drilling: Drilling
  readonly #door: Door
  readonly #speech: Templates
  #before: Incident | undefined
  #open = false

  constructor(options: DrillOptions, drilling: Drilling, door: Door, speech: Templates) {
    this.#options = options
    this.#drilling = drilling
    this.#door = door
    this.#speech = speech
  }

  async play(): Promise<number> {
    const { write, interrupted, progress } = this.#options
    const { steps } = this.#drilling
    let trouble: unknown
    for (const [index, type] of steps.entries()) {
      if (index > 0) await this.#wait(index)
      if (interrupted.aborted) break
      try {
        await this.#send(type)
      } catch (error) {
        trouble = error
        break
      }
    }
    progress.clear()
    if (this.#open) await this.#resolve()
    if (trouble !== undefined) throw trouble
    if (interrupted.aborted) write('Interrupted; the incident is resolved.')
    else write('Done: the card is green, and its thread tells the story.')
    return interrupted.aborted ? EXIT.failed : EXIT.ok
  }

  async #send(type: string): Promise<void> {
    const { write, progress, nowMs } = this.#options
    const push = this.#drilling.push(type, nowMs())
    const body = JSON.stringify(push)
    let result: string
    try {
      result = await sendPush(this.#door, body)
    } catch (error) {
      if (error instanceof NotTaken && error.isUnclear) this.#open = true
      throw error
    }
    this.#open = type !== 'i_rslv'
    progress.clear()
    write(`${type.padEnd(13)} ${result}. ${this.#toSeen(body)}`)
  }

  /** What the push is to look like in chat, by the built-in attention and the templates at hand. */
  #toSeen(body: string): string {
    const event = readEvent(body)?.event
    if (event === undefined) return ''
    const { startedAtMs } = this.#drilling
    const atMs = event.timeMs ?? startedAtMs
    const changes = toChanges(this.#before, event.incident)
    const isFirst = this.#before === undefined
    this.#before = event.incident
    if (isFirst) return `A new card: ${toPlainCard(this.#speech, event, atMs)}`
    const context = { eventType: event.type, incident: event.incident, changes, ageMs: atMs - startedAtMs }
    const { loudness } = toAttention(context, {})
    if (loudness === 'card') return 'The card changes; this early an assignment has no line of its own.'
    const reply = this.#speech.reply({ event, changes, effectiveAtMs: atMs, nowMs: atMs, late: false })
    const words = reply.message.lines.map(toPlainText).join(' ')
    return `${loudness === 'broadcast' ? 'Thread, and in the channel (Slack)' : 'Thread'}: ${words}`
  }

  async #wait(index: number): Promise<void> {
    const { paceMs, progress, interrupted, nowMs } = this.#options
    const dueAtMs = nowMs() + paceMs
    while (nowMs() < dueAtMs && !interrupted.aborted) {
      const leftMs = dueAtMs - nowMs()
      progress.tell(
        `${index} of ${this.#drilling.steps.length} sent, the next in ${Math.ceil(leftMs / 1000)} s; Ctrl-C resolves it`,
      )
      await sleep(Math.min(250, leftMs), undefined, { signal: interrupted }).catch(() => undefined)
    }
  }

  /** No drill is left open because a relay was away for a moment. */
  async #resolve(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#send('i_rslv')
        return
      } catch (error) {
        if (attempt === RESOLVE_ATTEMPTS) {
          this.#options.tell(
            `The incident is still open. Resolve it: npm run relay -- trigger i_rslv --incident ${this.#drilling.id}`,
          )
          throw error
        }
        await sleep(RESOLVE_AGAIN_MS)
      }
    }
  }
}

/** A relay that restarts is back within this. */
const RESOLVE_ATTEMPTS = 4
const RESOLVE_AGAIN_MS = 1_000

function toPlainCard(
  speech: Templates,
  event: NonNullable<ReturnType<typeof readEvent>>['event'],
  atMs: number,
): string {
  const last = { id: event.id, type: event.type, atMs }
  return speech.card({ incident: event.incident, last, nowMs: atMs, replacesLost: false }).message.title?.text ?? ''
}
