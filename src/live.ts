import type { Config } from './config/schema.ts'
import type { DeliveryPolicy, Outlet } from './delivery/held.ts'
import type { ApplyOptions } from './delivery/apply.ts'
import type { Incident } from './incident/incident.ts'
import type { Language } from './incident/language.ts'
import { toLanguage } from './incident/route.ts'
import type { Templates } from './message/template.ts'
import type { Log } from './ops/log.ts'
import { createAccounts, toOutlets, type Account } from './outlets.ts'
import type { Platform } from './platform/platform.ts'

/** All that can be changed while the relay runs, and what cannot: see {@link FIXED}. */
export interface Settings {
  readonly config: Config
  readonly templates: Templates
}

/** Bound to the process from its start to its end. */
const FIXED = ['listen', 'store', 'admin'] as const satisfies readonly (keyof Config)[]

/** What another configuration changed. */
export interface Replaced {
  /** Accounts nobody is to use any more; lanes may still be served through them. */
  readonly retired: readonly Platform[]
  /** Where destinations lead now that led elsewhere, or through another account, before. */
  readonly changed: readonly Outlet[]
  /** Options that were changed and stay as they are until the next start. */
  readonly waiting: readonly (typeof FIXED)[number][]
}

/**
 * What holds at this moment: the configuration, the templates, and the accounts
 * made from it. Everyone reads through it when it is needed, so that another
 * configuration takes effect between two steps, whole.
 */
export class Live {
  readonly #log: Log
  #config: Config
  #templates: Templates | undefined
  #accounts: ReadonlyMap<string, Account> = new Map()
  #outlets: ReadonlyMap<string, Outlet> = new Map()

  constructor(config: Config, log: Log) {
    this.#config = config
    this.#log = log
  }

  get config(): Config {
    return this.#config
  }

  readonly secrets = (): readonly string[] => this.config.flashduty.secrets
  readonly bodyLimitBytes = (): number => this.config.flashduty.body_limit_bytes
  /** Not before {@link connect} is done. */
  readonly templates = (): Templates => {
    if (this.#templates === undefined) throw new Error('nothing can be said before the templates are read')
    return this.#templates
  }
  readonly language = (incident: Incident, destination: string): Language => {
    const { routes, templates } = this.config
    return toLanguage(routes, { incident, destination }, templates.language)
  }
  /** Empty until {@link connect} is done. */
  readonly outlets = (): ReadonlyMap<string, Outlet> => this.#outlets
  readonly rules: ApplyOptions['rules'] = () => {
    const { routes, flashduty } = this.config
    return { routes, lateEvents: flashduty.late_events }
  }
  readonly policy = (): DeliveryPolicy => {
    const { on_ambiguous: onAmbiguous, on_card_deleted: onCardDeleted } = this.config.delivery
    return { onCardDeleted, ...(onAmbiguous !== undefined && { onAmbiguous }) }
  }

  readonly stormAfter = (): number => this.config.delivery.storm_after
  readonly accountOf = (destination: string): string | undefined => this.#outlets.get(destination)?.account

  /** Make ready what it is delivered with: loading a platform's library takes longer than all else at the start. */
  async connect(templates: () => Promise<Templates>): Promise<void> {
    this.#templates = await templates()
    this.#accounts = await createAccounts(this.config, this.#log)
    this.#outlets = toOutlets(this.config, this.#accounts)
  }

  /** Let other settings hold from now on, all at once. If an account cannot be made it rejects, and all stays as it was. */
  async replace(next: Settings): Promise<Replaced> {
    const before = { config: this.config, accounts: this.#accounts, outlets: this.#outlets }
    const waiting = FIXED.filter((option) => !isSame(before.config[option], next.config[option]))
    const { listen, store, admin } = before.config
    const config = { ...next.config, listen, store, admin }
    const accounts = await createAccounts(config, this.#log, before.accounts)
    this.#config = config
    this.#templates = next.templates
    this.#accounts = accounts
    this.#outlets = toOutlets(config, accounts)
    const kept = new Set([...accounts.values()].map(({ platform }) => platform))
    return {
      retired: [...before.accounts.values()].map(({ platform }) => platform).filter((platform) => !kept.has(platform)),
      changed: [...this.#outlets.values()].filter((outlet) => leadsElsewhere(outlet, before.outlets)),
      waiting,
    }
  }

  /** Let go of the accounts. Nobody may use them any more. */
  async stop(): Promise<void> {
    await Promise.all([...this.#accounts.values()].map(({ platform }) => platform.stop()))
  }
}

function leadsElsewhere(outlet: Outlet, before: ReadonlyMap<string, Outlet>): boolean {
  const old = before.get(outlet.destination)
  return old?.platform !== outlet.platform || old.channel !== outlet.channel
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
