import { element } from './element.js'
import { redraw } from './redraw.js'
import { format, instant } from './time.js'

/** @typedef {import('../call.ts').Call} Call */

/** Ours: what a glance takes in. */
const SHOWN = 20

/**
 * The newest API calls, newest first.
 * @param {Element} list
 * @param {readonly Call[]} calls
 * @param {(channelId: string) => string} nameOf
 */
export function drawCalls(list, calls, nameOf) {
  const first = Math.max(0, calls.length - SHOWN)
  const parts = calls.slice(first).map((call, index) => ({
    key: `${first + index}`,
    says: JSON.stringify(call),
    draw: () => drawCall(call, nameOf),
  }))
  redraw(list, parts.toReversed())
}

/**
 * @param {Call} call
 * @param {(channelId: string) => string} nameOf
 */
function drawCall({ at, method, channel, status, error }, nameOf) {
  const failed = status < 200 || status > 299 || error !== undefined
  // Status 0: the sandbox gave no answer.
  const outcome = status === 0 ? 'no answer' : String(status)
  return element(
    'li',
    { class: failed ? 'failed' : undefined },
    instant(at, format(at, { timeStyle: 'medium' })),
    element('span', { class: 'method' }, method),
    channel !== undefined && element('span', { class: 'where' }, nameOf(channel)),
    element('span', { class: 'status' }, error === undefined ? outcome : `${outcome} ${error}`),
  )
}
