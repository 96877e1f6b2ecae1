import * as v from 'valibot'
import { jsonArg, textArg } from './args.ts'
import type { Args } from './args.ts'
import { Attachments } from './attachments.ts'
import type { Attachment } from './attachments.ts'
import { Blocks } from './blocks.ts'
import type { Block } from './blocks.ts'
import { Metadata } from './metadata.ts'
import { toProblems } from './problem.ts'
import { isRefusal, refuse, refuseAt } from './reply.ts'
import type { Refusal } from './reply.ts'

/** What a message says. Members are absent if the call did not send them; metadata is null for `{}`. */
export interface Content {
  readonly text?: string
  readonly blocks?: readonly Block[]
  readonly attachments?: readonly Attachment[]
  readonly metadata?: Metadata | null
}

/**
 * Slack publishes no limit; it is reported to refuse more than about 13.2 kB of JSON.
 * https://github.com/slackapi/bolt-js/issues/2509 (as of 2026-11)
 */
const MAX_BLOCKS_BYTES = 13_200

/** Slack: `too_many_attachments` above 100. https://docs.slack.dev/reference/methods/chat.postMessage */
const MAX_ATTACHMENTS = 100

/** Slack has a limit and does not publish it: what passes here is surely small enough. */
const MAX_METADATA_BYTES = 1024

/** Read text, blocks, attachments and metadata of a call, or refuse them as Slack would. */
export function toContent(args: Args): Content | Refusal {
  const blocks = args.has('blocks') ? toBlocks(jsonArg(args, 'blocks')) : undefined
  if (blocks !== undefined && isRefusal(blocks)) return blocks
  const attachments = args.has('attachments') ? toAttachments(jsonArg(args, 'attachments')) : undefined
  if (attachments !== undefined && isRefusal(attachments)) return attachments
  const metadata = args.has('metadata') ? toMetadata(jsonArg(args, 'metadata')) : undefined
  if (metadata !== undefined && 'ok' in metadata) return metadata
  if (blocksBytes(blocks ?? [], attachments ?? []) > MAX_BLOCKS_BYTES) return refuse('msg_blocks_too_long')
  const text = textArg(args, 'text')
  return {
    ...(text !== undefined && { text }),
    ...(blocks && { blocks }),
    ...(attachments && { attachments }),
    ...(metadata && { metadata: metadata.value }),
  }
}

/** Whether there is nothing to show. */
export function isEmpty(content: {
  readonly text?: string
  readonly blocks?: readonly unknown[]
  readonly attachments?: readonly unknown[]
}): boolean {
  const { text = '', blocks = [], attachments = [] } = content
  return text.trim() === '' && blocks.length === 0 && attachments.length === 0
}

function toBlocks(value: unknown): readonly Block[] | Refusal {
  if (!Array.isArray(value) || value.some((block) => typeof block !== 'object')) return refuse('invalid_blocks_format')
  const checked = v.safeParse(Blocks, value)
  if (!checked.success) return refuseAt('invalid_blocks', toProblems(checked.issues, '/blocks'))
  const repeats = repeatedIds(checked.output, '/blocks')
  return repeats.length === 0 ? checked.output : refuseAt('invalid_blocks', repeats)
}

/** Ids that come twice: a block's in the message, an action's in its block. */
function repeatedIds(blocks: readonly Block[], at: string): readonly string[] {
  const blockIds = blocks.map((block) => block.block_id)
  const actions = blocks.flatMap((block, index) => {
    const ids = block.type === 'actions' ? block.elements.map((element) => element.action_id) : []
    return repeated(ids).map((id) => `\`action_id\` "${id}" already exists [json-pointer:${at}/${index}/elements]`)
  })
  return [...repeated(blockIds).map((id) => `\`block_id\` "${id}" already exists [json-pointer:${at}]`), ...actions]
}

function repeated(ids: readonly (string | undefined)[]): readonly string[] {
  return ids.filter((id, index): id is string => id !== undefined && ids.indexOf(id) !== index)
}

function toAttachments(value: unknown): readonly Attachment[] | Refusal {
  if (!Array.isArray(value)) return refuse('invalid_attachments')
  if (value.length > MAX_ATTACHMENTS) return refuse('too_many_attachments')
  const checked = v.safeParse(Attachments, value)
  if (!checked.success) return refuseAt('invalid_attachments', toProblems(checked.issues, '/attachments'))
  const repeats = checked.output.flatMap(({ blocks = [] }, index) =>
    repeatedIds(blocks, `/attachments/${index}/blocks`),
  )
  return repeats.length === 0 ? checked.output : refuseAt('invalid_attachments', repeats)
}

function toMetadata(value: unknown): { readonly value: Metadata | null } | Refusal {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('invalid_metadata_format')
  if (Object.keys(value).length === 0) return { value: null }
  const checked = v.safeParse(Metadata, value)
  if (!checked.success) return refuseAt('invalid_metadata_schema', toProblems(checked.issues, '/metadata'))
  return bytes(value) > MAX_METADATA_BYTES ? refuse('metadata_too_large') : { value: checked.output }
}

function blocksBytes(own: readonly Block[], attachments: readonly Attachment[]): number {
  return bytes([...own, ...attachments.flatMap(({ blocks = [] }) => blocks)])
}

function bytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
