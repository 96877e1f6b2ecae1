import type { HttpBindings } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as v from 'valibot'
import { act, ActSchema } from './act.ts'
import type { DiscordSandbox } from './discord.ts'
import type { Faults } from './fault.ts'
import { FaultSchema } from './fault-schema.ts'
import { toPlaces } from './places.ts'
import type { SandboxRelay } from './relay.ts'
import type { SlackSandbox } from './slack.ts'
import type { Traces } from './trace.ts'

export interface PanelOptions {
  readonly slack: SlackSandbox
  readonly discord: DiscordSandbox
  readonly faults: Faults
  readonly traces: Traces
  /** Gives undefined until it runs; absent if none will in this process. */
  readonly relay?: () => SandboxRelay | undefined
  readonly changed: () => void
}

type PanelContext = Context<{ Bindings: HttpBindings }>

/** Twice what the sandbox's relay takes, so that a push that is too large is refused by it and not here. */
const BODY_LIMIT_BYTES = 2 * 1024 * 1024
const Ids = v.strictObject({ ids: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(1_000)) })

/**
 * What the page's control strip and inspector ask for, below `/sandbox`. Unauthenticated: mount it behind the guard.
 * What a person did wrong is answered 400 with a reason; a relay that is not here, or not there any more, 503.
 */
export function createPanel(options: PanelOptions): Hono<{ Bindings: HttpBindings }> {
  const { slack, discord, faults, traces, relay, changed } = options
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.use(bodyLimit({ maxSize: BODY_LIMIT_BYTES, onError: (c) => c.json(toRefusal('The body is too large.'), 413) }))

  app.get('/panel', (c) =>
    c.json({
      relay: relay !== undefined,
      places: toPlaces(slack, discord),
      faults: faults.waiting(),
      calls: traces.calls(),
    }),
  )
  app.get('/calls/:id', (c) => {
    const said = traces.said(Number(c.req.param('id')))
    return said === undefined ? c.json(toRefusal('This call is not kept any more.'), 404) : c.json(said)
  })
  app.post('/acts', async (c) => {
    const what = v.safeParse(ActSchema, await readJson(c))
    if (!what.success) return c.json(toRefusal(v.summarize(what.issues)), 400)
    try {
      act({ slack, discord }, what.output)
    } catch (error) {
      return c.json(toRefusal(toWords(error)), 400)
    }
    return c.json({ ok: true })
  })
  app.post('/faults', async (c) => {
    const fault = v.safeParse(FaultSchema, await readJson(c))
    if (!fault.success) return c.json(toRefusal(v.summarize(fault.issues)), 400)
    faults.add(fault.output)
    changed()
    return c.json({ ok: true })
  })
  app.delete('/faults', (c) => {
    faults.clear()
    changed()
    return c.json({ ok: true })
  })

  app.post('/push', (c) => ask(c, async (to) => to.push(await c.req.text())))
  app.get('/relay', (c) => ask(c, (to) => to.view()))
  for (const does of ['retry', 'drop'] as const) {
    app.post(`/relay/${does}`, async (c) => {
      const asked = v.safeParse(Ids, await readJson(c))
      if (!asked.success) return c.json(toRefusal(v.summarize(asked.issues)), 400)
      return ask(c, async (to) => {
        const done = await to[does](asked.output.ids)
        changed()
        return done
      })
    })
  }

  async function ask(c: PanelContext, what: (to: SandboxRelay) => Promise<object>): Promise<Response> {
    const to = relay?.()
    if (to === undefined) return c.json(toRefusal('No relay runs in this process.'), 503)
    try {
      return c.json(await what(to))
    } catch (error) {
      return c.json(toRefusal(`The relay did not answer: ${toWords(error)}.`), 503)
    }
  }

  return app
}

async function readJson(c: PanelContext): Promise<unknown> {
  // What is no JSON fits no schema.
  return c.req.json().catch(() => undefined)
}

function toRefusal(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason }
}

function toWords(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown reason'
}
