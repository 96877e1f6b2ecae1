import { element } from './element.js'
import { redraw } from './redraw.js'
import { get, post } from './strip-api.js'
import { button, outcome } from './strip-form.js'
import { age } from './time.js'

/**
 * @typedef {import('../relay.ts').RelayView} RelayView
 * @typedef {import('../relay.ts').WorkView} WorkView
 * @typedef {import('../relay.ts').LaneView} LaneView
 */

/** Ours: much of what the relay waits for ends without a call that would tell of it. */
const LOOK_MS = 2000

/**
 * What became of a work that a person asked for.
 * @type {Readonly<Record<string, string>>}
 */
const RESULTS = {
  retried: 'It is tried again now.',
  dropped: 'It is owed no more.',
  under_way: 'It is being sent at this moment.',
  replaced: 'There is a newer card: this one is owed no more.',
  no_card: 'Its card is not there: retry the card first.',
  unknown: 'It is done, or owed no more.',
}

/**
 * What the relay knows and waits for.
 * @param {() => boolean} isWatched
 */
export function createRelayView(isWatched) {
  let isHere = false
  let busy = false
  const note = element('p', { class: 'tool-note' })
  const { made: said, say } = outcome()
  const storms = element('ul', { class: 'tool-list' })
  const pauses = element('ul', { class: 'tool-list' })
  const stuck = element('ul', { class: 'tool-list work' })
  const waiting = element('ul', { class: 'tool-list work' })
  const lanes = element('tbody', {})
  const parts = element(
    'div',
    { class: 'tool-relay' },
    said,
    section('Storms', storms),
    section('Left alone for a while', pauses),
    section('Needs a person', stuck),
    section('Waiting', waiting, 'wide'),
    section('Lanes', toTable(lanes), 'wide'),
  )

  async function refresh() {
    if (!isHere || busy || !isWatched()) return
    busy = true
    const { status, body } = await get('relay')
    busy = false
    if (status === 200) draw(body)
    else say(String(body.reason), true)
  }

  /** @param {'retry' | 'drop'} does  @param {WorkView} work */
  async function act(does, work) {
    const { status, body } = await post(`relay/${does}`, { ids: [work.id] })
    const words = status === 200 ? (body.problems[0] ?? RESULTS[body.changes[0]?.result] ?? '') : String(body.reason)
    say(`${work.title}: ${words}`, status !== 200)
    await refresh()
  }

  /** @param {RelayView} view */
  function draw({ nowMs, lanes: known, work, total, pauses: paused, storms: blowing }) {
    /** @param {WorkView} each */
    const isStuck = ({ state }) => state === 'dead' || state === 'held'
    list(storms, blowing, ({ destination }) => destination, drawStorm)
    list(
      pauses,
      paused.filter((each) => isCircuit(each) || each.untilMs > nowMs),
      ({ scope }) => scope,
      drawPause,
    )
    list(
      stuck,
      work.filter(isStuck),
      ({ id }) => id,
      (each) => drawStuck(each, act),
    )
    list(waiting, toQueues(work.filter((each) => !isStuck(each))), ({ key }) => key, drawWaiting)
    redraw(
      lanes,
      known.map((lane) => ({
        key: `${lane.destination} ${lane.incidentId}`,
        says: JSON.stringify([lane, stateOf(lane, work)]),
        draw: () => drawLane(lane, stateOf(lane, work)),
      })),
    )
    note.textContent = total > work.length ? `${total - work.length} more wait and are not listed.` : ''
  }

  setInterval(() => void refresh(), LOOK_MS)
  return {
    made: element('div', { class: 'tool-panel' }, note, parts),
    refresh,
    /** @param {import('./strip-live.js').Panel} panel */
    show({ relay }) {
      isHere = relay
      parts.hidden = !relay
      if (!relay) note.textContent = 'No relay runs in this process. Where yours runs: npm run relay -- deliveries'
      void refresh()
    },
  }
}

/**
 * @param {string} name
 * @param {HTMLElement} content
 * @param {'wide'} [width]
 */
function section(name, content, width) {
  const id = `inspect-${name.toLowerCase().replaceAll(' ', '-')}`
  return element('section', { 'aria-labelledby': id, class: width }, element('h3', { id }, name), content)
}

/** @param {HTMLElement} body */
function toTable(body) {
  const heads = ['Incident', 'Destination', 'Card shows', 'State'].map((name) => element('th', { scope: 'col' }, name))
  return element(
    'div',
    { class: 'tool-scroll', tabindex: '0', role: 'group', 'aria-label': 'Lanes' },
    element('table', {}, element('thead', {}, element('tr', {}, heads)), body),
  )
}

/**
 * @template T
 * @param {HTMLElement} into
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} draw
 */
function list(into, items, keyOf, draw) {
  const parts = items.map((item) => ({ key: keyOf(item), says: JSON.stringify(item), draw: () => draw(item) }))
  const none = { key: '', says: '', draw: () => element('li', { class: 'tool-quiet' }, 'none') }
  redraw(into, parts.length === 0 ? [none] : parts)
}

/** @param {RelayView['storms'][number]} storm */
function drawStorm({ destination, waiting, sinceMs }) {
  return element('li', {}, `${destination}: ${waiting} new incidents wait for their card, since `, age(sinceMs))
}

/** @param {{ scope: string }} pause */
function isCircuit({ scope }) {
  return !scope.startsWith('pace:')
}

/** @param {RelayView['pauses'][number]} pause */
function drawPause(pause) {
  const { scope, reason, untilMs } = pause
  if (!isCircuit(pause))
    return element('li', {}, `Rate limited: ${scope.slice('pace:'.length)}, goes on `, age(untilMs))
  return element('li', { class: 'failed' }, `Circuit open: ${scope}, ${reason}; the next probe is `, age(untilMs))
}

/**
 * @param {WorkView} work
 * @param {(does: 'retry' | 'drop', work: WorkView) => Promise<void>} act
 */
function drawStuck(work, act) {
  const { title, kind, destination, state, reason, id } = work
  return element(
    'li',
    { class: 'failed' },
    element('span', {}, `${title}: ${kind} in ${destination} is ${state}${reason === undefined ? '' : `: ${reason}`} `),
    button('Retry', () => void act('retry', work), { 'aria-label': `Retry ${id}: ${title}` }),
    button('Drop', () => void act('drop', work), { 'aria-label': `Drop ${id}: ${title}` }),
  )
}

/**
 * What waits in one lane for the same kind of call waits in line: the first of it, and how many there are.
 * @param {readonly WorkView[]} work
 */
function toQueues(work) {
  /** @type {Map<string, { key: string, first: WorkView, count: number }>} */
  const queues = new Map()
  for (const first of work) {
    const key = `${first.kind} ${first.destination} ${first.incidentId}`
    const known = queues.get(key)
    queues.set(key, { key, first: known?.first ?? first, count: (known?.count ?? 0) + 1 })
  }
  return [...queues.values()]
}

/** @param {{ first: WorkView, count: number }} queue */
function drawWaiting({ first: { title, kind, destination, state, reason, attempts, nextAtMs }, count }) {
  const what =
    count === 1 ? `${kind} in ${destination} is ${state}` : `${count} × ${kind} in ${destination}, the first ${state}`
  return element(
    'li',
    {},
    `${title}: ${what}`,
    reason !== undefined && `: ${reason}`,
    attempts > 0 && ` (${attempts} tried)`,
    nextAtMs !== undefined && state !== 'sending' ? '; next try ' : null,
    nextAtMs !== undefined && state !== 'sending' && age(nextAtMs),
  )
}

/**
 * @param {LaneView} lane
 * @param {string} state
 */
function drawLane({ title, severity, progress, destination, shownVersion, wantedVersion, generation, frozen }, state) {
  const isBehind = shownVersion < wantedVersion && !frozen
  const card = shownVersion === 0 ? `no card of ${wantedVersion}` : `version ${shownVersion} of ${wantedVersion}`
  const lost = generation > 1 ? `, card no. ${generation}` : ''
  return element(
    'tr',
    { class: isBehind ? 'behind' : undefined },
    element('th', { scope: 'row' }, `${title} (${severity}, ${progress})`),
    element('td', {}, destination),
    element('td', {}, card + lost),
    element('td', {}, frozen ? 'left as it is' : state),
  )
}

/**
 * @param {LaneView} lane
 * @param {readonly WorkView[]} work
 */
function stateOf({ incidentId, destination }, work) {
  const own = work.filter((each) => each.incidentId === incidentId && each.destination === destination)
  if (own.length === 0) return 'up to date'
  return [...new Set(own.map(({ kind, state }) => `${kind} ${state}`))].join(', ')
}
