import { element } from './element.js'
import { createCallList } from './inspector-calls.js'
import { createRelayView } from './inspector-relay.js'
import { onPanel } from './strip-live.js'

const place = document.getElementById('inspector')
if (place !== null) draw(place)

/** @param {HTMLElement} into */
function draw(into) {
  const count = element('span', { class: 'tool-quiet' })
  const box = element('details', {}, element('summary', {}, 'Inspector ', count))
  const calls = createCallList()
  const relay = createRelayView(() => box.open && tabs.shown() === 'relay')
  const tabs = createTabs([
    { id: 'calls', name: 'API calls', panel: calls.made },
    { id: 'relay', name: 'Relay', panel: relay.made },
  ])
  box.append(tabs.made)
  into.append(box)
  box.addEventListener('toggle', () => void relay.refresh())
  tabs.made.addEventListener('click', () => void relay.refresh())
  tabs.made.addEventListener('keyup', () => void relay.refresh())
  onPanel((panel) => {
    count.textContent = calls.show(panel)
    relay.show(panel)
  })
}

/**
 * @param {readonly { id: string, name: string, panel: HTMLElement }[]} entries
 */
function createTabs(entries) {
  const list = element('div', { role: 'tablist', class: 'tool-tabs', 'aria-label': 'What to inspect' })
  const tabs = entries.map(({ id, name, panel }) => {
    const tab = element(
      'button',
      { type: 'button', role: 'tab', id: `tab-${id}`, 'aria-controls': `inspect-${id}` },
      name,
    )
    panel.id = `inspect-${id}`
    panel.setAttribute('role', 'tabpanel')
    panel.setAttribute('aria-labelledby', tab.id)
    tab.addEventListener('click', () => choose(id))
    list.append(tab)
    return { id, tab, panel }
  })
  let shown = ''

  /** @param {string} chosen */
  function choose(chosen) {
    shown = chosen
    for (const { id, tab, panel } of tabs) {
      tab.setAttribute('aria-selected', String(id === chosen))
      tab.tabIndex = id === chosen ? 0 : -1
      panel.hidden = id !== chosen
    }
  }

  list.addEventListener('keydown', ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key]
    if (step === undefined) return
    const at = tabs.findIndex(({ id }) => id === shown)
    const next = tabs[(at + step + tabs.length) % tabs.length]
    if (next === undefined) return
    choose(next.id)
    next.tab.focus()
  })
  choose(entries[0]?.id ?? '')
  return {
    made: element('div', { class: 'tool-tabbed' }, list, ...entries.map(({ panel }) => panel)),
    shown: () => shown,
  }
}
