import * as v from 'valibot'

/** One work as a person sees it. `waiting` is what is pending and cannot be tried yet; `nextAtMs` is absent if it will not be by itself. */
const ShownWork = v.object({
  id: v.string(),
  key: v.string(),
  kind: v.picklist(['card', 'reply', 'edit']),
  state: v.picklist(['pending', 'waiting', 'sending', 'ambiguous', 'held', 'dead']),
  destination: v.string(),
  incidentId: v.string(),
  title: v.string(),
  attempts: v.number(),
  reason: v.exactOptional(v.string()),
  sinceMs: v.number(),
  nextAtMs: v.exactOptional(v.number()),
})

/** What was done, or, if an id was not understood, why nothing was. */
const changed = <const R extends readonly [string, ...string[]]>(results: R) =>
  v.object({
    changes: v.array(v.object({ id: v.string(), key: v.string(), result: v.picklist(results) })),
    problems: v.array(v.string()),
  })

/** What became of one push that was read again. */
const Replayed = v.object({
  result: v.picklist(['accepted', 'duplicate', 'stale', 'refused', 'failed', 'unknown']),
  eventId: v.exactOptional(v.string()),
  reason: v.exactOptional(v.string()),
})

const Quarantined = v.object({
  id: v.number(),
  receivedAtMs: v.number(),
  code: v.string(),
  reason: v.string(),
  bytes: v.number(),
})

const limit = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(10_000))
const ids = v.array(v.string())
const rowIds = v.array(v.pipe(v.number(), v.safeInteger()))
const instant = v.pipe(v.number(), v.safeInteger())

/** All that can be asked of a relay, with what is asked and what is answered: the same inside the process and over HTTP. */
export const CALLS = {
  deliveries: {
    asks: v.strictObject({ limit }),
    answers: v.object({ nowMs: v.number(), items: v.array(ShownWork), total: v.number() }),
  },
  /** `allDead` adds everything that was given up on, but not what is held: that may have been posted. */
  retry: {
    asks: v.strictObject({ ids, allDead: v.boolean() }),
    answers: changed(['retried', 'under_way', 'replaced', 'no_card', 'unknown']),
  },
  drop: { asks: v.strictObject({ ids }), answers: changed(['dropped', 'under_way', 'unknown']) },
  quarantined: { asks: v.strictObject({ limit }), answers: v.object({ items: v.array(Quarantined) }) },
  quarantinedBody: {
    asks: v.strictObject({ id: v.pipe(v.number(), v.safeInteger()) }),
    answers: v.object({ entry: v.exactOptional(v.object({ ...Quarantined.entries, bodyBase64: v.string() })) }),
  },
  /** Read kept bodies again; what has become an event leaves the quarantine. One answer for each id. */
  requeue: { asks: v.strictObject({ ids: rowIds }), answers: v.object({ results: v.array(Replayed) }) },
  /** Take pushes in, each the JSON text of one. One answer for each. */
  replay: { asks: v.strictObject({ pushes: v.array(v.string()) }), answers: v.object({ results: v.array(Replayed) }) },
  /** A part of the stored history: see the store's `received`. */
  received: {
    asks: v.strictObject({ sinceMs: instant, untilMs: instant, after: instant }),
    answers: v.object({ pushes: v.array(v.string()), next: v.exactOptional(v.number()) }),
  },
} as const

export type CallName = keyof typeof CALLS
export type Asked<C extends CallName> = v.InferOutput<(typeof CALLS)[C]['asks']>
export type Answered<C extends CallName> = v.InferOutput<(typeof CALLS)[C]['answers']>

/** The relay as its commands see it, running or not. */
export type Admin = { readonly [C in CallName]: (asked: Asked<C>) => Promise<Answered<C>> }
