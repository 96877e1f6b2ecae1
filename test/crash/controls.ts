import { parseAst } from 'vite'
import type { Patch } from './instrument.ts'
import { isFunction, isNode, nameOf, walk, type Node } from './tree.ts'

/**
 * Ways to spoil the relay that the harness must notice, or it proves nothing.
 *
 * - `naive`      what is unclear is sent again at once, under a new key.
 * - `unsettled`  the look-up does not wait until the call can no longer land.
 * - `unsynced`   a commit does not wait for the disk, and the power fails.
 * - `recalled`   a card that is tried again calls those too who are called below it.
 */
export const CONTROLS = ['naive', 'unsettled', 'unsynced', 'recalled'] as const
export type Control = (typeof CONTROLS)[number]

/** The patch of a control, and how often it found what it is meant to spoil. */
export function toControl(control: Control): { readonly patch: Patch; readonly places: () => number } {
  let places = 0
  const counted = (before: string, after: string): string => {
    if (before !== after) places += 1
    return after
  }
  const patch = (file: string, code: string): string => {
    if (!['platform/', 'store/', 'delivery/late-call'].some((start) => file.startsWith(start))) return code
    return counted(code, SPOILERS[control](code))
  }
  return { patch, places: () => places }
}

const SPOILERS: Readonly<Record<Control, (code: string) => string>> = {
  naive: (code) =>
    atStart(
      atStart(code, ['find'], () => 'return { kind: "absent" };'),
      ['toKeys', 'toMark'],
      (key) => `${key} += Math.random();`,
    ),
  unsettled: (code) => atStart(code, ['find'], (_, nowMs) => `${nowMs} = Infinity;`),
  unsynced: (code) =>
    code.replace('synchronous = FULL', 'synchronous = NORMAL').replace('synchronous !== 2', 'synchronous !== 1'),
  recalled: (code) => atStart(code, ['toCalled'], (_, card) => `return ${card}.mention;`),
}

/** Put a statement at the beginning of some functions; it is told the names of their parameters. */
function atStart(code: string, names: readonly string[], toText: (...parameters: string[]) => string): string {
  const inserts: { at: number; text: string }[] = []
  walk(parseAst(code), (node) => {
    if (!isFunction(node) || !names.includes(nameOf(node['id']) ?? '')) return
    const body: unknown = node['body']
    if (isNode(body)) inserts.push({ at: body.start + 1, text: toText(...parametersOf(node)) })
  })
  let changed = code
  for (const { at, text } of inserts.toReversed()) changed = changed.slice(0, at) + text + changed.slice(at)
  return changed
}

function parametersOf({ params }: Node): string[] {
  return Array.isArray(params) ? params.map((one) => nameOf(one) ?? '') : []
}
