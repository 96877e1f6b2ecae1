import type { Shape } from './shape.ts'
import { toWords } from './spans.ts'

/** The items of a list; none for what is absent. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The shape of a list's items. */
export function itemOf(input: Shape): Shape {
  return typeof input === 'object' && 'item' in input ? input.item : 'any'
}

/** The items as one text. */
export function toJoined(value: unknown, separator: unknown): string {
  return listOf(value).map(toWords).join(toWords(separator))
}

export function toJoinShape(input: Shape): Shape | { problem: string } {
  return typeof itemOf(input) === 'object'
    ? { problem: 'join needs a list of texts: put map: "name" before it' }
    : 'text'
}

/** One member of each item. */
export function toMembers(value: unknown, member: unknown): readonly unknown[] {
  return listOf(value).map((item) => memberOf(item, member))
}

/** An own member of a record, else null. */
export function memberOf(record: unknown, name: unknown): unknown {
  const entries: readonly [string, unknown][] = Object.entries(Object(record))
  return entries.find(([each]) => each === name)?.[1] ?? null
}

export function toMapShape(input: Shape, member: string | undefined): Shape | { problem: string } {
  const item = itemOf(input)
  if (item === 'any') return { item: 'any' }
  const shape = typeof item === 'object' && 'members' in item && member !== undefined ? item.members[member] : undefined
  return shape === undefined
    ? { problem: `map needs a member of the list's items, not ${JSON.stringify(member)}` }
    : { item: shape }
}

/** The value of the entry with this name in a list of labels or fields; null if there is none. */
export function toNamedValue(value: unknown, name: unknown): unknown {
  return memberOf(
    listOf(value).find((named) => memberOf(named, 'name') === name),
    'value',
  )
}

export function toValueShape(input: Shape): Shape | { problem: string } {
  const item = itemOf(input)
  const named = typeof item === 'object' && 'members' in item && 'value' in item.members
  return named || item === 'any' ? 'text' : { problem: 'value needs a list of labels or custom fields' }
}

/** How many items, or UTF-16 units. */
export function toSize(value: unknown): number {
  return typeof value === 'string' ? value.length : listOf(value).length
}
