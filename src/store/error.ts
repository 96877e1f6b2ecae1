/**
 * Why a store refused. `locked` and `unreadable` (not ours to read, or of a newer release) happen at opening only.
 * After `io` nothing is ever stored again by this process.
 */
export class StoreError extends Error {
  readonly reason: 'locked' | 'full' | 'io' | 'damaged' | 'unreadable' | 'closed' | 'bug'
  constructor(reason: StoreError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.reason = reason
  }
}
