/** Why a store refused. `locked` and `unreadable` happen at opening only. */
export class StoreError extends Error {
  readonly reason: 'locked' | 'full' | 'io' | 'unreadable' | 'closed' | 'bug'
  constructor(reason: StoreError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.reason = reason
  }
}
