import * as v from 'valibot'
import { isUnfilled, toId } from './id.ts'
import { isObject, member } from './object.ts'
import { toTimeMs } from './time.ts'

const Text = lenient(
  v.pipe(
    v.string(),
    v.check((text) => text.trim() !== '' && !isUnfilled(text)),
  ),
)
const IdOrNone = lenient(
  v.pipe(
    v.unknown(),
    v.transform(toId),
    v.string(),
    // The source says 0 for "none".
    v.check((id) => id !== '0'),
  ),
)
const TimeMs = lenient(v.pipe(v.unknown(), v.transform(toTimeMs), v.number()))
const Count = lenient(
  v.pipe(
    v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,16}$/), v.transform(Number))]),
    v.safeInteger(),
    v.minValue(0),
  ),
)
const Url = lenient(v.pipe(v.string(), v.transform(toLink), v.string()))
const ObjectOrNone = lenient(v.custom<Readonly<Record<string, unknown>>>(isObject))
const List = lenient(v.array(v.unknown()))

/**
 * What we read of a push. Any member may be missing or of a wrong type: then it
 * is undefined and the rest is not affected. Times become ms.
 *
 * @see https://docs.flashcat.cloud/en/on-call/integration/webhooks/incident-webhook
 */
export const PushFields = v.object({
  event_time: TimeMs,
  person: ObjectOrNone,
})

export const PersonFields = v.object({
  person_id: IdOrNone,
  person_name: Text,
  email: Text,
})

export const ResponderFields = v.object({
  ...PersonFields.entries,
  assigned_at: TimeMs,
  acknowledged_at: TimeMs,
})

/** `type`, `escalate_rule_name` and `layer_idx` are in the vendor's example, not in its table. */
export const AssignmentFields = v.object({
  type: Text,
  escalate_rule_name: Text,
  layer_idx: Count,
})

export const IncidentFields = v.object({
  title: Text,
  num: IdOrNone,
  description: Text,
  impact: Text,
  root_cause: Text,
  resolution: Text,
  incident_severity: Text,
  incident_status: Text,
  progress: Text,
  created_at: TimeMs,
  updated_at: TimeMs,
  start_time: TimeMs,
  last_time: TimeMs,
  end_time: TimeMs,
  ack_time: TimeMs,
  close_time: TimeMs,
  snoozed_before: TimeMs,
  alert_cnt: Count,
  channel_id: IdOrNone,
  channel_name: Text,
  account_name: Text,
  detail_url: Url,
  group_method: Text,
  labels: ObjectOrNone,
  fields: ObjectOrNone,
  creator: ObjectOrNone,
  closer: ObjectOrNone,
  responders: List,
  assigned_to: ObjectOrNone,
})

/** Read `input` with one of the schemas above; the path of what is present but unusable goes to `dropped`. */
export function readFields<const TEntries extends v.ObjectEntries>(
  schema: v.ObjectSchema<TEntries, undefined>,
  input: unknown,
  path: string,
  dropped: string[],
): v.InferOutput<v.ObjectSchema<TEntries, undefined>> {
  const object = isObject(input) ? input : {}
  const output = v.parse(schema, object)
  for (const name of Object.keys(schema.entries)) {
    const given = member(object, name)
    if (!isSet(given) || isSet(member(output, name))) continue
    const isLeftOver = typeof given === 'string' && isUnfilled(given)
    dropped.push(isLeftOver ? `${path}${name}: a {{…}} of the custom request body was not filled in` : `${path}${name}`)
  }
  return output
}

/** Null, an empty text and 0 are how the source says "not set". */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== 0 && value !== ''
}

/** The schema, giving undefined for what is missing or does not fit. */
function lenient<const TSchema extends v.GenericSchema>(schema: TSchema) {
  return v.fallback(v.optional(schema), undefined)
}

/** A link that is safe to offer: http or https, no credentials, no control characters, short enough for every platform. */
function toLink(text: string): string | undefined {
  if (text.length > 2000 || /\p{Cc}/u.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
  return isWeb && url.username === '' && url.password === '' && url.href.length <= 2000 ? url.href : undefined
}
