/**
 * Move the focus along elements of which one is in the tab order. Gives the one that has it now, or undefined if the
 * key was none of ours.
 * @param {readonly HTMLElement[]} elements
 * @param {KeyboardEvent} event
 * @param {{ back: string, on: string }} keys
 */
export function moveFocus(elements, event, { back, on }) {
  const at = elements.findIndex((each) => each === document.activeElement)
  const to = { [back]: at - 1, [on]: at + 1, Home: 0, End: -1 }[event.key]
  if (to === undefined) return undefined
  event.preventDefault()
  const next = elements.at(to % elements.length)
  next?.focus()
  return next
}
