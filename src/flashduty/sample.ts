import { SAMPLE_STEPS, type Json, type SampleStep } from './sample-story.ts'

/** A push as the source would send it, for previews, trials and drills. */
export interface SamplePush {
  readonly event_id: string
  readonly event_type: string
  /** ms, as the source sends it. */
  readonly event_time: number
  readonly person?: Json
  readonly incident: Json
}

/** The type of the sample that no documented type is: what the relay makes of it, it makes of every type it does not know. */
export const UNKNOWN_TYPE = 'i_example'

/** Every type there is a sample of, in the order of the story they tell. */
export const SAMPLE_TYPES: readonly string[] = SAMPLE_STEPS.map(({ type }) => type)

export interface SampleOptions {
  readonly incidentId: string
  /** When the incident began; the source knows seconds. */
  readonly startedAtMs: number
  /** When the last event happens; those before it are spread over the time between. Default: as the story has it. */
  readonly atMs?: number
  /** Of the steps up to the last, only these happen. Default: all. */
  readonly only?: readonly string[]
}

/**
 * The life of one incident up to an event of type `last`, oldest first: each push carries the whole incident as it is
 * by then, so that the last two differ by what the event says. A type that has no sample gets that of a type nobody
 * documented.
 */
export function toSamplePushes(last: string, options: SampleOptions): readonly SamplePush[] {
  const { incidentId, startedAtMs, only } = options
  const wanted = SAMPLE_TYPES.includes(last) ? last : UNKNOWN_TYPE
  const until = SAMPLE_STEPS.slice(0, SAMPLE_TYPES.indexOf(wanted) + 1)
  const steps = until.filter(({ type }) => type === wanted || only === undefined || only.includes(type))
  const lengthMs = (until.at(-1)?.afterS ?? 0) * 1000
  const pace = options.atMs === undefined || lengthMs === 0 ? 1 : Math.max(0, options.atMs - startedAtMs) / lengthMs
  const startedAtS = Math.floor(startedAtMs / 1000)
  let incident: Json = toFirst(incidentId, startedAtS)
  return steps.map((step) => {
    const afterMs = Math.round(step.afterS * 1000 * pace)
    const atMs = step.type === wanted ? (options.atMs ?? startedAtMs + afterMs) : startedAtMs + afterMs
    const atS = Math.floor(atMs / 1000)
    incident = { ...incident, ...step.change({ incident, atS }), updated_at: atS }
    return toPush(step, step.type === wanted ? last : step.type, atMs, incident)
  })
}

function toPush({ person }: SampleStep, type: string, atMs: number, incident: Json): SamplePush {
  const id = `${String(incident['incident_id'])}-${type}-${atMs}`
  return {
    event_id: id,
    event_type: type,
    event_time: atMs,
    ...(person !== undefined && { person }),
    incident,
  }
}

function toFirst(incidentId: string, startedAtS: number): Json {
  return {
    incident_id: incidentId,
    num: incidentId.slice(-6).toUpperCase(),
    title: 'checkout-api: 5xx rate > 12%',
    description: 'The error budget burns 14 times too fast.\nHTTP 502 from upstream payment-gateway.',
    impact: '',
    root_cause: '',
    resolution: '',
    incident_severity: 'Warning',
    incident_status: 'Warning',
    progress: 'Triggered',
    account_id: 60713905584104,
    account_name: 'Example',
    channel_id: 1840312623504,
    channel_name: 'Payments',
    created_at: startedAtS,
    updated_at: startedAtS,
    start_time: startedAtS,
    last_time: startedAtS,
    end_time: 0,
    ack_time: 0,
    close_time: 0,
    snoozed_before: 0,
    alert_cnt: 9,
    group_method: 'p',
    labels: { service: 'checkout', env: 'prod', check: '5xx rate' },
    fields: { priority: 'P3' },
    responders: [],
    detail_url: `https://console.flashcat.cloud/incident/detail/${encodeURIComponent(incidentId)}`,
  }
}
