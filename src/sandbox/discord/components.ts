import { integer, list, missing, oneOf, record, text, truth, url } from './check.ts'
import { inside, refuseField, type Field } from './form.ts'
import { given } from './given.ts'

/** A row of buttons, or a button, as Discord stores it. */
export type Component = Readonly<Record<string, unknown>>

const ACTION_ROW = 1
const BUTTON = 2
const LINK_STYLE = 5
const MAX_ROWS = 5
const MAX_BUTTONS = 5
/** https://docs.discord.com/developers/components/reference#button (as of 2026-11); `discord` was read off Discord's own error. */
const LINK_SCHEMES = ['http', 'https', 'discord']

/**
 * The rows of buttons of a message; undefined if it names none. Buttons are the
 * only interactive part this sandbox draws: menus are refused as a wrong type.
 */
export function readComponents(field: Field): readonly Component[] | undefined {
  const customIds = new Set<string>()
  return list(field, { max: MAX_ROWS })?.map((row) => readRow(row, customIds))
}

function readRow(field: Field, customIds: Set<string>): Component {
  if (!record(field) || !hasType(field, ACTION_ROW)) return {}
  const entries = inside(field, 'components')
  if (entries.value === undefined) missing(entries)
  const buttons = list(entries, { min: 1, max: 25 }) ?? []
  for (const tooWide of buttons.slice(MAX_BUTTONS)) {
    const message = 'The specified component exceeds the maximum width'
    refuseField(tooWide, 'COMPONENT_LAYOUT_WIDTH_EXCEEDED', message)
  }
  return { type: ACTION_ROW, components: buttons.map((button) => readButton(button, customIds)) }
}

function readButton(field: Field, customIds: Set<string>): Component {
  if (!record(field) || !hasType(field, BUTTON)) return {}
  const styleField = inside(field, 'style')
  if (styleField.value === undefined) missing(styleField)
  const style = integer(styleField, { min: 1, max: 5 })
  const label = text(inside(field, 'label'), { max: 80 })
  if (label === undefined && inside(field, 'emoji').value === undefined && inside(field, 'label').value === undefined) {
    missing(inside(field, 'label'))
  }
  return {
    type: BUTTON,
    ...given('style', style),
    ...given('label', label),
    ...given('emoji', inside(field, 'emoji').value),
    ...given('disabled', truth(inside(field, 'disabled'))),
    ...given('url', url(inside(field, 'url'), LINK_SCHEMES, 512)),
    ...given('custom_id', readCustomId(field, style === LINK_STYLE, customIds)),
  }
}

/** A link has a URL and no custom id; any other button the other way round. */
function readCustomId(field: Field, isLink: boolean, customIds: Set<string>): string | undefined {
  const idField = inside(field, 'custom_id')
  const hasUrl = inside(field, 'url').value !== undefined
  if (hasUrl && idField.value !== undefined) {
    const message = 'A custom id and url cannot both be specified'
    return refuseField(idField, 'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE', message)
  }
  if (isLink) {
    return hasUrl ? undefined : refuseField(inside(field, 'url'), 'BUTTON_COMPONENT_URL_REQUIRED', 'A url is required')
  }
  if (idField.value === undefined) {
    return refuseField(idField, 'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED', 'A custom id is required')
  }
  const customId = text(idField, { min: 1, max: 100 })
  if (customId !== undefined && customIds.has(customId)) {
    return refuseField(idField, 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated')
  }
  if (customId !== undefined) customIds.add(customId)
  return customId
}

function hasType(field: Field, type: number): boolean {
  const typeField = inside(field, 'type')
  if (typeField.value === undefined) missing(typeField)
  return oneOf(typeField, [type]) !== undefined
}
