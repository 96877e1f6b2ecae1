import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'vite'
import { isNode, walk, type Node } from './tree.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const CHILD = new URL('./child/', import.meta.url)
/** What an event passes on its way in and a message on its way out. */
const ROOMS = ['flashduty', 'delivery', 'store', 'platform', 'app.js']
/** What a relay on SQLite never runs, and what commands alone do: replicas on Postgres are killed by test/replicas. */
const ELSEWHERE =
  /^store\/(postgres|spool|drain|late|move|sqlite\/source)(\.js$|\/)|^delivery\/owners\.js$|^platform\/\w+\/(inspect|manifest)\.js$/

/** Changes the text of one file of the copy; gives it back as it is where there is nothing to change. */
export type Patch = (file: string, code: string) => string

/** A copy of the program that can be told where to die. */
export interface Image {
  readonly main: string
  /** Every place it can die at: `delivery/send.js:sendDelivery#1:before`. */
  readonly points: readonly string[]
}

/**
 * Copy what was built into `folder`, with a point before and after every await of the rooms an event passes, and around
 * the statements that begin and end a transaction. The program itself knows nothing of this.
 */
export function instrument(folder: string, patch: Patch = (_, code) => code): Image {
  const points: string[] = []
  const main = copyProgram(folder, (name, built) => {
    const code = patch(name, withQuickDiscord(built))
    const isOnTheWay = ROOMS.some((room) => name === room || name.startsWith(`${room}/`)) && !ELSEWHERE.test(name)
    const marked = isOnTheWay ? mark(name, code, points) : code
    return name === 'main.js' ? withFirstImport(marked, 'clock.mjs') : marked
  })
  return { main, points }
}

/** Copy what was built into `folder`, each file changed by `patch`. Gives where to start it. */
export function copyProgram(folder: string, patch: Patch): string {
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.map') })
  for (const name of ['node_modules', 'templates', 'package.json']) symlinkSync(join(ROOT, name), join(folder, name))
  for (const path of filesOf(join(folder, 'dist'))) {
    const name = relative(join(folder, 'dist'), path).replaceAll('\\', '/')
    writeFileSync(path, patch(name, readFileSync(path, 'utf8')))
  }
  return join(folder, 'dist', 'main.js')
}

function withQuickDiscord(code: string): string {
  return code.replace(/ from 'discord\.js'/, ` from ${JSON.stringify(new URL('discord.mjs', CHILD).href)}`)
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesOf(path) : path.endsWith('.js') ? [path] : []
  })
}

function mark(file: string, code: string, points: string[]): string {
  const counts = new Map<string, number>()
  const inserts: { at: number; text: string }[] = []
  walk(parseAst(code), (node, functionName) => {
    if (node.type !== 'AwaitExpression' && !isTransaction(node)) return
    const place = `${file}:${functionName ?? '(module)'}`
    const count = (counts.get(place) ?? 0) + 1
    counts.set(place, count)
    const boundary = `${place}#${count}`
    points.push(`${boundary}:before`, `${boundary}:after`)
    const name = JSON.stringify(boundary)
    inserts.push({ at: node.start, text: `(crashPoint.before(${name}), crashPoint.after(${name}, ` })
    inserts.push({ at: node.end, text: '))' })
  })
  if (inserts.length === 0) return code
  return withFirstImport(insert(code, inserts), 'point.mjs', '* as crashPoint from ')
}

/** A call that begins or ends a transaction: nothing is awaited there, and everything depends on it. */
function isTransaction(node: Node): boolean {
  if (node.type !== 'CallExpression') return false
  const { arguments: given } = node
  const first: unknown = Array.isArray(given) ? given[0] : undefined
  return isNode(first) && typeof first['value'] === 'string' && /^(BEGIN|COMMIT)\b/.test(first['value'])
}

/** Of two texts for one place, an opening one comes after those before it, and a closing one too: the tree is walked from outside in. */
function insert(code: string, inserts: readonly { at: number; text: string }[]): string {
  let marked = ''
  let from = 0
  for (const { at, text } of inserts.toSorted((a, b) => a.at - b.at)) {
    marked += code.slice(from, at) + text
    from = at
  }
  return marked + code.slice(from)
}

function withFirstImport(code: string, file: string, names = ''): string {
  const [, hashbang = '', rest = ''] = /^(#!.*\n)?([^]*)$/.exec(code) ?? []
  return `${hashbang}import ${names}${JSON.stringify(new URL(file, CHILD).href)};\n${rest}`
}
