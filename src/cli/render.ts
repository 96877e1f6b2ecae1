import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from '../config/environment.ts'
import { readText } from '../config/file.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import { splitPushes } from '../flashduty/pushes.ts'
import type { Incident } from '../incident/incident.ts'
import { LANGUAGES, type Language } from '../incident/language.ts'
import { toLanguage, toRouteHits, type Route } from '../incident/route.ts'
import { createLog } from '../ops/log.ts'
import { createAccounts, toOutlets } from '../outlets.ts'
import { platforms } from '../platform/index.ts'
import type { Platform } from '../platform/platform.ts'
import { CliError } from './error.ts'
import { checkEventType } from './event-type.ts'
import { EXIT } from './exit.ts'
import { toPayload } from './render/payload.ts'
import { toPage } from './render/page.ts'
import { postToSandbox } from './render/post.ts'
import { toPreviews, type Painted, type Place, type Preview } from './render/preview.ts'
import type { Shown } from './render/shown.ts'
import { ALL_TYPES, OWN_TYPES, toSubject, toSubjectOf, type Subject } from './render/subject.ts'
import { toTerminalLines } from './render/terminal-view.ts'
import { toSpeech } from './speech.ts'
import type { Terminal } from './terminal.ts'

export interface RenderOptions {
  readonly all?: true
  readonly config?: string
  readonly language?: Language
  readonly platform?: Platform['kind']
  readonly json?: true
  readonly html?: string
  readonly links?: true
  readonly anyType?: true
  readonly env: Environment
  readonly write: (line: string) => void
  /** For people: remarks that are no output. */
  readonly tell: (line: string) => void
  readonly terminal: Terminal
}

const MAX_FILE_BYTES = 16 * 1024 * 1024

/** Write the messages of an event as the relay would draw them. The exit code: 1 if a template failed. */
export async function render(what: string | undefined, options: RenderOptions): Promise<number> {
  const subjects = toSubjects(what, options)
  const setting = await toSetting(options)
  try {
    const speech = await toSpeech(setting.overlayDir, setting.language)
    const asked = options.language === undefined ? undefined : [options.language]
    const languages = asked ?? (options.all ? LANGUAGES : [undefined])
    const shown = languages.flatMap((only) => {
      const languageOf = (incident: Incident, destination: string): Language =>
        only ?? toLanguage(setting.routes, { incident, destination }, setting.language)
      return subjects.map((subject): Shown => {
        const { event } = subject
        const hits = toRouteHits(setting.routes, { incident: event.incident, eventType: event.type })
        const routes = setting.isSample ? [] : hits.map(({ route }) => route.name)
        const previews = toPreviews(subject, { ...setting, speech, languageOf })
        const language = only ?? previews[0]?.language ?? setting.language
        return { type: event.type, language, atMs: subject.atMs, routes, previews }
      })
    })
    await show(shown, subjects[0]?.atMs ?? 0, options)
    const failures = new Set(shown.flatMap(({ previews }) => previews.flatMap((preview) => preview.failures)))
    for (const failure of failures) options.tell(`warning: ${failure}`)
    return failures.size > 0 ? EXIT.failed : EXIT.ok
  } finally {
    await Promise.all(setting.places.map(({ platform }) => platform.stop()))
  }
}

/** Write them now, and again whenever the configuration or its templates change, until `stopped`. */
export async function renderAndWatch(
  what: string | undefined,
  options: RenderOptions,
  stopped: AbortSignal,
): Promise<number> {
  const { config } = options
  if (config === undefined) throw new CliError(EXIT.usage, ['--watch needs something to watch: --config FILE'])
  while (!stopped.aborted) {
    const before = toStamp(options)
    try {
      await render(what, options)
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      error.lines.forEach((line) => options.tell(line))
    }
    options.tell('Waiting for a change; Ctrl-C ends it.')
    while (!stopped.aborted && toStamp(options) === before) {
      await sleep(LOOK_MS, undefined, { signal: stopped }).catch(() => undefined)
    }
  }
  return EXIT.ok
}

/** Sooner than anybody looks up from the editor; a folder of templates is a few files. */
const LOOK_MS = 250

/** Changes with every change of the configuration and its templates. */
function toStamp({ config = '', env }: RenderOptions): string {
  const loaded = loadConfig(config, { env })
  const overlay = 'config' in loaded ? loaded.config.templates.dir : undefined
  const inside =
    overlay === undefined || !existsSync(overlay) ? [] : readdirSync(overlay, { recursive: true, encoding: 'utf8' })
  const files = [config, ...inside.map((file) => join(overlay ?? '', file))]
  return files
    .map((file) => {
      const { mtimeMs = 0, size = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {}
      return `${file} ${mtimeMs} ${size}`
    })
    .join('\n')
}

function toSubjects(what: string | undefined, { all, anyType }: RenderOptions): readonly Subject[] {
  if (all && what !== undefined) throw new CliError(EXIT.usage, ['name one event, or say --all'])
  if (all) return ALL_TYPES.map(toSubject)
  if (what === undefined) {
    throw new CliError(EXIT.usage, ['name an event type (i_ack, say) or a file with a push, or say --all'])
  }
  if (!what.endsWith('.json') && !what.endsWith('.jsonl') && !what.includes('/')) {
    checkEventType(what, { ...(anyType && { anyType }), known: OWN_TYPES })
    return [toSubject(what)]
  }
  const read = readText(what, MAX_FILE_BYTES)
  const split = 'problem' in read ? read : splitPushes(read.text)
  if ('problem' in split) throw new CliError(EXIT.failed, [`${what} ${split.problem}`])
  const subject = toSubjectOf(split.pushes)
  if (subject === undefined) {
    throw new CliError(EXIT.failed, [
      `${what} holds what is no event: event_id, event_type and incident.incident_id must be there`,
    ])
  }
  return [subject]
}

interface Setting {
  readonly places: readonly Place[]
  readonly routes: readonly Route[]
  readonly overlayDir: string | undefined
  readonly language: Language
  /** There is no configuration: one route leads to one channel of each platform. */
  readonly isSample: boolean
}

async function toSetting(options: RenderOptions): Promise<Setting> {
  const { platform: only } = options
  const config = readConfig(options)
  const wanted = (places: readonly Place[]): readonly Place[] =>
    places.filter(({ platform }) => only === undefined || platform.kind === only)
  if (config === undefined) {
    const account = { token: 'not-used', callTimeoutMs: 1, people: new Map<string, string>(), log: () => {} }
    const kinds = ['slack', 'discord'] as const
    const places = await Promise.all(
      kinds.map(async (kind) => ({ destination: kind, platform: await platforms[kind](account) })),
    )
    const route = { name: 'sample', to: kinds, continue: false, match: {}, attention: {}, mention: [] }
    return {
      places: wanted(places),
      routes: [route],
      overlayDir: undefined,
      language: 'en',
      isSample: true,
    }
  }
  const log = createLog({ level: 'silent', secrets: () => [] })
  const places = [...toOutlets(config, await createAccounts(config, log)).values()]
  return {
    places: wanted(places),
    routes: config.routes,
    overlayDir: config.templates.dir,
    language: config.templates.language,
    isSample: false,
  }
}

function readConfig({ config: file, env }: RenderOptions): Config | undefined {
  if (file === undefined) return undefined
  const loaded = loadConfig(file, { env })
  if ('problems' in loaded) throw new CliError(EXIT.config, loaded.problems.map(formatProblem))
  return loaded.config
}

async function show(shown: readonly Shown[], atMs: number, options: RenderOptions): Promise<void> {
  const { json, html, write, tell, terminal, links } = options
  if (html !== undefined) {
    writeFileSync(html, toPage(shown, await postToSandbox(shown, atMs)))
    tell(`${html} shows ${shown.length === 1 ? 'it' : `all ${shown.length}`}: open it in a browser.`)
  }
  if (json) for (const one of shown) write(JSON.stringify(toJson(one)))
  else if (html === undefined) {
    for (const [index, one] of shown.entries()) {
      if (index > 0) write('')
      for (const line of toTerminalLines(one, terminal, links === true)) write(line)
    }
  }
}

function toJson({ type, language, routes, previews }: Shown): object {
  const painted = (preview: Preview, { drawn }: Painted): object => toPayload(preview, drawn)
  return {
    event_type: type,
    language,
    routes,
    messages: previews.map((preview) => ({
      platform: preview.platform,
      destination: preview.destination,
      card: { edited: !preview.isNew, ...painted(preview, preview.card) },
      ...(preview.reply !== undefined && {
        reply: { shown: preview.reply.loudness, ...painted(preview, preview.reply) },
      }),
    })),
  }
}
