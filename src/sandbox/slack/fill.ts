import type { Attachment } from './attachments.ts'
import type { Block } from './blocks.ts'
import type { World } from './world.ts'

/** A block as Slack gives it back. */
export interface FilledBlock {
  readonly type: string
  readonly block_id: string
  readonly [more: string]: unknown
}

/** Blocks with ids, and with the defaults of their texts spelled out. */
export function fillBlocks(world: World, blocks: readonly Block[]): readonly FilledBlock[] {
  return blocks.map(({ type, block_id, ...rest }) => ({
    type,
    block_id: block_id ?? nextId(world),
    ...(type === 'rich_text' ? rest : fillMembers(world, rest)),
  }))
}

/** Attachments numbered, the colour without `#`, blocks filled. */
export function fillAttachments(world: World, attachments: readonly Attachment[]): readonly object[] {
  return attachments.map(({ color, blocks, ...rest }, index) => ({
    id: index + 1,
    ...(color !== undefined && { color: toColor(color) }),
    ...(blocks && { fallback: '[no preview available]', blocks: fillBlocks(world, blocks) }),
    ...rest,
  }))
}

function fillMembers(world: World, value: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fill(world, member)]))
}

function fill(world: World, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => fill(world, item))
  if (typeof value !== 'object' || value === null) return value
  const filled = fillMembers(world, value)
  switch (filled['type']) {
    case 'plain_text':
      return { emoji: true, ...filled }
    case 'mrkdwn':
      return { verbatim: false, ...filled }
    case 'button':
    case 'overflow':
    case 'static_select':
      return { action_id: nextId(world), ...filled }
    default:
      return filled
  }
}

/** What Slack's three names come back as; it is not documented. */
const NAMED: Readonly<Record<string, string>> = { good: '2eb886', warning: 'daa038', danger: 'a30200' }

function toColor(color: string): string {
  const hex = color.replace('#', '').toLowerCase()
  return NAMED[hex] ?? (hex.length === 3 ? hex.replaceAll(/./g, '$&$&') : hex)
}

function nextId(world: World): string {
  world.serial += 1
  return `s${world.serial.toString(36).padStart(4, '0')}`
}
