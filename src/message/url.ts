/** Longest address a link may have, UTF-16 units. Ours: below Slack's 3,000 for a button, above any console's own addresses. */
const MAX_URL_UNITS = 2_000

/**
 * An address one may link to: http or https, no credentials in it, no white
 * space or markup characters. Undefined for anything else; then there is no link.
 */
export function toSafeUrl(text: string): string | undefined {
  const given = text.trim()
  if (given.length > MAX_URL_UNITS || !/^https?:\/\//i.test(given) || !URL.canParse(given)) return undefined
  const url = new URL(given)
  if (url.username !== '' || url.password !== '' || url.hostname === '') return undefined
  return UNUSUAL.test(given) ? url.href.replace(new RegExp(UNUSUAL, 'g'), encodeURIComponent) : given
}

/** Anything but visible ASCII, and the characters some chat markup ends an address at. */
const UNUSUAL = /[^!#-;=?-[\]_a-z~]/

/** `url` with `ack=1` in its query: acknowledges as the person who opens it. */
export function toAckUrl(url: string): string {
  const hash = url.indexOf('#')
  const [whole, fragment] = hash < 0 ? [url, ''] : [url.slice(0, hash), url.slice(hash)]
  const [path = '', query = ''] = whole.split(/\?(.*)/s)
  const kept = query.split('&').filter((pair) => pair !== '' && !/^ack(=|$)/.test(pair))
  return `${path}?${[...kept, 'ack=1'].join('&')}${fragment}`
}
