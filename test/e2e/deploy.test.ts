import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { createWorld, toPush } from './relay.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (file: string): string => readFileSync(ROOT + file, 'utf8')

/** Where `migrate` gathers rows: named in the README, and no metric. */
const SCHEMA = 'relay_migration'

describe('what is shipped for operators', () => {
  it('names no metric that a running relay does not have', async () => {
    const world = await createWorld()
    world.configure()
    const relay = await world.start()
    await relay.push(toPush('i_new'))
    await relay.printed(/"delivery\.attempted"/)
    const { text } = await relay.get('/metrics')
    const there = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? ''))
    for (const file of ['deploy/alerts.yaml', 'deploy/grafana-dashboard.json', 'README.md']) {
      const named = [...read(file).matchAll(/\b(?:relay|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name)
      expect(named.length, file).toBeGreaterThan(5)
      const missing = named.filter(
        (name) => name !== SCHEMA && !there.has(name) && !there.has(name.replace(/_(bucket|sum|count)$/, '')),
      )
      expect(missing, file).toEqual([])
    }
  })

  it('starts the relay with the same flags everywhere', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
    const flags = /^node( --\S+)+ dist\/main\.js start$/.exec(scripts.start ?? '')?.[1]?.trim()
    expect(flags).toBeTruthy()
    expect(read('deploy/Dockerfile')).toContain(`ENTRYPOINT ["node", "${flags}", "dist/main.js"]`)
    expect(read('deploy/systemd/incident-relay.service')).toMatch(
      new RegExp(`^ExecStart=/usr/bin/node ${flags} /opt/incident-relay/dist/main.js start `, 'm'),
    )
  })

  it('has rules that promtool takes, and that fire when they should and only then', ({ skip }) => {
    if (spawnSync('promtool', ['--version']).error !== undefined) skip('promtool is not installed')
    for (const args of [
      ['check', 'rules', 'alerts.yaml'],
      ['test', 'rules', 'alerts.test.yaml'],
    ]) {
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: `${ROOT}deploy`, encoding: 'utf8' })
      expect(status, stdout + stderr).toBe(0)
    }
  })

  it('has metrics that promtool finds nothing wrong with', async ({ skip }) => {
    if (spawnSync('promtool', ['--version']).error !== undefined) skip('promtool is not installed')
    const world = await createWorld()
    world.configure()
    const relay = await world.start()
    await relay.push(toPush('i_new'))
    await relay.printed(/"delivery\.attempted"/)
    const { text } = await relay.get('/metrics')
    const ours = text.split('\n').filter((line) => /^(# \w+ )?relay_/.test(line))
    const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: `${ours.join('\n')}\n`,
      encoding: 'utf8',
    })
    expect(stdout + stderr).toBe('')
  })

  it.each([
    'deploy/compose.yaml',
    'deploy/compose.postgres.yaml',
    'deploy/kubernetes/incident-relay.yaml',
    'deploy/kubernetes/replicas.yaml',
    'deploy/kubernetes/migrate.yaml',
    'deploy/alerts.yaml',
    'deploy/alerts.test.yaml',
  ])('%s is YAML', (file) => {
    const documents = parseAllDocuments(read(file))
    expect(Array.from(documents).flatMap(({ errors }) => errors)).toEqual([])
  })
})
