import { element } from './element.js'
import { createChat } from './strip-chat.js'
import { createFaults } from './strip-faults.js'
import { onPanel } from './strip-live.js'
import { createSend } from './strip-send.js'

/** A narrow window has no room for all of it at first. */
const ROOMY = '(min-width: 760px) and (min-height: 800px)'

const place = document.getElementById('strip')
if (place !== null) draw(place)

/** @param {HTMLElement} into */
function draw(into) {
  const send = element('div', { class: 'tool-slot' })
  into.append(
    element(
      'details',
      { open: matchMedia(ROOMY).matches ? '' : undefined },
      element('summary', {}, 'Controls'),
      element('div', { class: 'tool-groups' }, send, createChat(), createFaults()),
    ),
  )
  onPanel(({ relay }) => {
    if (send.firstChild === null) send.append(relay ? createSend() : noRelay())
  })
}

function noRelay() {
  return element(
    'p',
    { class: 'tool-note' },
    'No relay runs in this process, so there is nothing to send events to here: send them to the one that uses this ',
    'sandbox. What people do in chat, and faults, work all the same.',
  )
}
