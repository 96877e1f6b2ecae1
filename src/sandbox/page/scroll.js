/** Ours: this near to the end a viewer follows what is new. */
const FOLLOWS_PX = 40

/**
 * Change what is in a scrolled box: who was at its end sees the new end, who was not stays where they are.
 * @param {HTMLElement} scroll
 * @param {boolean} isNew  What is in it now was not there before: the end is shown.
 * @param {() => void} change
 */
export function follow(scroll, isNew, change) {
  const follows = isNew || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < FOLLOWS_PX
  change()
  if (follows) scroll.scrollTop = scroll.scrollHeight
}
