/**
 * Fetches an answer and all of its body, and gives up when the signal says so, whatever state it is in.
 *
 * Node's own fetch can lose its signal when garbage is collected between the head of an answer and the reading of its
 * body (undici 6.24 refers to it weakly): a body that stalls would then hold its call for five minutes. Of an answer
 * that is no success the head says enough: if its body fails, it is given without.
 */
export async function fetchWhole(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const given = deadline(init.signal ?? undefined)
  try {
    const head = await Promise.race([fetch(url, init), given.up])
    const body = await readAll(head, given.up).catch((error: unknown) => {
      if (head.ok) throw error
      return undefined
    })
    const { status, statusText, headers } = head
    return new Response(MAY_HAVE_NO_BODY.has(status) ? null : body, { status, statusText, headers })
  } finally {
    given.over()
  }
}

/** https://fetch.spec.whatwg.org/#null-body-status (as of 2026-11) */
const MAY_HAVE_NO_BODY = new Set([204, 205, 304])

async function readAll({ body }: Response, givenUp: Promise<never>): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  const reader = body?.getReader()
  if (reader === undefined) return new Blob([])
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), givenUp])
      if (done) return new Blob(parts)
      parts.push(value)
    }
  } catch (error) {
    // Else the connection would be kept for as long as the other side likes. Whether it closes well is nobody's concern.
    reader.cancel().catch(() => {})
    throw error
  }
}

/** `up` rejects with the signal's reason until `over` is called; then it never settles. */
function deadline(signal: AbortSignal | undefined): { readonly up: Promise<never>; readonly over: () => void } {
  let onAbort = (): void => {}
  const up = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason)
    if (signal?.aborted === true) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
  })
  return { up, over: () => signal?.removeEventListener('abort', onAbort) }
}
