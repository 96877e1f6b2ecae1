import { moveFocus } from './roving.js'

/** Ours: below it there is no room for two products side by side; page.css says the same. */
const NARROW = '(max-width: 760px)'

/**
 * The tabs of a narrow window, which has room for one product. `chosen` is called whenever another one is to be seen.
 * @param {Document} page
 * @param {() => void} chosen
 */
export function createTabs(page, chosen) {
  /** @type {HTMLElement[]} */
  const tabs = [...page.querySelectorAll('.tabs button')].filter((tab) => tab instanceof HTMLElement)
  const main = page.querySelector('main')
  /** @param {HTMLElement} tab */
  const toId = (tab) => tab.getAttribute('aria-controls') ?? ''
  /** @param {HTMLElement | undefined} chosenTab */
  const select = (chosenTab) => {
    if (chosenTab === undefined) return
    for (const tab of tabs) {
      tab.setAttribute('aria-selected', String(tab === chosenTab))
      tab.tabIndex = tab === chosenTab ? 0 : -1
    }
    main?.setAttribute('data-shown', toId(chosenTab))
    chosen()
  }
  for (const tab of tabs) {
    tab.addEventListener('click', () => select(tab))
    tab.addEventListener('keydown', (event) => select(moveFocus(tabs, event, { back: 'ArrowLeft', on: 'ArrowRight' })))
  }
  matchMedia(NARROW).addEventListener('change', chosen)
  queueMicrotask(() => select(tabs[0]))
  return {
    /**
     * Say how much of each product nobody has looked at.
     * @param {Readonly<Record<string, number>>} counts
     */
    mark(counts) {
      for (const tab of tabs) {
        const count = counts[toId(tab)] ?? 0
        if (count > 0) tab.setAttribute('data-unread', String(count))
        else tab.removeAttribute('data-unread')
      }
    },
  }
}
