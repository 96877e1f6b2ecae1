import { element } from './element.js'

let fields = 0

/**
 * A control with its name above it.
 * @param {string} name
 * @param {HTMLElement} control
 */
export function field(name, control) {
  fields += 1
  control.id = `tool-${fields}`
  return element('div', { class: 'tool-field' }, element('label', { for: control.id }, name), control)
}

/**
 * @param {string} words
 * @param {() => void} act
 * @param {import('./element.js').Attributes} [attributes]
 */
export function button(words, act, attributes = {}) {
  const made = element('button', { type: 'button', class: 'tool-button', ...attributes }, words)
  made.addEventListener('click', act)
  return made
}

/**
 * @param {readonly (readonly [value: string, words: string])[]} options
 * @param {() => void} [changed]
 */
export function choice(options, changed) {
  const made = element('select', {})
  setOptions(made, options)
  if (changed !== undefined) made.addEventListener('change', changed)
  return made
}

/**
 * Offer these, and touch nothing if they are offered already. What was chosen stays chosen as long as it is there.
 * @param {HTMLSelectElement} select
 * @param {readonly (readonly [value: string, words: string])[]} options
 */
export function setOptions(select, options) {
  const before = [...select.options].map(({ value, text }) => [value, text])
  if (JSON.stringify(before) === JSON.stringify(options)) return
  const chosen = select.value
  select.replaceChildren(...options.map(([value, words]) => element('option', { value }, words)))
  if (options.some(([value]) => value === chosen)) select.value = chosen
}

/** Where a group says what came of it, to eyes and ears. */
export function outcome() {
  const made = element('output', { class: 'tool-outcome', role: 'status' })
  /**
   * @param {string} words
   * @param {boolean} [failed]
   */
  const say = (words, failed = false) => {
    made.classList.toggle('failed', failed)
    made.textContent = words
  }
  return { made, say }
}
