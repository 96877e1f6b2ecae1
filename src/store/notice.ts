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
  /** The server cannot be used, and events are kept in the spool `file`: told at every try. */
  | { readonly what: 'away'; readonly file: string; readonly reason: string }
  | { readonly what: 'back'; readonly afterMs: number }
  /** So many events wait in the spool at this moment. */
  | { readonly what: 'spooled'; readonly events: number; readonly isAway: boolean }
  /** Nothing waits there any more. */
  | { readonly what: 'drained'; readonly events: number; readonly bodies: number }
  /** The server will never take an event that was in the spool; it is in quarantine. */
  | { readonly what: 'refused'; readonly id: string; readonly reason: string }
  /** The server knows an event of the spool by another body. */
  | { readonly what: 'conflict'; readonly id: string; readonly incidentId: string }
  | { readonly what: 'spool_failed'; readonly file: string; readonly reason: string }
  /** The spool was closed with events in it: the next process that opens it brings them to the server. */
  | { readonly what: 'left'; readonly file: string; readonly events: number; readonly bodies: number }
