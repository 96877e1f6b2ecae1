import { toDiscordChannels } from './discord.js'
import { watch } from './live.js'
import { createPane } from './pane.js'
import { toSlackChannels } from './slack.js'
import { refreshAges } from './time.js'

/** @typedef {{ slack: import('./slack.js').State, discord: import('./discord.js').State }} State */

/** Ours: the smallest step an age is told in after the first minute, twice. */
const AGES_MS = 15_000

const unread = { slack: 0, discord: 0 }

const slack = createPane(theElement('slack'), { name: 'Slack', changed: () => again() })
const discord = createPane(theElement('discord'), { name: 'Discord', changed: () => again() })

/** @param {State} state */
function show(state) {
  unread.slack = slack.show({ channels: toSlackChannels(state.slack), calls: state.slack.calls })
  unread.discord = discord.show({ channels: toDiscordChannels(state.discord), calls: state.discord.calls })
  showUnread()
}

function again() {
  unread.slack = slack.again()
  unread.discord = discord.again()
  showUnread()
}

function showUnread() {
  const count = unread.slack + unread.discord
  document.title = count === 0 ? 'Sandbox' : `(${count}) Sandbox`
}

/** @param {boolean} isLive */
function tell(isLive) {
  const connection = theElement('connection')
  const words = isLive ? 'Live' : 'Connection lost. Reconnecting…'
  connection.classList.toggle('lost', !isLive)
  if (connection.textContent !== words) connection.textContent = words
}

/** @param {string} id */
function theElement(id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no #${id}`)
  return found
}

document.addEventListener('visibilitychange', again)
setInterval(refreshAges, AGES_MS)
watch({ state: '/sandbox/state', events: '/sandbox/events' }, show, tell)
