/** Ours: a listener hears that something came, not each piece of a burst. */
const QUIET_MS = 6000

/**
 * A function that is told how many messages each product has by now, and has a live region say how many came since it
 * spoke last. What was there at first is no news.
 * @param {HTMLElement} region
 */
export function createNews(region) {
  /** @type {Readonly<Record<string, number>> | undefined} */
  let told
  /** @type {Readonly<Record<string, number>>} */
  let now = {}
  let isQuiet = false

  const speak = () => {
    const parts = Object.entries(now).flatMap(([product, count]) => {
      const came = count - (told?.[product] ?? 0)
      return came > 0 ? [`${product}: ${came} new ${came === 1 ? 'message' : 'messages'}`] : []
    })
    told = now
    if (parts.length === 0) return
    region.textContent = parts.join('. ')
    isQuiet = true
    setTimeout(() => {
      isQuiet = false
      speak()
    }, QUIET_MS)
  }

  /** @param {Readonly<Record<string, number>>} counts */
  return (counts) => {
    now = counts
    told ??= counts
    if (!isQuiet) speak()
  }
}
