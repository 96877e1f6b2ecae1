/**
 * One misbehaviour of a sandbox platform, used for the next call that matches.
 *
 * - `status`      answer with this status, headers and body; nothing is done, unless `after`.
 * - `reset`       cut the connection; `after` says whether the call was carried out first.
 * - `hang`        never answer; `after` as above.
 * - `cut_body`    carry it out, then cut the connection in the middle of the answer.
 * - `stall_body`  carry it out, then send the headers and half the answer, and no more.
 * - `html`        answer 200 with a proxy's HTML page; `after` as above.
 * - `delay`       carry it out, answer late.
 * - `late`        carry it out late, though the client may have given up by then, and answer.
 */
export type Misbehaviour =
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: unknown
      readonly after?: boolean
    }
  | { readonly kind: 'reset' | 'hang' | 'html'; readonly after: boolean }
  | { readonly kind: 'cut_body' | 'stall_body' }
  | { readonly kind: 'delay' | 'late'; readonly ms: number }

export interface Fault {
  readonly platform: 'slack' | 'discord'
  /** Slack: `chat.postMessage`; Discord: `POST /channels/:id/messages`. Absent: any call. */
  readonly method?: string
  readonly channel?: string
  /** How many calls; default 1. */
  readonly times?: number
  readonly does: Misbehaviour
}

/** The faults still to come, in the order they were set. */
export class Faults {
  #waiting: { fault: Fault; left: number }[] = []

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 })
  }

  /** Each with how many calls are left of it. */
  waiting(): readonly Fault[] {
    return this.#waiting.map(({ fault, left }) => ({ ...fault, times: left }))
  }

  clear(): void {
    this.#waiting = []
  }

  /** Use up and give back the first fault that matches a call. */
  take(call: { platform: Fault['platform']; method: string; channel?: string }): Misbehaviour | undefined {
    const entry = this.#waiting.find(
      ({ fault }) =>
        fault.platform === call.platform &&
        (fault.method === undefined || fault.method === call.method) &&
        (fault.channel === undefined || fault.channel === call.channel),
    )
    if (entry === undefined) return undefined
    entry.left -= 1
    if (entry.left <= 0) this.#waiting = this.#waiting.filter((other) => other !== entry)
    return entry.fault.does
  }
}
