import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format } from 'prettier'
import { describe, expect, it } from 'vitest'
import { createFilters, type Filter } from '../../../src/message/filters.ts'
import { BOARD_SHAPE, CARD_SHAPE, describe as inWords, LOOP_SHAPE, REPLY_SHAPE } from '../../../src/message/shape.ts'
import { FILTER_EXAMPLES } from './filter-examples.ts'
import { renderLeaves, toVariables, type Place, type Variable } from './reference.ts'

// The tables of the README for authors of templates are made from the code, and their
// examples by rendering them: `UPDATE=1 npx vitest run --config test/vitest.config.ts reference` writes them.

const README = fileURLToPath(new URL('../../../README.md', import.meta.url))

describe('the README lists for authors of templates', () => {
  it.each([
    ['variables', toVariableTables],
    ['filters', toFilterTable],
  ])('all %s, each with an example as it comes out', async (name, toTables) => {
    const table = await format(toTables(), { parser: 'markdown', printWidth: 120 })
    const readme = readFileSync(README, 'utf8')
    const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`]
    const [before, rest = ''] = readme.split(start)
    const [inside, after] = rest.split(end)
    if (process.env['UPDATE'] !== undefined) writeFileSync(README, `${before}${start}\n${table}\n${end}${after}`)
    else expect(inside?.trim()).toBe(table.trim())
  })
})

function toVariableTables(): string {
  const known = new Set<string>()
  const fresh = (variables: readonly Variable[]): readonly Variable[] =>
    variables.filter(({ path }) => !known.has(path) && known.add(path))
  const reply = toVariables(REPLY_SHAPE)
  const shared = fresh(toVariables(CARD_SHAPE).filter(({ path }) => reply.some((other) => other.path === path)))
  const group = (...roots: readonly string[]) => shared.filter(({ path }) => roots.includes(path.split('.')[0] ?? ''))
  return [
    section('The incident', group('incident'), 'card'),
    section(
      'What it comes to, and the newest event (in a reply, its own)',
      group('state', 'severity', 'status', 'event'),
      'reply',
    ),
    section('In `card.yaml` and `board.yaml`', fresh(toVariables(CARD_SHAPE)), 'card'),
    section('In `events/`: what differs from the event before', fresh(reply), 'reply'),
    section('In `board.yaml`', fresh(toVariables(BOARD_SHAPE)), 'board'),
    section('Words of `vocabulary.yaml`', group('words'), 'card'),
    `<details><summary>Inside a loop</summary>\n\n${toLoopTable()}\n\n</details>`,
  ].join('\n\n')
}

function section(title: string, variables: readonly Variable[], place: Place): string {
  const shown = renderLeaves(
    variables.map(({ leaf }) => leaf),
    place,
  )
  const rows = variables.map(({ path, type, leaf }) => {
    const rendered = shown.get(leaf) ?? ''
    expect(rendered, path).not.toBe('')
    return `| \`${path}\` | ${type} | ${rendered} |`
  })
  const [heading, ...body] = ['| Name | Is | For example |', '| - | - | - |', ...rows]
  return `<details><summary>${toHtml(title)}</summary>\n\n${[heading, ...body].join('\n')}\n\n</details>`
}

function toHtml(title: string): string {
  return title.replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

function toLoopTable(): string {
  const loop = (leaf: string): string =>
    `{% for label in incident.labels %}${leaf}{% unless forloop.last %}, {% endunless %}{% endfor %}`
  const variables = toVariables({ members: { forloop: LOOP_SHAPE } })
  const leafOf = ({ path, type }: Variable): string =>
    loop(type === inWords('flag').replace(/^an? /, '') ? `{% if ${path} %}yes{% else %}no{% endif %}` : `{{ ${path} }}`)
  const shown = renderLeaves(variables.map(leafOf), 'card')
  const rows = variables.map(
    (variable) => `| \`${variable.path}\` | ${variable.type} | ${shown.get(leafOf(variable))} |`,
  )
  return ['| Name | Is | For example, of two |', '| - | - | - |', ...rows].join('\n')
}

function toFilterTable(): string {
  const words = { units: { day: '', hour: '', minute: '', second: '' }, phrases: {} as never }
  const filters = createFilters(words)
  expect(Object.keys(FILTER_EXAMPLES)).toEqual([...filters.keys()])
  const shown = renderLeaves(
    Object.values(FILTER_EXAMPLES).map(({ leaf }) => leaf),
    'reply',
  )
  const rows = [...filters].map(([name, filter]) => {
    const { does, leaf } = FILTER_EXAMPLES[name] ?? { does: '', leaf: '' }
    expect(leaf).toContain(`| ${name}`)
    expect(shown.get(leaf), name).not.toBe('')
    return `| \`${name}\` | ${takes(filter)} | ${does} | \`${leaf.replaceAll('|', '\\|')}\` | ${shown.get(leaf)} |`
  })
  return ['| Filter | Takes | Gives | For example | comes out as |', '| - | - | - | - | - |', ...rows].join('\n')
}

function takes({ takes: kinds, args: [min, max] }: Filter): string {
  const what = kinds.length > 3 ? 'anything that prints' : kinds.map((kind) => inWords(kind)).join(' or ')
  if (max === 0) return what
  return `${what}; ${min === max ? max : `${min} or ${max}`} argument${max === 1 ? '' : 's'}`
}
