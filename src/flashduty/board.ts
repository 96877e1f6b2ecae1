import * as v from 'valibot'
import type { Board } from '../incident/board.ts'

const BoardSchema = v.object({
  destination: v.string(),
  groups: v.array(
    v.object({
      severity: v.string(),
      count: v.number(),
      first: v.array(v.object({ title: v.string(), url: v.exactOptional(v.string()) })),
    }),
  ),
})

/** The board in a push of one of our own storm boards; undefined if there is none. */
export function toBoard(value: unknown): Board | undefined {
  const board = v.safeParse(BoardSchema, value)
  return board.success ? board.output : undefined
}
