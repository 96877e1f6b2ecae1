import { element } from './element.js'
import { post, remove } from './strip-api.js'
import { button, choice, field, outcome } from './strip-form.js'
import { onPanel } from './strip-live.js'

/** @typedef {import('../fault.ts').Fault} Fault */

/** @type {Readonly<Record<string, Readonly<Record<string, string | undefined>>>>} */
const CALLS = {
  'new messages': { slack: 'chat.postMessage', discord: 'POST /channels/:id/messages' },
  edits: { slack: 'chat.update', discord: 'PATCH /channels/:id/messages/:mid' },
  'any call': { slack: undefined, discord: undefined },
}

/** @type {readonly (readonly [kind: string, words: string])[]} */
const KINDS = [
  ['429', 'answer 429: wait'],
  ['lost', 'carry it out, lose the answer'],
  ['500', 'answer 500'],
  ['hang', 'never answer'],
  ['reset', 'cut the connection'],
  ['html', "answer a proxy's page"],
]

/** The group that makes the platforms misbehave. */
export function createFaults() {
  const platform = choice([
    ['slack', 'Slack'],
    ['discord', 'Discord'],
  ])
  const calls = choice(Object.keys(CALLS).map((each) => [each, each]))
  const kind = choice(KINDS, () => (waitField.hidden = kind.value !== '429'))
  const seconds = element('input', { type: 'number', min: '1', max: '900', value: '5' })
  const times = element('input', { type: 'number', min: '1', max: '100', value: '1' })
  const waitField = field('Retry-After, s', seconds)
  const { made: said, say } = outcome()
  const list = element('ul', { class: 'tool-list', 'aria-label': 'Faults still to come' })

  async function set() {
    const method = CALLS[calls.value]?.[platform.value]
    const fault = {
      platform: platform.value,
      ...(method !== undefined && { method }),
      times: times.valueAsNumber,
      does: toMisbehaviour(kind.value, platform.value, seconds.valueAsNumber),
    }
    const { status, body } = await post('faults', fault)
    say(status === 200 ? 'Set: the next calls meet it.' : String(body.reason), status !== 200)
  }

  async function clear() {
    const { status, body } = await remove('faults')
    say(status === 200 ? 'Both platforms behave.' : String(body.reason), status !== 200)
  }

  onPanel(({ faults }) => {
    const lines = faults.map((fault) => element('li', {}, toWords(fault)))
    list.replaceChildren(...lines)
    list.hidden = lines.length === 0
  })
  return element(
    'fieldset',
    { class: 'tool-group' },
    element('legend', {}, 'Make a platform fail'),
    element(
      'div',
      { class: 'tool-row' },
      field('Platform', platform),
      field('Calls', calls),
      field('Fault', kind),
      waitField,
      field('How many', times),
    ),
    element(
      'div',
      { class: 'tool-row' },
      button('Set the fault', () => void set()),
      button('Clear faults', () => void clear()),
    ),
    said,
    list,
  )
}

/**
 * @param {string} kind
 * @param {string} platform
 * @param {number} seconds
 */
function toMisbehaviour(kind, platform, seconds) {
  switch (kind) {
    case '429': {
      const discord = { message: 'You are being rate limited.', retry_after: seconds, global: false }
      const body = platform === 'discord' ? discord : { ok: false, error: 'ratelimited' }
      return { kind: 'status', status: 429, headers: { 'retry-after': String(seconds) }, body }
    }
    case '500':
      return { kind: 'status', status: 500, body: 'Internal Server Error' }
    case 'lost':
      return { kind: 'reset', after: true }
    default:
      return { kind, after: false }
  }
}

/** @param {Fault} fault */
function toWords({ platform, method = 'any call', times = 1, does }) {
  const name = platform === 'slack' ? 'Slack' : 'Discord'
  return `${name}, ${times} × ${method}: ${does.kind === 'status' ? does.status : toKind(does)}`
}

/** @param {import('../fault.ts').Misbehaviour} does */
function toKind(does) {
  return 'after' in does && does.after ? `${does.kind} after it was carried out` : does.kind.replace('_', ' ')
}
