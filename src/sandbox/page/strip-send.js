import { element } from './element.js'
import { toTally, toWords } from './strip-answer.js'
import { postText } from './strip-api.js'
import { createEditor } from './strip-editor.js'
import { button, choice, field, outcome, setOptions } from './strip-form.js'
import { toIncident, toPush, TYPES } from './strip-push.js'
import { toBurst, toStorm, toStory } from './strip-runs.js'

/** Ours: more than the 20 after which a destination has a storm board. */
const STORM = 60
const BURST = 50
/** Ours: long enough to read what changed. */
const STEP_MS = 2500
const HOUR_MS = 3_600_000
const TITLES = ['checkout-api: 5xx rate > 12%', 'disk full on db-1', 'payment queue: 40,000 waiting', 'login p99 > 4 s']

/** The group that sends events to the relay. */
export function createSend() {
  /** @type {import('./strip-push.js').Incident | undefined} */
  let current
  /** @type {string | undefined} */
  let last
  let begun = 0
  /** @type {AbortController | undefined} */
  let running

  const type = choice(
    TYPES.map(([value, words]) => [value, `${value}: ${words}`]),
    () => turn(),
  )
  const incident = choice([['new', 'a new one']], () => fill())
  const severity = choice(
    ['Critical', 'Warning', 'Info'].map((each) => [each, each]),
    () => fill(),
  )
  severity.value = 'Warning'
  const channel = choice(
    [
      ['Databases', '#incidents'],
      ['Payments', '#payments'],
    ],
    () => fill(),
  )
  const editor = createEditor(() => fill())
  const { made: said, say } = outcome()
  const stop = button('Stop', () => running?.abort(), { hidden: '' })

  function newId() {
    return `page-${crypto.randomUUID()}`
  }

  function begin() {
    const title = TITLES[begun % TITLES.length] ?? ''
    return toIncident({ id: newId(), title, channel: channel.value, severity: severity.value, nowMs: Date.now() })
  }

  /** The incident that is chosen, begun only now if it is a new one. */
  function chosen() {
    return incident.value === 'current' && current !== undefined ? current : begin()
  }

  /** A severity that changes is another one. */
  function turn() {
    if (type.value === 'i_r_severity' && severity.value === current?.incident_severity) {
      severity.value = severity.value === 'Critical' ? 'Warning' : 'Critical'
    }
    fill()
  }

  function fill() {
    const about = { type: type.value, incident: chosen(), severity: severity.value }
    editor.fill(JSON.stringify(toPush({ ...about, nowMs: Date.now(), id: newId() }), undefined, 2))
  }

  /** @param {string} body */
  async function push(body) {
    last = body
    return toWords(await postText('push', body))
  }

  /** Go on with the incident of a push that was taken. @param {any} body */
  function follow(body) {
    if (body?.incident?.incident_id === undefined) return
    if (body.incident.incident_id !== current?.['incident_id']) begun += 1
    current = body.incident
    setOptions(incident, [
      ['new', 'a new one'],
      ['current', `the last one: ${current?.title ?? ''}`.slice(0, 60)],
    ])
    incident.value = 'current'
    if (['Critical', 'Warning', 'Info'].includes(current?.incident_severity))
      severity.value = current?.incident_severity
  }

  async function send() {
    say('Sending…')
    if (!editor.isTouched()) fill()
    const text = editor.text()
    const { words, failed, result } = await push(text)
    if (result === 'accepted') follow(toJson(text))
    say(words, failed)
  }

  async function again() {
    if (last === undefined) return say('Nothing was sent yet: send an event first.', true)
    say('Sending…')
    const { words, failed } = await push(last)
    say(`The last one again. ${words}`, failed)
  }

  async function late() {
    if (current === undefined) return say('There is no incident yet: send an event first.', true)
    say('Sending…')
    const old = { ...current, title: `${current.title} (an hour ago)` }
    const about = { type: type.value, incident: old, severity: severity.value }
    const body = JSON.stringify(toPush({ ...about, nowMs: Date.now() - HOUR_MS, id: newId() }))
    const { words, failed } = toWords(await postText('push', body))
    say(`An event of an hour ago. ${words}`, failed)
  }

  /**
   * @param {string} name
   * @param {import('./strip-runs.js').Run} run
   * @param {{ follows: boolean, stepMs?: number }} options
   */
  async function play(name, run, { follows, stepMs = 0 }) {
    running?.abort()
    const mine = new AbortController()
    running = mine
    stop.hidden = false
    say(`${name}…`)
    const results = []
    for (const body of run) {
      if (results.length > 0 && stepMs > 0) await wait(stepMs, mine.signal)
      if (mine.signal.aborted) break
      const { words, failed, result } = await push(JSON.stringify(body))
      results.push(result)
      if (failed) {
        say(`${name}: ${words}`, true)
        break
      }
      if (follows && result === 'accepted') follow(body)
      say(`${name}: ${body.event_type} is ${result} (${results.length})`)
    }
    if (running === mine) {
      if (document.activeElement === stop) type.focus()
      stop.hidden = true
      running = undefined
    }
    fill()
    if (!said.classList.contains('failed')) say(`${name}: ${mine.signal.aborted ? 'stopped, ' : ''}${toTally(results)}`)
  }

  const burst = () => {
    const options = { count: BURST, severity: severity.value, newId }
    void play(`Burst of ${BURST}`, toBurst(chosen(), options), { follows: true })
  }
  const storm = () => {
    const options = { count: STORM, severity: severity.value, channel: channel.value, newId }
    void play(`Storm of ${STORM}`, toStorm(options), { follows: false })
  }
  const story = () => void play('A whole incident', toStory(begin(), { newId }), { follows: true, stepMs: STEP_MS })

  fill()
  return element(
    'fieldset',
    { class: 'tool-group' },
    element('legend', {}, 'Send an event'),
    element(
      'div',
      { class: 'tool-row' },
      field('Event', type),
      field('Incident', incident),
      field('Severity', severity),
      field('New ones go to', channel),
    ),
    element(
      'div',
      { class: 'tool-row' },
      button('Send', () => void send(), { class: 'tool-button main' }),
      button('Send again', () => void again(), { title: 'The same event_id once more' }),
      button('Send late', () => void late(), { title: 'An event_time of an hour ago' }),
      button(`Burst of ${BURST}`, burst, { title: 'Changes to one incident, as fast as it goes' }),
      button(`Storm of ${STORM}`, storm, { title: 'New incidents, as fast as it goes' }),
      button('Play an incident', story, { title: 'From its beginning to its end in a quarter of a minute' }),
      stop,
    ),
    said,
    editor.made,
  )
}

/** @param {string} text */
function toJson(text) {
  try {
    return JSON.parse(text)
  } catch {
    // The relay said what it makes of it.
    return undefined
  }
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 */
function wait(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
}
