import { element } from './element.js'

/** What the relay accepts in the sandbox; it opens nothing anywhere else. */
const SECRET = 'sandbox-secret-for-loopback-only'

/**
 * What to do about a channel without messages.
 * @param {import('./pane.js').ChannelView} channel
 */
export function drawEmpty({ name, note }) {
  if (note !== '') return element('div', { class: 'empty' }, element('p', {}, `Nothing here: ${note}.`))
  const command = element('code', {}, toCommand(name))
  const copy = element('button', { type: 'button', class: 'button' }, 'Copy')
  copy.addEventListener('click', () => {
    // A new incident with each copy: the relay takes the same event only once.
    command.textContent = toCommand(name)
    void copyText(command, copy)
  })
  return element(
    'div',
    { class: 'empty' },
    element('h4', {}, `No incidents in #${name} yet`),
    element('p', {}, 'Send a push to the relay, and its card shows up here:'),
    element('pre', {}, command),
    copy,
  )
}

/**
 * @param {HTMLElement} command
 * @param {HTMLElement} button
 */
async function copyText(command, button) {
  try {
    await navigator.clipboard.writeText(command.textContent ?? '')
    button.textContent = 'Copied'
  } catch {
    // Browsers may refuse the clipboard; what is selected can still be copied by hand.
    getSelection()?.selectAllChildren(command)
    button.textContent = 'Selected'
  }
}

/**
 * A push that starts an incident. The sandbox routes by the channel's name, so it lands where it was copied.
 * @param {string} channel
 */
function toCommand(channel) {
  const nowMs = Date.now()
  const startedAt = Math.floor(nowMs / 1000)
  const push = {
    event_id: `page-${nowMs}`,
    event_type: 'i_new',
    event_time: nowMs,
    incident: {
      incident_id: `page-${nowMs}`,
      title: 'disk full on db-1',
      incident_severity: 'Critical',
      incident_status: 'Critical',
      progress: 'Triggered',
      start_time: startedAt,
      channel_name: channel.charAt(0).toUpperCase() + channel.slice(1),
      detail_url: 'https://console.flashcat.cloud/incident',
    },
  }
  return [
    `curl -sS -H 'X-Relay-Secret: ${SECRET}' -H 'Content-Type: application/json' \\`,
    `  -d '${JSON.stringify(push)}' \\`,
    `  ${location.origin}/webhook/flashduty`,
  ].join('\n')
}
