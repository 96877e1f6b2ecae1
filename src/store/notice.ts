/** What the store tells by itself: somebody should know. */
export type StoreNotice =
  /** `held`: the reserve is there. If it is not, the disk is full, or nearly, and the store lives on the last of it. */
  | { readonly what: 'reserve'; readonly held: boolean }
  /** The database was damaged: it is `aside` now, and a new one took its place. */
  | { readonly what: 'moved_aside'; readonly aside: string; readonly reason: string }
  /** What could still be read of it is in the new one. `lost` counts rows that were seen and could not be read. */
  | {
      readonly what: 'salvaged'
      readonly aside: string
      readonly rows: number
      readonly lost: number
      readonly whole: boolean
    }
