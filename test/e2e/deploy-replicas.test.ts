import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { WEBHOOK_PATH } from '../../src/flashduty/webhook.ts'
import { createWorld, run } from './relay.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (file: string): string => readFileSync(`${ROOT}deploy/${file}`, 'utf8')
const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string }

/** A stop takes so long at most, says the README. */
const LONGEST_STOP_S = 15

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}
interface Service {
  readonly image: string
  readonly build?: object
  readonly restart: string
  readonly stop_grace_period?: string
  readonly volumes: readonly string[]
  readonly [key: string]: unknown
}

describe('the compose file of several relays', () => {
  const { services, volumes } = parse(read('compose.postgres.yaml'), { merge: true }) as Compose
  const relays = Object.entries(services).filter(([, { build }]) => build !== undefined)
  const balancer = read('haproxy.cfg')

  it('has two relays that differ in nothing but where each keeps what only it has', () => {
    expect(relays.length).toBeGreaterThan(1)
    const kept = relays.map(([, relay]) => relay.volumes.find((volume) => volume.endsWith(':/data'))?.split(':')[0])
    expect(new Set(kept).size).toBe(relays.length)
    for (const name of kept) expect(volumes).toHaveProperty(name ?? '')
    const alike = relays.map(([, { volumes: mounts, ...rest }]) => ({
      ...rest,
      mounts: mounts.filter((volume) => !volume.endsWith(':/data')),
    }))
    expect(alike.every((one) => JSON.stringify(one) === JSON.stringify(alike[0]))).toBe(true)
  })

  it('names releases of what is not ours, starts everything again, and gives a relay the time to stop', () => {
    for (const [name, { image, build, restart, stop_grace_period: grace }] of Object.entries(services)) {
      if (build === undefined) expect(image, name).toMatch(/:\d+\.\d+/)
      else expect(Number.parseInt(grace ?? '', 10), name).toBeGreaterThanOrEqual(LONGEST_STOP_S)
      expect(restart, name).toBe('unless-stopped')
    }
  })

  it('has a balancer that knows each relay, asks whether it is ready, and passes pushes alone', () => {
    const servers = [...balancer.matchAll(/^ +server \S+ ([\w-]+):8080$/gm)].map(([, name]) => name)
    expect(servers).toEqual(relays.map(([name]) => name))
    expect(balancer).toContain('option httpchk GET /readyz')
    expect(balancer).toContain(`return status 404 unless METH_POST { path ${WEBHOOK_PATH} }`)
  })

  it('has a balancer whose configuration HAProxy takes', ({ skip }) => {
    if (spawnSync('haproxy', ['-v']).error !== undefined) skip('haproxy is not installed')
    const { status, stderr } = spawnSync('haproxy', ['-c', '-f', `${ROOT}deploy/haproxy.cfg`], { encoding: 'utf8' })
    expect(status, stderr).toBe(0)
  })
})

// oxlint-disable-next-line typescript/no-explicit-any
type Manifest = Readonly<Record<string, any>>

function manifests(file: string): readonly Manifest[] {
  return Array.from(parseAllDocuments(read(`kubernetes/${file}`)), (document) => document.toJSON() as Manifest)
}

function only(file: string, kind: string): Manifest {
  const found = manifests(file).filter((one) => one['kind'] === kind)
  expect(found).toHaveLength(1)
  return found[0]!
}

describe('the manifests for Kubernetes', () => {
  it.each(['incident-relay.yaml', 'replicas.yaml'])('%s has a configuration that check accepts', async (file) => {
    const { folder } = await createWorld()
    const secret = manifests(file).find((one) => one['kind'] === 'Secret' && one['metadata'].name === 'incident-relay')
    const secrets = join(folder, 'secrets')
    mkdirSync(secrets)
    for (const [name, value] of Object.entries(secret?.['stringData'] as Record<string, string>))
      writeFileSync(join(secrets, name), value)
    const config = join(folder, 'config.yaml')
    const yaml = only(file, 'ConfigMap')['data']['config.yaml'] as string
    writeFileSync(config, yaml.replaceAll('/run/secrets/incident-relay', secrets))
    const checked = await run(['check', '--config', config], { env: { DATABASE_URL: 'postgres://relay:pw@db/relay' } })
    expect([checked.code, checked.output]).toEqual([0, expect.stringContaining('everything')])
  })

  it('are of this release, and have what they mount and read', () => {
    const workloads = [
      [only('incident-relay.yaml', 'StatefulSet'), manifests('incident-relay.yaml')],
      [only('replicas.yaml', 'StatefulSet'), manifests('replicas.yaml')],
      [only('migrate.yaml', 'Job'), manifests('migrate.yaml')],
    ] as const
    for (const [workload, beside] of workloads) {
      const { spec } = workload['spec'].template
      const claims: readonly Manifest[] = workload['spec'].volumeClaimTemplates ?? []
      const volumes = [
        ...(spec.volumes ?? []).map((one: Manifest) => one['name']),
        ...claims.map((one) => one['metadata'].name),
      ]
      const there = new Map(
        beside.flatMap(({ kind, metadata, stringData, data }) => [
          [`${kind}/${metadata.name}`, stringData ?? data ?? {}],
        ]),
      )
      for (const volume of (spec.volumes ?? []) as readonly Manifest[]) {
        if (volume['secret']) expect([...there.keys()]).toContain(`Secret/${volume['secret'].secretName}`)
        if (volume['configMap']) expect([...there.keys()]).toContain(`ConfigMap/${volume['configMap'].name}`)
      }
      for (const container of spec.containers as readonly Manifest[]) {
        expect(container['image']).toBe(`incident-relay:${version}`)
        expect(container['securityContext']).toMatchObject({
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
        })
        for (const { name } of container['volumeMounts']) expect(volumes).toContain(name)
        for (const { valueFrom } of container['env'] ?? []) {
          const { name, key } = valueFrom.secretKeyRef
          expect(there.get(`Secret/${name}`)).toHaveProperty(key)
        }
      }
    }
  })

  it('let one relay stay when another is replaced or a node is emptied, and keep what waits in a spool', () => {
    const { spec } = only('replicas.yaml', 'StatefulSet')
    const budget = only('replicas.yaml', 'PodDisruptionBudget')['spec']
    expect(spec.replicas - budget.maxUnavailable).toBeGreaterThanOrEqual(1)
    expect(spec.updateStrategy).toEqual({ type: 'RollingUpdate' })
    const [claim] = spec.volumeClaimTemplates
    const [{ volumeMounts }] = spec.template.spec.containers
    expect(volumeMounts).toContainEqual({ name: claim.metadata.name, mountPath: '/data' })
    const { data } = only('replicas.yaml', 'ConfigMap')
    expect(data['config.yaml']).toContain('spool: /data/')
    for (const selector of [
      budget.selector,
      spec.selector,
      { matchLabels: only('replicas.yaml', 'Service')['spec'].selector },
    ])
      expect(spec.template.metadata.labels).toMatchObject(selector.matchLabels)
    const [container] = spec.template.spec.containers
    const [, seconds] = container.lifecycle.preStop.exec.command
    expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(Number(seconds) + LONGEST_STOP_S)
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
      expect(['/livez', '/readyz']).toContain(container[probe].httpGet.path)
    expect(container.readinessProbe.httpGet.path).toBe('/readyz')
  })

  it('move what the one relay kept, past a network policy that lets no relay out to Postgres', () => {
    const relay = only('incident-relay.yaml', 'StatefulSet')
    const { template } = only('migrate.yaml', 'Job')['spec']
    const claim = `${relay['spec'].volumeClaimTemplates[0].metadata.name}-${relay['metadata'].name}-0`
    expect(template.spec.volumes[0].persistentVolumeClaim.claimName).toBe(claim)
    const policy = only('incident-relay.yaml', 'NetworkPolicy')['spec']
    expect(template.metadata.labels).not.toMatchObject(policy.podSelector.matchLabels)
    const ports = only('replicas.yaml', 'NetworkPolicy')['spec'].egress.flatMap((rule: Manifest) => rule['ports'])
    expect(ports).toContainEqual({ port: 5432, protocol: 'TCP' })
  })
})
