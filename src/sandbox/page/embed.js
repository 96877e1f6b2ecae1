import { element, link, setBar } from './element.js'
import { readMarkdown, readMarkdownLine } from './markdown.js'
import { instant, isInstant, toClock } from './time.js'

/**
 * @typedef {import('discord.js').APIEmbed} Embed
 * @typedef {import('discord.js').APIEmbedField} Field
 * @typedef {import('./markdown.js').Reader} Reader
 */

/** Three short fields stand side by side. */
const FIELDS_IN_ROW = 3

/**
 * @param {Embed} embed
 * @param {Reader} reader
 */
export function drawEmbed(embed, reader) {
  const { author, title, url, description, fields = [], image, thumbnail } = embed
  const quiet = { ...reader, everyone: false }
  const made = element(
    'div',
    { class: 'embed' },
    author && element('p', { class: 'author' }, link(author.url, {}, author.name)),
    title !== undefined && element('p', { class: 'heading' }, link(url, {}, readMarkdownLine(title, quiet))),
    description !== undefined && element('div', { class: 'markdown' }, readMarkdown(description, quiet)),
    toRows(fields).map((row) =>
      element(
        'div',
        { class: 'fields' },
        row.map((field) => drawField(field, quiet)),
      ),
    ),
    [image, thumbnail].map((picture) => picture && element('p', { class: 'small' }, link(picture.url, {}, 'Picture'))),
    drawFooter(embed),
  )
  setBar(made, embed.color)
  return made
}

/**
 * @param {Field} field
 * @param {Reader} reader
 */
function drawField({ name, value }, reader) {
  return element(
    'div',
    { class: 'field' },
    element('p', { class: 'name' }, readMarkdownLine(name, reader)),
    element('div', { class: 'markdown' }, readMarkdown(value, reader)),
  )
}

/**
 * @param {readonly Field[]} fields
 * @returns {Field[][]}
 */
function toRows(fields) {
  /** @type {Field[][]} */
  const rows = []
  for (const field of fields) {
    const last = rows.at(-1)
    const fits = field.inline === true && last?.[0]?.inline === true && last.length < FIELDS_IN_ROW
    if (fits) last.push(field)
    else rows.push([field])
  }
  return rows
}

/** @param {Embed} embed */
function drawFooter({ footer, timestamp }) {
  const atMs = Date.parse(timestamp ?? '')
  const words = footer?.text
  if (words === undefined && !isInstant(atMs)) return undefined
  const between = words !== undefined && isInstant(atMs) ? ' • ' : ''
  return element('p', { class: 'footer' }, words, between, isInstant(atMs) && instant(atMs, toClock(atMs)))
}
