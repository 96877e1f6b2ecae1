import type { StoreError } from '../error.ts'
import type { Store } from '../store.ts'
import type { Statements } from './rows.ts'

/** Each method of the store as the thread runs it: synchronous, inside a transaction. */
export type Operations = {
  readonly [Method in Exclude<keyof Store, 'close'>]: (
    db: Statements,
    arg: Parameters<Store[Method]>[0] & {},
  ) => Awaited<ReturnType<Store[Method]>>
}

/** The thread is sent lists of these. */
export interface Call {
  readonly id: number
  readonly op: keyof Store
  readonly arg: unknown
}

export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly reason: StoreError['reason']; readonly message: string }

export type FromThread =
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly reason: StoreError['reason']; readonly message: string }
  | { readonly kind: 'answers'; readonly answers: readonly Answer[] }
