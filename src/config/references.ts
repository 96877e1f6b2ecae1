import * as v from 'valibot'
import type { Route } from '../incident/route.ts'
import { showKey, suggest, type Finding } from './problem.ts'
import { hides } from './reach.ts'
import { RouteSchema } from './route.ts'
import { DISCORD_ID, SLACK_CHANNEL } from './scalar.ts'
import type { SourceNode } from './source.ts'
import { entriesOf, member, textsOf, toValue } from './tree.ts'

/** What is wrong between two places of a configuration. Works on the tree, so that it is found whatever else is wrong. */
export function checkReferences(root: SourceNode): readonly Finding[] {
  return [...checkDestinations(root), ...checkRoutes(root), ...checkPeople(root)]
}

/** The form of a channel's id on each platform. */
const CHANNELS: ReadonlyMap<string, { readonly pattern: RegExp; readonly message: string }> = new Map([
  [
    'slack',
    {
      pattern: SLACK_CHANNEL,
      message: "use the channel id, not its name: Slack shows it (C…) in the channel's details",
    },
  ],
  [
    'discord',
    { pattern: DISCORD_ID, message: 'use the channel id, 17 to 20 digits: Discord copies it in developer mode' },
  ],
])

function checkDestinations(root: SourceNode): Finding[] {
  const accounts = new Map(entriesOf(member(root, 'accounts')))
  return entriesOf(member(root, 'destinations')).flatMap(([name, destination]) => {
    const findings: Finding[] = []
    const account = member(destination, 'account')
    if (account?.kind === 'text' && account.text !== '' && !accounts.has(account.text)) {
      const message = `there is no account "${showKey(account.written)}"${suggest(account.text, accounts.keys())}`
      findings.push({ at: account.at, path: ['destinations', name, 'account'], message })
    }
    const platform = account?.kind === 'text' ? member(accounts.get(account.text), 'platform') : undefined
    const form = platform?.kind === 'text' ? CHANNELS.get(platform.text) : undefined
    const channel = member(destination, 'channel')
    if (form !== undefined && channel?.kind === 'text' && channel.text !== '' && !form.pattern.test(channel.text)) {
      findings.push({ at: channel.at, path: ['destinations', name, 'channel'], message: form.message })
    }
    return findings
  })
}

function checkRoutes(root: SourceNode): Finding[] {
  const routes = member(root, 'routes')
  if (routes?.kind !== 'list') return []
  const destinations = new Set(entriesOf(member(root, 'destinations')).map(([name]) => name))
  const names = new Set<string>()
  const earlier: { index: number; route: Route }[] = []
  return routes.items.flatMap((node, index) => {
    const path = ['routes', String(index)]
    const findings: Finding[] = textsOf(member(node, 'to'), [...path, 'to'])
      .filter(({ text }) => text !== '' && !destinations.has(text))
      .map((to) => ({ ...to, message: `there is no destination "${to.written}"${suggest(to.text, destinations)}` }))
    const name = member(node, 'name')
    if (name?.kind === 'text') {
      if (names.has(name.text))
        findings.push({ at: name.at, path: [...path, 'name'], message: 'another route has this name' })
      names.add(name.text)
    }
    const { success, output } = v.safeParse(RouteSchema, toValue(node))
    if (!success) return findings
    const hiding = earlier.find(({ route }) => hides(route, output))
    if (hiding !== undefined) {
      const message = `no event can reach this route: routes.${hiding.index} takes them all before it and does not continue`
      findings.push({ at: node.at, path, message })
    }
    earlier.push({ index, route: output })
    return findings
  })
}

function checkPeople(root: SourceNode): Finding[] {
  const people = member(root, 'people')
  const seen = new Set<string>()
  return entriesOf(people).flatMap(([email, node]) => {
    const known = seen.has(email.toLowerCase())
    seen.add(email.toLowerCase())
    return known
      ? [{ at: node.at, path: ['people', email], message: 'this person is listed twice: case does not count' }]
      : []
  })
}
