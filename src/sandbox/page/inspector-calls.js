import { element } from './element.js'
import { isFailure, toWords } from './inspector-words.js'
import { redraw } from './redraw.js'
import { get } from './strip-api.js'
import { choice, field } from './strip-form.js'
import { format, instant } from './time.js'

/**
 * @typedef {import('./strip-live.js').Panel} Panel
 * @typedef {import('../trace.ts').TracedCall} TracedCall
 */

/** The newest calls of both platforms, newest first. */
export function createCallList() {
  /** @type {Panel | undefined} */
  let panel
  const platform = choice(
    [
      ['', 'both'],
      ['slack', 'Slack'],
      ['discord', 'Discord'],
    ],
    () => draw(),
  )
  const failures = element('input', { type: 'checkbox' })
  failures.addEventListener('change', () => draw())
  const list = element('ol', { class: 'tool-calls', 'aria-label': 'API calls, newest first' })
  const none = element('p', { class: 'tool-note' }, 'No such call was made yet.')

  function draw() {
    if (panel === undefined) return
    const names = toNames(panel)
    const shown = panel.calls.filter(
      (call) => (platform.value === '' || call.platform === platform.value) && (!failures.checked || isFailure(call)),
    )
    none.hidden = shown.length > 0
    redraw(
      list,
      shown.map((call) => ({
        key: String(call.id),
        says: '',
        draw: () => drawCall(call),
        // A thread's name is known only after the call that made it; what was opened stays open.
        inside: (drawn) => setWhere(drawn, names.get(call.channel ?? '') ?? call.channel ?? ''),
      })),
    )
  }

  return {
    made: element(
      'div',
      { class: 'tool-panel' },
      element(
        'div',
        { class: 'tool-row' },
        field('Platform', platform),
        element('label', { class: 'tool-check' }, failures, 'Failures only'),
      ),
      none,
      list,
    ),
    /**
     * Gives the state in a few words.
     * @param {Panel} now
     */
    show(now) {
      panel = now
      draw()
      const failed = now.calls.filter(isFailure).length
      return `${now.calls.length} calls, ${failed} failed`
    },
  }
}

/**
 * @param {HTMLElement} drawn
 * @param {string} where
 */
function setWhere(drawn, where) {
  const place = drawn.querySelector('.tool-where')
  if (place !== null && place.textContent !== where) place.textContent = where
}

/** @param {TracedCall} call */
function drawCall(call) {
  const { id, at, platform, method, status, durationMs } = call
  const said = element('div', { class: 'tool-said' })
  const failed = isFailure(call)
  const box = element(
    'details',
    { class: failed ? 'failed' : undefined },
    element(
      'summary',
      {},
      instant(at, format(at, { timeStyle: 'medium' })),
      element('span', { class: 'tool-platform' }, platform === 'slack' ? 'Slack' : 'Discord'),
      element('code', {}, method),
      element('span', { class: 'tool-quiet tool-where' }),
      element('span', { class: 'tool-status' }, status === 0 ? 'no answer' : String(status)),
      element('span', { class: 'tool-quiet' }, `${durationMs} ms`),
      element('span', { class: 'tool-words' }, toWords(call)),
    ),
    said,
  )
  box.addEventListener('toggle', () => {
    if (box.open && said.firstChild === null) void fill(said, id)
  })
  return element('li', {}, box)
}

/**
 * @param {HTMLElement} said
 * @param {number} id
 */
async function fill(said, id) {
  const { status, body } = await get(`calls/${id}`)
  if (status !== 200) return said.replaceChildren(element('p', {}, String(body.reason)))
  said.replaceChildren(drawSaid('Request', body.request), drawSaid('Answer', body.response))
}

/**
 * @param {string} name
 * @param {string | undefined} text
 */
function drawSaid(name, text) {
  const shown = text === undefined ? 'nothing' : toPretty(text)
  return element('section', { 'aria-label': name }, element('h4', {}, name), element('pre', { tabindex: '0' }, shown))
}

/**
 * JSON with its parts on lines of their own; Slack's calls hold JSON in strings, which is opened too.
 * @param {string} text
 */
function toPretty(text) {
  const value = toJson(text, (_, inside) =>
    typeof inside === 'string' && /^[[{]/.test(inside) ? toJson(inside) : inside,
  )
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)
}

/**
 * The value, or the text itself if it is none, or was too long to be kept whole.
 * @param {string} text
 * @param {(key: string, value: unknown) => unknown} [revive]
 */
function toJson(text, revive) {
  try {
    return JSON.parse(text, revive)
  } catch {
    return text
  }
}

/**
 * @param {Panel} panel
 * @returns {ReadonlyMap<string, string>}
 */
function toNames({ places }) {
  const all = [...places.slack, ...places.discord]
  /** @type {Map<string, string>} */
  const names = new Map()
  for (const { name, cards } of all) {
    for (const { thread } of cards) names.set(thread?.id ?? '', `thread in #${name}`)
  }
  for (const { id, name } of all) names.set(id, `#${name}`)
  return names
}
