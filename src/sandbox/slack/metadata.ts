import * as v from 'valibot'

const Primitive = v.union([v.string(), v.number(), v.boolean()])
const Flat = v.union([Primitive, v.record(v.string(), Primitive)])
/** What an app keeps with a message: flat values, nested once at most. */
export const Metadata = v.strictObject({
  event_type: v.pipe(v.string(), v.minLength(1)),
  event_payload: v.record(v.string(), v.union([Flat, v.array(Flat)])),
})

export type Metadata = v.InferOutput<typeof Metadata>
