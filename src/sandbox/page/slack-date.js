import { element, link } from './element.js'
import { age, format, instant, isInstant, toNearDay } from './time.js'

/**
 * An instant as Slack writes it: a format with names in braces, and words for when that fails.
 * @typedef {object} SlackDate
 * @property {number} timestamp  Seconds.
 * @property {string} format
 * @property {string | undefined} [url]
 * @property {string | undefined} [fallback]
 */

/** @type {Readonly<Record<string, Intl.DateTimeFormatOptions>>} */
const FORMATS = {
  date: { dateStyle: 'long' },
  date_short: { dateStyle: 'medium' },
  date_long: { dateStyle: 'full' },
  date_long_full: { dateStyle: 'full' },
  date_slash: { dateStyle: 'short' },
  day_divider_pretty: { weekday: 'long', month: 'long', day: 'numeric' },
  time: { timeStyle: 'short' },
  time_secs: { timeStyle: 'medium' },
}

const TOKEN = /\{(\w+)\}/g

/**
 * The instant in the viewer's zone and language.
 * @see https://docs.slack.dev/messaging/formatting-message-text#date-formatting
 * @param {SlackDate} date
 */
export function drawDate({ timestamp, format: pattern, url, fallback }) {
  const atMs = timestamp * 1000
  if (!isInstant(atMs)) return element('span', {}, fallback ?? String(timestamp))
  /** @param {string} ago */
  const frame = (ago) => pattern.replace(TOKEN, (token, name) => (name === 'ago' ? ago : toWords(atMs, name, token)))
  const made = pattern.includes('{ago}') ? age(atMs, frame) : instant(atMs, frame(''))
  return url === undefined ? made : link(url, {}, made)
}

/**
 * @param {number} atMs
 * @param {string} name
 * @param {string} token
 */
function toWords(atMs, name, token) {
  const near = name.endsWith('_pretty') ? toNearDay(atMs) : undefined
  if (near !== undefined) return near
  if (name === 'date_num') return toNumbers(new Date(atMs))
  const options = FORMATS[name] ?? FORMATS[name.replace(/_pretty$/, '')]
  return options === undefined ? token : format(atMs, options)
}

/** @param {Date} at */
function toNumbers(at) {
  const parts = [at.getFullYear(), at.getMonth() + 1, at.getDate()]
  return parts.map((part) => String(part).padStart(2, '0')).join('-')
}
