import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { EXIT } from '../../src/cli/exit.ts'
import { DOCUMENTED_TYPES } from '../../src/incident/attention.ts'
import { createWorld, run, SECRET, type World } from './relay.ts'

// Every command is a process of its own, twenty of them in the first test.
vi.setConfig({ testTimeout: 300_000 })

describe('trigger', () => {
  it('sends every type to a running relay: one card, a line for each that has one, told in order', async () => {
    const world = await createWorld()
    const config = world.configure()
    const relay = await world.start()
    const sent = (args: readonly string[]) =>
      run(['trigger', ...args, '--config', config, '--url', relay.url, '--json'])

    const first = await sent(['i_new', '--set', 'incident_severity=Critical', '--set', 'labels.team=sre'])
    expect(first.code).toBe(0)
    const { result, incident_id: id } = JSON.parse(first.output) as { result: string; incident_id: string }
    expect([result, id]).toEqual(['accepted', expect.stringMatching(/^trigger-/)])
    const card = await world.until(() => payments(world)[0])
    expect(JSON.stringify(card)).toContain('🔴 Critical')
    expect(JSON.stringify(card)).toContain('team=sre')

    const later = DOCUMENTED_TYPES.filter((type) => type !== 'i_new')
    for (const type of [...later, 'i_brand_new']) {
      expect(await sent([type, '--incident', id]), type).toMatchObject({ code: 0 })
      await world.until(() => payments(world)[0]?.thread.length === later.indexOf(type) + 1 || type === 'i_brand_new')
    }
    await world.until(() => payments(world)[0]?.thread.length === later.length + 1)
    expect(payments(world)).toHaveLength(1)
    expect(payments(world)[0]?.edits).toBeGreaterThan(0)
    expect(discord(world)).toHaveLength(1)
    await world.until(() => discord(world)[0]?.thread.length === later.length + 1)
    const lines = payments(world)[0]?.thread.map(({ text }) => text) ?? []
    expect(lines.find((line) => line.includes('acknowledged'))).toContain('Ann Lee')
    expect(lines.find((line) => line.includes('i_brand_new'))).toBeDefined()
  })

  it('writes what it would send, and sends nothing, with --dry-run', async () => {
    const world = await createWorld()
    const config = world.configure()
    const relay = await world.start()
    const args = [
      '--incident',
      'INC-7',
      '--set',
      'fields.paid:=true',
      '--config',
      config,
      '--url',
      relay.url,
      '--dry-run',
    ]
    const { code, output } = await run(['trigger', 'i_ack', ...args])
    expect([code, JSON.parse(output)]).toEqual([
      0,
      expect.objectContaining({ event_type: 'i_ack', incident: expect.objectContaining({ incident_id: 'INC-7' }) }),
    ])
    expect(JSON.parse(output)).toMatchObject({ incident: { progress: 'Processing', fields: { paid: true } } })
    expect((await run(['export', '--since', '2020-01-01', '--config', config])).output.trim()).toBe('[]')
    expect(world.sandbox.slack.state().calls).toEqual([])
  })

  it('says in a sentence why nothing was taken', async () => {
    const world = await createWorld()
    world.configure()
    const relay = await world.start()
    const free = createServer()
    const port = await new Promise<number>((resolve) =>
      free.listen(0, '127.0.0.1', () => resolve((free.address() as AddressInfo).port)),
    )
    await new Promise((resolve) => free.close(resolve))

    expect(await run(['trigger', 'i_new', '--url', `http://127.0.0.1:${port}`])).toEqual({
      code: 1,
      output: `no relay listens on http://127.0.0.1:${port}: start it with npm start\n`,
    })
    const wrong = 'another-secret-than-the-relay-has'
    const refused = await run(['trigger', 'i_new', '--url', relay.url], { env: { FLASHDUTY_SECRET: wrong } })
    expect(refused).toEqual({ code: 1, output: expect.stringContaining('its secret differs') })
    expect(refused.output).not.toContain(wrong)
    expect(refused.output).not.toContain(SECRET)
    expect(
      await run(['trigger', 'i_new', '--url', `${relay.url}/livez`], { env: { FLASHDUTY_SECRET: SECRET } }),
    ).toMatchObject({ code: 1 })
    expect(await run(['trigger', 'i_new', '--url', 'ftp://example.com'])).toMatchObject({ code: EXIT.usage })
    // No secret that is known to everyone, nor any other, goes to a stranger.
    const stranger = await run(['trigger', 'i_new', '--url', 'https://relay.example.com'], {
      env: { FLASHDUTY_SECRET: '' },
    })
    expect(stranger).toEqual({ code: EXIT.usage, output: expect.stringContaining('set FLASHDUTY_SECRET') })
  })

  it('does not follow a redirect, which could lead the secret elsewhere', async () => {
    const seen: string[] = []
    const server = createServer((request, response) => {
      seen.push(`${request.url} ${request.headers['x-relay-secret'] === SECRET}`)
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
    )
    const { code, output } = await run(['trigger', 'i_new', '--url', `http://127.0.0.1:${port}`], {
      env: { FLASHDUTY_SECRET: SECRET },
    })
    await new Promise((resolve) => server.close(resolve))
    expect([code, output, seen]).toEqual([1, expect.stringContaining('says 307'), ['/webhook/flashduty true']])
  })
})

function payments({ sandbox }: World) {
  return sandbox.slack.channel('payments').messages
}

function discord({ sandbox }: World) {
  return sandbox.discord.channel('incidents').messages
}
