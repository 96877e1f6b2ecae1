import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DESTINATIONS, toShown } from '../crash/shown.ts'
import type { Story } from '../crash/story.ts'
import type { Push } from './feed.ts'
import type { Stage } from './stage.ts'
import type { Seat } from './world.ts'

/** What was done, when: for whoever has to find out what went wrong. */
export interface Diary {
  /** Something that happened to the relays. */
  trouble(line: string): void
  /** Something they did. */
  note(line: string): void
  push(push: Push): void
  /** The newest troubles, oldest first. */
  recent(): readonly string[]
  /** Write all that is known of a story into a file of its own, and give its name. */
  explain(stage: Stage, story: Story): Promise<string>
}

interface Entry {
  readonly atMs: number
  readonly line: string
}

const RECENT = 6

/** What happens to the relays is in `folder` as soon as it happens. */
export function createDiary(folder: string): Diary {
  const troubles: Entry[] = []
  const pushes: (Entry & { readonly word: string })[] = []
  const write = (line: string): Entry => {
    const entry = { atMs: Date.now(), line }
    appendFileSync(join(folder, 'troubles.txt'), `${toText(entry)}\n`)
    return entry
  }

  return {
    trouble: (line) => void troubles.push(write(line)),
    note: (line) => void write(line),
    push: ({ word, seat, answer, tookMs }) =>
      void pushes.push({
        atMs: Date.now(),
        word,
        line: `${word} to relay ${seat}: ${answer} after ${Math.round(tookMs)} ms`,
      }),
    recent: () => troubles.slice(-RECENT).map(toText),
    async explain({ world, database }, { name, told }) {
      const words = new Set(told.map(({ word }) => word))
      const said = world.seats.flatMap((seat) => toEntries(seat, name))
      const ofStory = pushes.filter(({ word }) => words.has(word))
      const inOrder = [...troubles, ...ofStory, ...said].toSorted((a, b) => a.atMs - b.atMs)
      const shown = DESTINATIONS.map((destination) => {
        const cards = toShown(world.sandbox, destination)
        return { destination, cards: cards.filter((card) => isAbout(card, name, words)) }
      })
      const stored = await database.about(name).catch(String)
      const file = join(folder, `explain-${name}.txt`)
      const parts = [inOrder.map(toText).join('\n'), toJson(told), toJson(shown), toJson(stored)]
      writeFileSync(file, parts.join('\n\n'))
      return file
    },
  }
}

function isAbout(card: { look: string; thread: readonly string[] }, name: string, words: ReadonlySet<string>): boolean {
  return card.look.includes(name) || card.thread.some((line) => [...words].some((word) => line.includes(word)))
}

function toText({ atMs, line }: Entry): string {
  return `${new Date(atMs).toISOString().slice(11, 23)} ${line}`
}

function toJson(value: unknown): string {
  return JSON.stringify(value, undefined, 1)
}

/** The lines of a relay's log about an incident, by our clock. */
function toEntries({ index, folder, env }: Seat, name: string): readonly Entry[] {
  return readFileSync(join(folder, 'relay.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(name))
    .map((line) => ({ atMs: toAtMs(line) - Number(env['SKEW_MS'] ?? 0), line: `relay ${index} said ${line}` }))
}

function toAtMs(line: string): number {
  return Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? '') || 0
}
