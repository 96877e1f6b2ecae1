import { element } from './element.js'
import { post } from './strip-api.js'
import { button, choice, field, outcome, setOptions } from './strip-form.js'
import { onPanel } from './strip-live.js'

/** @typedef {import('./strip-live.js').ChatPlace} ChatPlace */

/** What a bot of the relay needs, and somebody may take from it. */
const PERMISSIONS = [
  'SEND_MESSAGES',
  'VIEW_CHANNEL',
  'SEND_MESSAGES_IN_THREADS',
  'CREATE_PUBLIC_THREADS',
  'EMBED_LINKS',
]

/** The group that does in chat what people do there. */
export function createChat() {
  /** @type {Readonly<Record<string, readonly ChatPlace[]>>} */
  let places = {}
  const platform = choice(
    [
      ['slack', 'Slack'],
      ['discord', 'Discord'],
    ],
    () => draw(),
  )
  const channel = choice([], () => draw())
  const card = choice([], () => draw())
  const permission = choice(
    PERMISSIONS.map((each) => [each, each]),
    () => draw(),
  )
  const { made: said, say } = outcome()

  /** @returns {ChatPlace | undefined} */
  function place() {
    return places[platform.value]?.find(({ id }) => id === channel.value)
  }

  function theCard() {
    return place()?.cards.find(({ id }) => id === card.value)
  }

  /**
   * @param {object} what
   * @param {string} words
   */
  async function act(what, words) {
    const { status, body } = await post('acts', { platform: platform.value, ...what })
    say(status === 200 ? words : String(body.reason), status !== 200)
  }

  /** @param {string} does  @param {string} words */
  const onCard = (does, words) => () => {
    const found = theCard()
    if (found === undefined) return say('There is no card in this channel.', true)
    void act({ does, channel: channel.value, message: found.id }, words)
  }
  /** @param {string} does  @param {string} words */
  const onThread = (does, words) => () => {
    const thread = theCard()?.thread
    if (thread === undefined) return say('This card has no thread yet.', true)
    void act({ does, thread: thread.id }, words)
  }
  /** @param {object} what  @param {string} words */
  const onChannel = (what, words) => () => void act({ ...what, channel: channel.value }, `${words} #${place()?.name}.`)

  const both = [button('Delete the card', onCard('delete', 'The card is deleted.'))]
  const slack = [
    toggle(
      'Archive the channel',
      'Unarchive the channel',
      () => place()?.archived === true,
      onChannel({ does: 'archive' }, 'Somebody archived'),
      onChannel({ does: 'unarchive' }, 'Somebody unarchived'),
    ),
    toggle(
      'Remove the bot',
      'Invite the bot',
      () => place()?.member === false,
      onChannel({ does: 'remove_bot' }, 'The bot was removed from'),
      onChannel({ does: 'add_bot' }, 'The bot was invited to'),
    ),
  ]
  const discord = [
    toggle(
      'Archive the thread',
      'Unarchive the thread',
      () => theCard()?.thread?.archived === true,
      onThread('archive_thread', 'The thread is archived.'),
      onThread('unarchive_thread', 'The thread is open again.'),
    ),
    toggle(
      'Lock the thread',
      'Unlock the thread',
      () => theCard()?.thread?.locked === true,
      onThread('lock_thread', 'The thread is locked.'),
      onThread('unlock_thread', 'The thread is unlocked.'),
    ),
    toggle(
      'Take the permission',
      'Give the permission back',
      () => place()?.denied.includes(permission.value) === true,
      () => onChannel({ does: 'deny', permission: permission.value }, 'The bot lost the permission in')(),
      () => onChannel({ does: 'allow', permission: permission.value }, 'The bot has the permission in')(),
    ),
  ]
  const permissionField = field('Permission', permission)

  function draw() {
    setOptions(
      channel,
      (places[platform.value] ?? []).map(({ id, name }) => [id, `#${name}`]),
    )
    const cards = place()?.cards ?? []
    setOptions(card, cards.length === 0 ? [['', 'none yet']] : cards.map(({ id, title }) => [id, title || id]))
    const isDiscord = platform.value === 'discord'
    for (const { made } of slack) made.hidden = isDiscord
    for (const { made } of discord) made.hidden = !isDiscord
    permissionField.hidden = !isDiscord
    for (const { update } of [...slack, ...discord]) update()
  }

  onPanel((panel) => {
    places = panel.places
    draw()
  })
  draw()
  return element(
    'fieldset',
    { class: 'tool-group' },
    element('legend', {}, 'Act as a person in chat'),
    element(
      'div',
      { class: 'tool-row' },
      field('Platform', platform),
      field('Channel', channel),
      field('Card', card),
      permissionField,
    ),
    element(
      'div',
      { class: 'tool-row' },
      both,
      [...slack, ...discord].map(({ made }) => made),
    ),
    said,
  )
}

/**
 * A button that does, and once that is done undoes.
 * @param {string} does
 * @param {string} undoes
 * @param {() => boolean} isDone
 * @param {() => void} act
 * @param {() => void} undo
 */
function toggle(does, undoes, isDone, act, undo) {
  const made = button(does, () => (isDone() ? undo() : act()))
  const update = () => {
    const words = isDone() ? undoes : does
    if (made.textContent !== words) made.textContent = words
  }
  return { made, update }
}
