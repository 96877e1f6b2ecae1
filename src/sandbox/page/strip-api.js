/**
 * What the sandbox answered; `status` 0 if it did not.
 * @typedef {{ status: number, body: any }} Answered
 */

/**
 * @param {string} path  Below `/sandbox/`.
 * @returns {Promise<Answered>}
 */
export function get(path) {
  return ask(path, {})
}

/**
 * @param {string} path
 * @param {unknown} body
 */
export function post(path, body) {
  return postText(path, JSON.stringify(body))
}

/**
 * @param {string} path
 * @param {string} body  Sent as it is, JSON or not.
 */
export function postText(path, body) {
  return ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
}

/** @param {string} path */
export function remove(path) {
  return ask(path, { method: 'DELETE' })
}

/**
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<Answered>}
 */
async function ask(path, init) {
  try {
    const response = await fetch(`/sandbox/${path}`, { cache: 'no-store', ...init })
    return { status: response.status, body: await response.json() }
  } catch {
    return { status: 0, body: { ok: false, reason: 'The sandbox does not answer: is it still running?' } }
  }
}
