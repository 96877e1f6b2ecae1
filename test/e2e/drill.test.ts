import { spawn } from 'node:child_process'
import { describe, expect, it, vi } from 'vitest'
import { createWorld, MAIN, run, type RelayProcess, type World } from './relay.ts'

// Every command is a process of its own.
vi.setConfig({ testTimeout: 120_000 })

describe('drill', () => {
  it('plays a whole incident, says what is to be seen, and leaves it resolved', async () => {
    const world = await createWorld()
    const config = world.configure()
    const relay = await world.start()
    const { code, output } = await run(['drill', '--pace', '300ms', '--config', config, '--url', relay.url])
    expect([code, output]).toEqual([0, expect.stringMatching(/^Incident drill-\w+ begins\./)])
    const told = output
      .split('\n')
      .slice(1, 7)
      .map((line) => line.slice(0, 24).trim())
    expect(told).toEqual([
      'i_new         accepted.',
      'i_assign      accepted.',
      'i_ack         accepted.',
      'i_comm        accepted.',
      'i_r_severity  accepted.',
      'i_rslv        accepted.',
    ])
    expect(output).toContain('Thread, and in the channel (Slack): 🔺 Severity raised by Ann Lee: Warning → 🔴 Critical')

    const card = await world.until(() => resolved(world))
    const shown = JSON.stringify(card)
    for (const words of ['[DRILL] checkout-api', 'drill=true', 'Recovered']) expect(shown).toContain(words)
    await world.until(() => roots(world)[0]?.thread.some(({ text }) => text.includes('Recovered after')))
    // What it promised is what chat shows, word for word but for who is called.
    const thread = JSON.stringify(roots(world)[0]?.thread)
    expect(thread).toContain('Severity raised by')
    expect(roots(world)).toHaveLength(1)
    expect(
      await world.until(() => JSON.stringify(discordCard(world)).includes('Recovered') && discordCard(world)),
    ).toBeDefined()
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'a closed pipe'] as const)(
    'resolves it when it is ended early by %s',
    async (how) => {
      const world = await createWorld()
      const config = world.configure()
      const relay = await world.start()
      const child = start(config, relay, '60s')
      await child.printed(/i_new +accepted/)
      await world.until(() => roots(world).length === 1)
      if (how === 'a closed pipe') child.process.stdout.destroy()
      child.process.kill(how === 'a closed pipe' ? 'SIGINT' : how)
      expect(await child.ended).toBe(1)
      await world.until(() => resolved(world))
      if (how !== 'a closed pipe') expect(child.output()).toContain('Interrupted; the incident is resolved.')
      expect(roots(world)).toHaveLength(1)
    },
  )

  it('says how to resolve it by hand where the relay went away', async () => {
    const world = await createWorld()
    const config = world.configure()
    const relay = await world.start()
    const child = start(config, relay, '1s')
    await child.printed(/i_new +accepted/)
    await relay.kill('SIGKILL')
    expect(await child.ended).toBe(1)
    expect(child.output()).toMatch(/still open\. Resolve it: npm run relay -- trigger i_rslv --incident drill-\w+\n/)
    expect(child.output()).toContain('no relay listens on')
  })

  it('of a small severity has no rise, and takes values of yours', async () => {
    const args = [
      'drill',
      '--severity',
      'Info',
      '--set',
      'channel_name=Payments',
      '--set',
      'labels.env=dev',
      '--dry-run',
    ]
    const { code, output } = await run(args)
    const pushes = JSON.parse(output) as { event_type: string; event_time: number; incident: Record<string, unknown> }[]
    expect([code, pushes.map(({ event_type: type }) => type)]).toEqual([
      0,
      ['i_new', 'i_assign', 'i_ack', 'i_comm', 'i_rslv'],
    ])
    for (const { incident } of pushes) {
      expect(incident).toMatchObject({
        incident_severity: 'Info',
        channel_name: 'Payments',
        labels: { env: 'dev', drill: 'true' },
      })
      expect(incident['title']).toMatch(/^\[DRILL\] /)
    }
    expect(pushes.at(-1)?.incident).toMatchObject({ progress: 'Closed', incident_status: 'Ok' })
  })

  it('sends nothing with --dry-run, and says where no relay is', async () => {
    const world = await createWorld()
    const config = world.configure()
    const relay = await world.start()
    await run(['drill', '--dry-run', '--config', config, '--url', relay.url])
    expect((await run(['export', '--since', '2020-01-01', '--config', config])).output.trim()).toBe('[]')
    await relay.kill('SIGTERM')
    const { code, output } = await run(['drill', '--config', config, '--url', relay.url])
    expect([code, output]).toEqual([1, expect.stringContaining('no relay listens on')])
    expect(output).not.toContain('trigger i_rslv')
  })
})

function start(config: string, relay: RelayProcess, pace: string) {
  const child = spawn(process.execPath, [MAIN, 'drill', '--pace', pace, '--config', config, '--url', relay.url])
  let output = ''
  const waiting = new Set<() => void>()
  const read = (chunk: Buffer): void => {
    output += chunk.toString()
    for (const look of waiting) look()
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  return {
    process: child,
    output: () => output,
    printed: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        waiting.add(() => pattern.test(output) && resolve())
        child.on('exit', () => reject(new Error(output)))
      }),
    ended: new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code))),
  }
}

function roots({ sandbox }: World) {
  return sandbox.slack.channel('payments').messages
}

function resolved(world: World) {
  return roots(world).find((root) => JSON.stringify(root.attachments).includes('Recovered'))
}

function discordCard({ sandbox }: World) {
  return sandbox.discord.channel('incidents').messages[0]
}
