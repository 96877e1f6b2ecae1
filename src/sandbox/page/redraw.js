/**
 * One child of a parent that is drawn again and again.
 * @typedef {object} Part
 * @property {string} key  What it is, among its siblings.
 * @property {string} says  What it shows: drawn anew only when this changes.
 * @property {() => HTMLElement} draw
 * @property {(drawn: HTMLElement) => void} [inside]  Brings what is in it up to date; called every time.
 */

/** @type {WeakMap<Element, Map<string, { says: string, node: HTMLElement }>>} */
const drawn = new WeakMap()

const FOCUSABLE = 'a[href], button, summary, [tabindex]'

/**
 * Make `parts` the children of `parent`, and touch only those that changed: scrolling, selection and focus stay.
 * What appears or changes after the first time gets the class `fresh`.
 * @param {Element} parent
 * @param {readonly Part[]} parts
 */
export function redraw(parent, parts) {
  const before = drawn.get(parent)
  const now = new Map(parts.map((part) => [part.key, toDrawn(part, before)]))
  drawn.set(parent, now)
  for (const [key, { node }] of before ?? []) {
    if (!now.has(key)) node.remove()
  }
  let place = parent.firstChild
  for (const { node } of now.values()) {
    if (node === place) place = node.nextSibling
    else parent.insertBefore(node, place)
  }
  for (const { key, inside } of parts) {
    const known = now.get(key)
    if (known !== undefined) inside?.(known.node)
  }
}

/**
 * @param {Part} part
 * @param {Map<string, { says: string, node: HTMLElement }> | undefined} before
 */
function toDrawn({ key, says, draw }, before) {
  const known = before?.get(key)
  if (known?.says === says) return known
  const node = draw()
  if (before !== undefined) node.classList.add('fresh')
  if (known !== undefined) swap(known.node, node)
  return { says, node }
}

/**
 * @param {HTMLElement} old
 * @param {HTMLElement} node
 */
function swap(old, node) {
  const focused = [...old.querySelectorAll(FOCUSABLE)].findIndex((each) => each === document.activeElement)
  old.replaceWith(node)
  const next = [...node.querySelectorAll(FOCUSABLE)][focused]
  if (next instanceof HTMLElement) next.focus({ preventScroll: true })
}
