import * as v from 'valibot'
import type { Fault } from './fault.ts'

const after = v.optional(v.boolean(), false)

const does = v.variant('kind', [
  v.strictObject({
    kind: v.literal('status'),
    status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
    headers: v.exactOptional(v.record(v.string(), v.string())),
    body: v.exactOptional(v.unknown()),
    after,
  }),
  v.strictObject({ kind: v.literal('reset'), after }),
  v.strictObject({ kind: v.literal('hang'), after }),
  v.strictObject({ kind: v.literal('html'), after }),
  v.strictObject({ kind: v.literal('cut_body') }),
  v.strictObject({ kind: v.literal('stall_body') }),
  v.strictObject({ kind: v.picklist(['delay', 'late']), ms: v.pipe(v.number(), v.minValue(0), v.maxValue(600_000)) }),
])

/** A {@link Fault} as `POST /sandbox/faults` takes it. */
export const FaultSchema = v.strictObject({
  platform: v.picklist(['slack', 'discord']),
  method: v.exactOptional(v.string()),
  channel: v.exactOptional(v.string()),
  times: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  does,
}) satisfies v.GenericSchema<unknown, Fault>
