import { get } from './strip-api.js'

/**
 * @typedef {import('../places.ts').ChatPlace} ChatPlace
 * @typedef {import('../trace.ts').TracedCall} TracedCall
 * @typedef {{
 *   relay: boolean,
 *   places: { slack: readonly ChatPlace[], discord: readonly ChatPlace[] },
 *   faults: readonly import('../fault.ts').Fault[],
 *   calls: readonly TracedCall[],
 * }} Panel
 */

/** Ours: as often as the chats are drawn. */
const SHORTEST_REDRAW_MS = 250

/** @type {((panel: Panel) => void)[]} */
const listeners = []
/** @type {Panel | undefined} */
let known
let busy = false
let stale = false

/**
 * Call `show` with the panel's state now and after every change.
 * @param {(panel: Panel) => void} show
 */
export function onPanel(show) {
  listeners.push(show)
  if (known === undefined) void refresh()
  else show(known)
}

/** Ask for the state again: at once, or as soon as the question under way is answered. */
export async function refresh() {
  stale = true
  if (busy) return
  busy = true
  while (stale) {
    stale = false
    const { status, body } = await get('panel')
    if (status === 200) {
      known = body
      for (const show of listeners) show(body)
    }
    await new Promise((resolve) => setTimeout(resolve, SHORTEST_REDRAW_MS))
  }
  busy = false
}

// The page holds one stream of changes for all of its parts: a browser opens few connections to one host.
document.addEventListener('sandbox-changed', () => void refresh())
