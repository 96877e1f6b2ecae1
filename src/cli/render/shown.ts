import type { Preview } from './preview.ts'

/** An event and what it comes to, in one language. */
export interface Shown {
  readonly type: string
  readonly language: string
  /** When it is looked at. */
  readonly atMs: number
  /** The routes that took it; empty without a configuration. */
  readonly routes: readonly string[]
  readonly previews: readonly Preview[]
}
