/** Where a round of expiry has got to: incidents first, then events. */
export type ExpiryPlace =
  | { readonly of: 'incident'; readonly effectiveAtMs: number; readonly id: string }
  | { readonly of: 'event'; readonly seq: number }

export interface ExpireQuery {
  readonly beforeMs: number
  readonly openBeforeMs: number
  readonly limit: number
  /** The `next` of the step before; left out at the beginning. */
  readonly from?: ExpiryPlace
}

export interface Expired {
  /** Rows that went. */
  readonly deleted: number
  /** Where to go on; left out at the end. */
  readonly next?: ExpiryPlace
}
