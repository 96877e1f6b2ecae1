import { element } from './element.js'

/** Ours: enough to tell the people of one team apart, each dark enough for white letters. */
const HUES = 8

/**
 * The picture beside a message: the app's own sign, or a person's initials on a colour of their own.
 * @param {{ author: string, isApp: boolean }} who
 */
export function drawAvatar({ author, isApp }) {
  if (isApp) return element('span', { class: 'avatar icon bell', 'aria-hidden': 'true' })
  const hue = Array.from(author).reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % HUES
  return element('span', { class: `avatar person hue-${hue}`, 'aria-hidden': 'true' }, toInitials(author))
}

/** @param {string} name */
function toInitials(name) {
  const words = name.split(/[\s_-]+/).filter((word) => word !== '')
  const letters = words.slice(0, 2).map((word) => Array.from(word)[0])
  return letters.join('').toUpperCase()
}
