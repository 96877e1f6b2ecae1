/** One API call a sandbox platform saw. */
export interface Call {
  readonly at: number
  /** Slack: `chat.postMessage`; Discord: `POST /channels/:id/messages`. */
  readonly method: string
  readonly channel?: string
  readonly status: number
  readonly error?: string
}

/** The newest calls, oldest first, at most `max`. */
export class CallLog {
  readonly #max: number
  readonly calls: Call[] = []
  constructor(max = 10_000) {
    this.#max = max
  }
  add(call: Call): void {
    this.calls.push(call)
    if (this.calls.length > this.#max) this.calls.splice(0, this.calls.length - this.#max)
  }
}

/** A platform's view of the world that a change was made in: the page and tests subscribe to it. */
export type Listener = () => void
