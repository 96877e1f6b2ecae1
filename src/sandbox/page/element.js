/**
 * @typedef {Node | string | null | undefined | false} Child
 * @typedef {Readonly<Record<string, string | undefined>>} Attributes
 */

/**
 * A new element. Strings become text nodes, so no text is ever read as markup; what is not there is left out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} attributes
 * @param {...(Child | readonly Child[])} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value)
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) made.append(child)
  }
  return made
}

/**
 * A link that leaves the page, if its address is one to click on; else its words alone.
 * @param {string | undefined} url
 * @param {Attributes} attributes
 * @param {...(Child | readonly Child[])} children
 */
export function link(url, attributes, ...children) {
  const href = toHref(url)
  if (href === undefined) return element('span', attributes, ...children)
  return element('a', { ...attributes, href, title: href, target: '_blank', rel: 'noopener noreferrer' }, ...children)
}

/**
 * The bar beside a message: a number as Discord has it, or six hex digits as Slack has them.
 * @param {HTMLElement} made
 * @param {number | string | undefined} color
 */
export function setBar(made, color) {
  const hex = typeof color === 'number' ? color.toString(16).padStart(6, '0') : (color ?? '').replace('#', '')
  if (/^[0-9a-f]{6}$/i.test(hex)) made.style.setProperty('--bar', `#${hex}`)
}

/** @param {string | undefined} url */
function toHref(url) {
  if (url === undefined || !URL.canParse(url)) return undefined
  const { protocol, href } = new URL(url)
  return protocol === 'http:' || protocol === 'https:' ? href : undefined
}
