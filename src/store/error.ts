/**
 * Why a store refused. `locked` and `unreadable` (not ours to read, or of a newer release) happen at opening only.
 * After `io` nothing is ever stored again by this process; `unavailable` (a server cannot be reached, or takes no
 * writes now) ends by itself. Whether a write that was `unavailable` happened is not known.
 */
export class StoreError extends Error {
  readonly reason: 'locked' | 'full' | 'io' | 'unavailable' | 'damaged' | 'unreadable' | 'closed' | 'bug'
  constructor(reason: StoreError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.reason = reason
  }
}
