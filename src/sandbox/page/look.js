/**
 * Let `button` switch a product between its dark and its light look. It follows the system until somebody chooses
 * otherwise, which is remembered; choosing what the system has follows it again.
 * @param {HTMLElement} section
 * @param {HTMLElement} button
 */
export function createLook(section, button) {
  const key = `sandbox-look-${section.id}`
  const system = matchMedia('(prefers-color-scheme: dark)')
  let chosen = recall(key)

  const show = () => {
    if (chosen === undefined) delete section.dataset['look']
    else section.dataset['look'] = chosen
    button.setAttribute('aria-pressed', String(toLook() === 'dark'))
  }
  const toLook = () => chosen ?? toSystem()
  const toSystem = () => (system.matches ? 'dark' : 'light')

  button.addEventListener('click', () => {
    const next = toLook() === 'dark' ? 'light' : 'dark'
    chosen = next === toSystem() ? undefined : next
    remember(key, chosen)
    show()
  })
  system.addEventListener('change', show)
  show()
}

/** @param {string} key */
function recall(key) {
  try {
    const kept = localStorage.getItem(key)
    return kept === 'dark' || kept === 'light' ? kept : undefined
  } catch {
    // A browser that keeps nothing for pages follows the system.
    return undefined
  }
}

/**
 * @param {string} key
 * @param {string | undefined} look
 */
function remember(key, look) {
  try {
    if (look === undefined) localStorage.removeItem(key)
    else localStorage.setItem(key, look)
  } catch {
    // As above: it holds until the page is closed.
  }
}
