/**
 * What the relay's `result` means for the cards.
 * @type {Readonly<Record<string, string>>}
 */
const RESULTS = {
  accepted: 'stored; the cards follow',
  duplicate: 'its event_id is known, so nothing else happens',
  stale: 'older than what is known, so the card stays as it is',
}

/**
 * The relay's answer to one push, in words.
 * @param {import('./strip-api.js').Answered} answered  Of `POST /sandbox/push`.
 * @returns {{ words: string, failed: boolean, result: string }}
 */
export function toWords({ status, body }) {
  if (status !== 200) return { words: String(body?.reason ?? `status ${status}`), failed: true, result: 'no answer' }
  const { status: said, answer } = body
  if (said === 200) {
    const result = String(answer.result)
    return { words: `${said} ${result}: ${RESULTS[result] ?? ''}`, failed: false, result }
  }
  const where = answer.path === undefined ? '' : ` at ${answer.path}`
  const hint = answer.hint === undefined ? '' : ` ${answer.hint}`
  return { words: `${said} ${answer.code}${where}: ${answer.reason}${hint}`, failed: true, result: String(answer.code) }
}

/**
 * Several answers in a line: how many of each.
 * @param {readonly string[]} results
 */
export function toTally(results) {
  const counts = new Map()
  for (const result of results) counts.set(result, (counts.get(result) ?? 0) + 1)
  return [...counts].map(([result, count]) => `${count} ${result}`).join(', ')
}
