import { toDiscordChannels } from './discord.js'
import { watch } from './live.js'
import { createNews } from './news.js'
import { createPane } from './pane.js'
import { toSlackChannels } from './slack.js'
import { createTabs } from './tabs.js'
import { refreshAges } from './time.js'

/** @typedef {{ slack: import('./slack.js').State, discord: import('./discord.js').State }} State */

/** Ours: the smallest step an age is told in after the first minute, twice. */
const AGES_MS = 15_000

const panes = {
  slack: createPane(theElement('slack'), { name: 'Slack', again: () => again() }),
  discord: createPane(theElement('discord'), { name: 'Discord', again: () => again() }),
}
const tell = createNews(theElement('news'))
const tabs = createTabs(document, () => again())

/** @param {State} state */
function show(state) {
  panes.slack.show({ channels: toSlackChannels(state.slack) })
  panes.discord.show({ channels: toDiscordChannels(state.discord) })
  tell({ Slack: panes.slack.count().messages, Discord: panes.discord.count().messages })
  showUnread()
}

function again() {
  panes.slack.again()
  panes.discord.again()
  showUnread()
}

function showUnread() {
  const slack = panes.slack.count().unread
  const discord = panes.discord.count().unread
  tabs.mark({ slack, discord })
  document.title = slack + discord === 0 ? 'Sandbox' : `(${slack + discord}) Sandbox`
}

/** @param {boolean} isLive */
function tellConnection(isLive) {
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
watch({ state: '/sandbox/state', events: '/sandbox/events' }, show, tellConnection)
