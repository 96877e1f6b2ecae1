import type { Intake, Taken } from '../flashduty/intake.ts'
import type { History, WorkKey } from '../store/history.ts'
import type { Store } from '../store/store.ts'
import type { Admin, Answered } from './calls.ts'
import { toShown, type ShownOptions } from './shown.ts'
import { resolveWorkIds, toWorkId } from './work-id.ts'

export interface DirectOptions extends Pick<ShownOptions, 'accountOf'> {
  readonly store: Pick<Store, keyof History | 'pauses'>
  readonly intake: Intake
  readonly nowMs: () => number
  /** Something of these destinations is to be tried at once. */
  readonly tryNow: (destinations: readonly string[]) => Promise<void>
}

/** Looking into a store and changing it, by whoever holds it: the running relay, or a command while none runs. */
export function createAdmin({ store, intake, nowMs, accountOf, tryNow }: DirectOptions): Admin {
  return {
    async deliveries({ limit }) {
      const [{ items, total }, pauses] = await Promise.all([store.work({ limit }), store.pauses()])
      const shown = toShown(items, { pauses, nowMs: nowMs(), ...(accountOf && { accountOf }) })
      return { nowMs: nowMs(), total, items: shown.map((work) => ({ id: toWorkId(work.key), ...work })) }
    },

    async retry({ ids, allDead }) {
      const open = await store.workKeys()
      const { found, problems } = resolveWorkIds(ids, open)
      if (problems.length > 0) return { changes: [], problems: [...problems] }
      const works = new Set([...found, ...(allDead ? open.filter(({ state }) => state === 'dead') : [])])
      const results = await store.retry({ keys: keysOf(works), nowMs: nowMs() })
      const retried = new Set(results.filter(({ result }) => result === 'retried').map(({ key }) => key))
      await tryNow(unique([...works].filter(({ key }) => retried.has(key)).map(({ destination }) => destination)))
      return { changes: results.map(withId), problems: [] }
    },

    async drop({ ids }) {
      const { found, problems } = resolveWorkIds(ids, await store.workKeys())
      if (problems.length > 0) return { changes: [], problems: [...problems] }
      const results = await store.drop({ keys: keysOf(found), nowMs: nowMs() })
      await tryNow([])
      return { changes: results.map(withId), problems: [] }
    },

    async quarantined({ limit }) {
      return { items: [...(await store.quarantined({ limit }))] }
    },

    async quarantinedBody({ id }) {
      const entry = await store.quarantinedBody({ id })
      if (entry === undefined) return {}
      const { body, ...rest } = entry
      return { entry: { id, ...rest, bytes: body.length, bodyBase64: Buffer.from(body).toString('base64') } }
    },

    async requeue({ ids }) {
      const results: Answered<'requeue'>['results'] = []
      for (const id of ids) {
        const entry = await store.quarantinedBody({ id })
        if (entry === undefined) {
          results.push({ result: 'unknown', reason: `there is no ${id} in quarantine` })
          continue
        }
        // It happened when it first came: read again later it must not pass for news.
        const taken = await intake.take(entry.body, entry.receivedAtMs)
        if (taken.kind === 'stored') await store.unquarantine({ id })
        results.push(toReplayed(taken))
      }
      return { results }
    },

    async replay({ pushes }) {
      // At once, so that they share commits; the store takes them in the order they are given.
      const taken = await Promise.all(pushes.map((push) => intake.take(Buffer.from(push), nowMs())))
      return { results: taken.map(toReplayed) }
    },

    async received(stretch) {
      const { events, next } = await store.received(stretch)
      return { pushes: events.map(({ body }) => body), ...(next !== undefined && { next }) }
    },
  }
}

function toReplayed(taken: Taken): Answered<'replay'>['results'][number] {
  if (taken.kind === 'stored') return { result: taken.result, eventId: taken.id }
  return { result: taken.kind, reason: taken.refusal.reason }
}

function withId<R extends { readonly key: string }>(change: R): R & { readonly id: string } {
  return { id: toWorkId(change.key), ...change }
}

function keysOf(works: Iterable<WorkKey>): readonly string[] {
  return [...works].map(({ key }) => key)
}

function unique(list: readonly string[]): readonly string[] {
  return [...new Set(list)]
}
