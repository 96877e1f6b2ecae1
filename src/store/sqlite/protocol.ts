import type { StoreError } from '../error.ts'
import type { StoreNotice } from '../notice.ts'
import type { Store } from '../store.ts'
import type { Statements } from './rows.ts'

/** Each method of the store as the thread runs it: synchronous, inside a transaction. */
export type Operations = {
  readonly [Method in Exclude<keyof Store, 'close'>]: (
    db: Statements,
    arg: Parameters<Store[Method]>[0] & {},
  ) => Awaited<ReturnType<Store[Method]>>
}

export interface ThreadData {
  readonly file: string
  readonly reserveBytes: number
  /** The database was found damaged, and is to be replaced. `wasOpen`: holders of its lanes are still at work. */
  readonly damaged?: { readonly reason: string; readonly wasOpen: boolean }
}

/** The thread is sent lists of these. */
export interface Call {
  /** Free for another call once this one is answered, so one call has one answer at most. */
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
  /** Nothing is stored from here on (`failed`), or not here (`damaged`): calls without an answer are for the next thread. */
  | { readonly kind: 'failed' | 'damaged'; readonly reason: StoreError['reason']; readonly message: string }
  | { readonly kind: 'notice'; readonly notice: StoreNotice }
  | { readonly kind: 'answers'; readonly answers: readonly Answer[] }
