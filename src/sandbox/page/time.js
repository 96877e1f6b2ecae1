import { element } from './element.js'

const AGE = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' })
const DAY_MS = 86_400_000
/** The last instant a Date can hold. */
const MAX_AT_MS = 8.64e15

/** @type {readonly (readonly [Intl.RelativeTimeFormatUnit, number])[]} */
const UNITS = [
  ['year', 365 * DAY_MS],
  ['month', 30 * DAY_MS],
  ['day', DAY_MS],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
]

/** @param {number} atMs */
export function isInstant(atMs) {
  return Math.abs(atMs) <= MAX_AT_MS
}

/**
 * An instant in words, in the viewer's zone; the full instant on hovering.
 * @param {number} atMs  An instant, see {@link isInstant}.
 * @param {string} words
 * @param {import('./element.js').Attributes} [attributes]
 */
export function instant(atMs, words, attributes = {}) {
  return element('time', { ...attributes, datetime: new Date(atMs).toISOString(), title: FULL.format(atMs) }, words)
}

/**
 * When a message was posted: the time, and the day unless it is today.
 * @param {number} atMs
 */
export function toClock(atMs) {
  return format(atMs, daysFromToday(atMs) === 0 ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' })
}

/**
 * When something happened, within a sentence: `today at 1:39 PM`.
 * @param {number} atMs
 */
export function toSince(atMs) {
  const day = toNearDay(atMs) ?? format(atMs, { dateStyle: 'medium' })
  return `${day} at ${format(atMs, { timeStyle: 'short' })}`
}

/**
 * A day as a heading: `Today`, `Yesterday`, or the whole date.
 * @param {number} atMs
 */
export function toDay(atMs) {
  const near = toNearDay(atMs)
  return near === undefined ? format(atMs, { dateStyle: 'full' }) : near.charAt(0).toUpperCase() + near.slice(1)
}

/**
 * @param {number} atMs
 * @param {Intl.DateTimeFormatOptions} options
 */
export function format(atMs, options) {
  return new Intl.DateTimeFormat(undefined, options).format(atMs)
}

/**
 * How long ago, or until then; {@link refreshAges} keeps it true.
 * @param {number} atMs
 * @param {(age: string) => string} [frame]  What else is said around it.
 */
export function age(atMs, frame = (words) => words) {
  const made = instant(atMs, frame(toAge(atMs)))
  ages.set(made, { atMs, frame })
  made.classList.add('age')
  return made
}

/** Bring every age on the page up to date. */
export function refreshAges() {
  for (const made of document.querySelectorAll('time.age')) {
    const known = ages.get(made)
    const words = known?.frame(toAge(known.atMs))
    if (words !== undefined && words !== made.textContent) made.textContent = words
  }
}

/**
 * `yesterday`, `today` or `tomorrow` in the viewer's language; undefined for another day.
 * @param {number} atMs
 */
export function toNearDay(atMs) {
  const days = daysFromToday(atMs)
  return Math.abs(days) <= 1 ? AGE.format(days, 'day') : undefined
}

/** @type {WeakMap<Element, { atMs: number, frame: (age: string) => string }>} */
const ages = new WeakMap()

/** @param {number} atMs */
function toAge(atMs) {
  const fromNowMs = atMs - Date.now()
  const [unit, unitMs] = UNITS.find(([, ms]) => Math.abs(fromNowMs) >= ms) ?? ['second', 1000]
  return AGE.format(Math.trunc(fromNowMs / unitMs), unit)
}

/** @param {number} atMs */
function daysFromToday(atMs) {
  return Math.round((new Date(atMs).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / DAY_MS)
}
