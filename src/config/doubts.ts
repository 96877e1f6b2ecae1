import { DOCUMENTED_TYPES, SNOOZE_ENDED } from '../incident/attention.ts'
import { matchesPattern } from '../incident/pattern.ts'
import { suggest, type Finding } from './problem.ts'
import type { SourceNode } from './source.ts'
import { entriesOf, locate, member, textsOf } from './tree.ts'

const SEVERITIES = ['Critical', 'Warning', 'Info']
const EVENT_TYPES = [...DOCUMENTED_TYPES, SNOOZE_ENDED]

/** What is allowed but is seldom meant: unused names, one channel named twice, words the source does not document. */
export function findDoubts(root: SourceNode): readonly Finding[] {
  return [...unused(root), ...sameChannel(root), ...routes(root).flatMap(unknownWords)]
}

function unused(root: SourceNode): Finding[] {
  const destinations = member(root, 'destinations')
  const leadsTo = new Set(routes(root).flatMap(({ node }) => textsOf(member(node, 'to'), []).map(({ text }) => text)))
  const servedBy = new Set(
    entriesOf(destinations).flatMap(([, node]) => textsOf(member(node, 'account'), []).map(({ text }) => text)),
  )
  const doubt = (section: string, used: ReadonlySet<string>, message: string) =>
    entriesOf(member(root, section))
      .filter(([name]) => !used.has(name))
      .map(([name]) => ({ ...keyOf(root, [section, name]), message }))
  return [
    ...doubt('destinations', leadsTo, 'no route leads to this destination'),
    ...doubt('accounts', servedBy, 'no destination uses this account'),
  ]
}

function sameChannel(root: SourceNode): Finding[] {
  const first = new Map<string, string>()
  return entriesOf(member(root, 'destinations')).flatMap(([name, node]) => {
    const [account, channel] = [member(node, 'account'), member(node, 'channel')]
    if (account?.kind !== 'text' || channel?.kind !== 'text') return []
    const key = JSON.stringify([account.text, channel.text])
    const other = first.get(key)
    if (other === undefined) first.set(key, name)
    if (other === undefined) return []
    return [
      {
        ...keyOf(root, ['destinations', name]),
        message: `is the channel of "${other}": incidents routed to both get two cards`,
      },
    ]
  })
}

interface RouteNode {
  readonly node: SourceNode
  readonly path: readonly string[]
}

function unknownWords({ node, path }: RouteNode): Finding[] {
  const match = member(node, 'match')
  const attention = entriesOf(member(node, 'attention')).map(([key, value]) => {
    const [type = '', severity] = key.split(':', 2)
    return { type, severity, at: value.at, path: [...path, 'attention', key] }
  })
  const patterns = (key: string, known: readonly string[]) =>
    textsOf(member(match, key), [...path, 'match', key])
      .filter(({ text }) => !known.some((word) => matchesPattern(text, word)))
      .map(({ text, at, path: where }) => ({ at, path: where, message: undocumented(text, known) }))
  return [
    ...patterns('severity', SEVERITIES),
    ...patterns('event_type', EVENT_TYPES),
    ...attention
      .filter(({ type }) => type !== 'default' && !EVENT_TYPES.includes(type))
      .map(({ type, at, path: where }) => ({
        at,
        path: where,
        message: undocumented(type, ['default', ...EVENT_TYPES]),
      })),
    ...attention
      .filter(({ severity }) => severity !== undefined && !SEVERITIES.includes(severity))
      .map(({ severity = '', at, path: where }) => ({ at, path: where, message: undocumented(severity, SEVERITIES) })),
  ]
}

function undocumented(word: string, known: readonly string[]): string {
  return `the source documents no such ${known === SEVERITIES ? 'severity' : 'event type'}${suggest(word, known)}`
}

function routes(root: SourceNode): readonly RouteNode[] {
  const list = member(root, 'routes')
  return list?.kind === 'list' ? list.items.map((node, index) => ({ node, path: ['routes', String(index)] })) : []
}

function keyOf(root: SourceNode, path: readonly string[]): Omit<Finding, 'message'> {
  return { at: locate(root, path, true).at, path }
}
