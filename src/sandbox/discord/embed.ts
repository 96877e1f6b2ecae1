import { integer, list, missing, record, text, truth, url } from './check.ts'
import { inside, refuseField, type Field } from './form.ts'
import { given } from './given.ts'
import { toTimestamp } from './snowflake.ts'

/** An embed as Discord stores it: only the parts that were given. */
export type Embed = Readonly<Record<string, unknown>>

const MAX_EMBEDS = 10
/** Over all embeds of a message. https://docs.discord.com/developers/resources/message#embed-object-embed-limits (as of 2026-11) */
const MAX_EMBED_CHARS = 6000
const MAX_URL_CHARS = 2048
const WEB = ['http', 'https']
const MEDIA = [...WEB, 'attachment']

/** The embeds of a message; undefined if it names none. Everything wrong is noted on the form. */
export function readEmbeds(field: Field): readonly Embed[] | undefined {
  const embeds = list(field, { max: MAX_EMBEDS })?.map(readEmbed)
  if (embeds === undefined) return undefined
  if (embeds.reduce((sum, { chars }) => sum + chars, 0) > MAX_EMBED_CHARS) {
    refuseField(field, 'MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${MAX_EMBED_CHARS}`)
  }
  return embeds.map(({ embed }) => embed)
}

function readEmbed(field: Field): { embed: Embed; chars: number } {
  if (!record(field)) {
    if (field.value === undefined) missing(field)
    return { embed: {}, chars: 0 }
  }
  const problems = field.problems.length
  const title = text(inside(field, 'title'), { max: 256 })
  const description = text(inside(field, 'description'), { max: 4096 })
  const footer = readNamed(inside(field, 'footer'), 'text', 2048)
  const author = readNamed(inside(field, 'author'), 'name', 256)
  const fields = (list(inside(field, 'fields'), { max: 25 }) ?? []).map(readField)
  const image = readImage(inside(field, 'image'))
  const thumbnail = readImage(inside(field, 'thumbnail'))
  const embed = {
    type: 'rich',
    ...given('url', url(inside(field, 'url'), WEB, MAX_URL_CHARS)),
    ...given('title', title),
    ...given('description', description),
    ...given('color', integer(inside(field, 'color'), { min: 0, max: 0xffffff })),
    ...given('timestamp', readTimestamp(inside(field, 'timestamp'))),
    ...given('fields', fields.length > 0 ? fields : undefined),
    ...given('author', author),
    ...given('image', image),
    ...given('thumbnail', thumbnail),
    ...given('footer', footer),
  }
  const shows = title ?? description ?? footer ?? author ?? fields[0] ?? image ?? thumbnail
  if (shows === undefined && field.problems.length === problems) missing(inside(field, 'description'))
  const texts = [title, description, footer?.['text'], author?.['name'], ...fields.flatMap((f) => [f.name, f.value])]
  return { embed, chars: texts.reduce<number>((sum, part) => sum + (typeof part === 'string' ? part.length : 0), 0) }
}

function readField(field: Field): { name: string; value: string; inline: boolean } {
  record(field)
  return {
    name: text(inside(field, 'name'), { max: 256, required: true }) ?? '',
    value: text(inside(field, 'value'), { max: 1024, required: true }) ?? '',
    inline: truth(inside(field, 'inline')) ?? false,
  }
}

/** A footer or an author: a text that must be there, and an icon. */
function readNamed(field: Field, name: string, max: number): Embed | undefined {
  if (!record(field)) return undefined
  return {
    ...given(name, text(inside(field, name), { max, required: true })),
    ...given('url', url(inside(field, 'url'), WEB, MAX_URL_CHARS)),
    ...given('icon_url', url(inside(field, 'icon_url'), MEDIA, MAX_URL_CHARS)),
  }
}

function readImage(field: Field): Embed | undefined {
  if (!record(field)) return undefined
  const address = inside(field, 'url')
  if (address.value === undefined) return missing(address)
  return { ...given('url', url(address, MEDIA, MAX_URL_CHARS)) }
}

function readTimestamp(field: Field): string | undefined {
  if (field.value === undefined) return undefined
  const written = typeof field.value === 'string' ? field.value : ''
  const atMs = Date.parse(written)
  if (Number.isNaN(atMs)) {
    return refuseField(field, 'DATE_TIME_TYPE_PARSE', `Could not parse ${written}. Should be ISO8601.`)
  }
  return toTimestamp(atMs)
}
