import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readEvent } from '../../src/flashduty/event.ts'
import { DOCUMENTED_TYPES } from '../../src/incident/attention.ts'
import { toChanges } from '../../src/incident/changes.ts'
import type { Event, Incident } from '../../src/incident/incident.ts'
import { LANGUAGES, type Language } from '../../src/incident/language.ts'
import { loadTemplates } from '../../src/message/load.ts'
import type { Message } from '../../src/message/message.ts'
import type { Platform } from '../../src/platform/platform.ts'
import { platforms } from '../../src/platform/index.ts'

// What readers see of each event type, on both platforms and in each language: the
// card after the event and the reply that tells of it. A change here is a change of wording or
// look: read the difference, and `npx vitest run --config test/vitest.config.ts golden -u` accepts it.

const EVENTS = fileURLToPath(new URL('../events/', import.meta.url))
const loaded = loadTemplates({ builtinDir: fileURLToPath(new URL('../../templates/', import.meta.url)), language: 'en' })
if (!('templates' in loaded)) throw new Error(JSON.stringify(loaded.problems))
const { templates } = loaded

const pushes = readdirSync(EVENTS)
  .map((file) => {
    const read = readEvent(readFileSync(EVENTS + file, 'utf8'))
    if (read === undefined) throw new Error(`${file} is no event`)
    return { name: file.replace('.json', ''), event: read.event, atMs: read.event.timeMs ?? 0 }
  })
  .toSorted((a, b) => a.atMs - b.atMs)

const options = { token: 'not-used', callTimeoutMs: 1, people: new Map(), log: () => {} }
const drawers: readonly Platform[] = await Promise.all([platforms.slack(options), platforms.discord(options)])

describe.each(LANGUAGES)('golden messages in %s', (language) => {
  it('cover every documented type and one that is not', () => {
    const types = pushes.map(({ event }) => event.type)
    expect(types).toEqual(expect.arrayContaining([...DOCUMENTED_TYPES]))
    expect(types.some((type) => !DOCUMENTED_TYPES.includes(type))).toBe(true)
  })

  let previous: Incident | undefined
  for (const { name, event, atMs } of pushes) {
    const before = previous
    previous = event.incident
    it(`${name} looks as it did`, async () => {
      const { card, reply } = render(event, before, { atMs, language })
      for (const platform of drawers) {
        const drawn = { card: platform.drawCard(card, 'full', true), reply: platform.drawReply(reply, 'full') }
        await expect(`${JSON.stringify(drawn, undefined, 2)}\n`).toMatchFileSnapshot(
          fileOf(platform, language, name),
        )
      }
    })
  }
})

describe.each(LANGUAGES)('a storm board in %s', (language) => {
  const startedAtMs = Date.UTC(2026, 10, 23, 2, 0)
  const groups = [
    { severity: 'Critical', count: 1, first: [{ title: 'payments are down', url: 'https://example.com/1' }] },
    { severity: 'Info', count: 312, first: [{ title: 'disk 80% <!here>' }, { title: '@everyone', url: 'https://example.com/3' }] },
    { severity: 'Fatal', count: 2, first: [] },
  ]

  it.each([
    ['board', groups, 'Triggered', 'Critical'],
    ['board_over', [], 'Closed', 'Ok'],
  ])('%s looks as it did', async (name, waiting, progress, status) => {
    const incident = { id: 'relay-board/sre/1', title: 'Alert storm', severity: 'Critical', status, progress }
    const board = { destination: 'sre', groups: waiting }
    const snapshot = { ...incident, startedAtMs, labels: [], fields: [], responders: [], board }
    const last = { id: 'x', type: 'relay_storm_board', atMs: startedAtMs + 60_000 }
    const { message, fellBack } = templates.card({
      incident: snapshot,
      last,
      nowMs: last.atMs,
      replacesLost: false,
      language,
    })
    expect(fellBack).toBeUndefined()
    for (const platform of drawers)
      await expect(`${JSON.stringify(platform.drawCard(message, 'full', true), undefined, 2)}\n`).toMatchFileSnapshot(
        fileOf(platform, language, name),
      )
  })
})

function fileOf({ kind }: Platform, language: Language, name: string): string {
  return `./${kind}/${language === 'en' ? '' : `${language}/`}${name}.json`
}

interface Told {
  readonly atMs: number
  readonly language: Language
}

function render(event: Event, before: Incident | undefined, { atMs, language }: Told): { card: Message; reply: Message } {
  const last = { id: event.id, type: event.type, atMs, ...(event.person !== undefined && { person: event.person }) }
  const card = templates.card({ incident: event.incident, last, nowMs: atMs, replacesLost: false, language })
  const changes = toChanges(before, event.incident)
  const reply = templates.reply({ event, changes, effectiveAtMs: atMs, nowMs: atMs, late: false, language })
  for (const { fellBack } of [card, reply]) expect(fellBack).toBeUndefined()
  return { card: card.message, reply: reply.message }
}
