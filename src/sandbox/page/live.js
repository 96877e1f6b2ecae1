/** Ours: this often the eye follows, and a burst of hundreds of changes costs no more. */
const SHORTEST_REDRAW_MS = 250
/** Ours: a server that is starting again is seen soon, and one that is gone is not hammered. */
const RETRY_MS = 2000

/**
 * Call `show` with the sandbox's state now and after every change, and `tell` with whether the page is up to date.
 * A connection that drops is opened again for as long as the page is open.
 * @template State
 * @param {{ state: string, events: string }} urls
 * @param {(state: State) => void} show
 * @param {(isLive: boolean) => void} tell
 */
export function watch(urls, show, tell) {
  let busy = false
  let stale = false
  let isOpen = false

  const catchUp = async () => {
    while (stale) {
      stale = false
      /** @type {State | undefined} */
      const loaded = await fetchState(urls.state)
      if (loaded === undefined) {
        tell(false)
        stale = true
      } else {
        show(loaded)
        if (isOpen) tell(true)
      }
      await wait(loaded === undefined ? RETRY_MS : SHORTEST_REDRAW_MS)
    }
  }
  const load = async () => {
    stale = true
    if (busy) return
    busy = true
    try {
      await catchUp()
    } finally {
      busy = false
    }
  }

  const listen = () => {
    const source = new EventSource(urls.events)
    source.addEventListener('open', () => {
      isOpen = true
      void load()
    })
    source.addEventListener('changed', () => {
      document.dispatchEvent(new Event('sandbox-changed'))
      void load()
    })
    source.addEventListener('error', () => {
      isOpen = false
      tell(false)
      // The browser tries again by itself, unless the answer was no event stream.
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, RETRY_MS)
    })
  }

  void load()
  listen()
}

/**
 * The state, or undefined if there is no answer now.
 * @template State
 * @param {string} url
 * @returns {Promise<State | undefined>}
 */
async function fetchState(url) {
  try {
    const response = await fetch(url, { cache: 'no-store' })
    return response.ok ? await response.json() : undefined
  } catch {
    // Nothing listens there for the moment: watch() asks again.
    return undefined
  }
}

/** @param {number} ms */
function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
