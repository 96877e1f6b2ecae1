import { execFile, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { createWorld, MAIN, ROOT, run, toPush } from './relay.ts'

const empty = mkdtempSync(join(tmpdir(), 'relay-cwd-'))
const children: ReturnType<typeof spawn>[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGTERM')
  rmSync(empty, { recursive: true, force: true })
})

describe('a configuration', () => {
  it('that was named and is not there ends the process with 78', async () => {
    const { code, output } = await run(['start', '--config', 'nowhere.yaml'], { cwd: empty })
    expect([code, output]).toEqual([78, expect.stringContaining('nowhere.yaml')])
  })

  it('that is missing in production is never a silent sandbox', async () => {
    const { code, output } = await run(['start'], { cwd: empty, env: { NODE_ENV: 'production' } })
    expect([code, output]).toEqual([78, expect.stringContaining('NODE_ENV')])
  })

  it('with mistakes has all of them told with their places, by check and by start alike', async () => {
    const world = await createWorld()
    const file = world.configure((yaml) =>
      yaml.replace('[slack-payments, discord]', '[slack-payment, discord]').replace('secrets:', 'secret:'),
    )
    for (const command of ['check', 'start']) {
      const { code, output } = await run([command, '--config', file])
      expect(code).toBe(78)
      expect(output).toMatch(/config\.yaml:3:\d+ flashduty: .*"secret".*did you mean "secrets"/)
      expect(output).toMatch(/config\.yaml:\d+:\d+ routes\.0\.to\.0: .*did you mean "slack-payments"/)
    }
  })

  it('is no use to a program whose own templates are damaged: it says where, and ends with 78', async () => {
    const world = await createWorld()
    const file = world.configure()
    const copy = mkdtempSync(join(world.folder, 'copy-'))
    for (const name of ['dist', 'templates']) cpSync(join(ROOT, name), join(copy, name), { recursive: true })
    for (const name of ['node_modules', 'package.json']) symlinkSync(join(ROOT, name), join(copy, name))
    writeFileSync(join(copy, 'templates', 'events', 'i_ack.yaml'), "lines: ['{{ incident.titel }}']\n")
    for (const args of [['check'], ['start', '--listen', '127.0.0.1:0']]) {
      const { code, output } = await run([...args, '--config', file], { main: join(copy, 'dist', 'main.js') })
      expect([code, output]).toEqual([78, expect.stringMatching(/i_ack\.yaml:1:\d+ .*did you mean "incident\.title"/)])
    }
  })

  it('that is right is described by check, without starting anything', async () => {
    const world = await createWorld()
    const { code, output } = await run(['check', '--config', world.configure()])
    expect(code).toBe(0)
    for (const name of ['payments', 'everything-else', 'slack-payments']) expect(output).toContain(name)
    expect(world.sandbox.slack.state().calls).toEqual([])
  })
})

describe('the process', () => {
  it('stops in order on SIGTERM, having handed back all it held', async () => {
    const world = await createWorld()
    world.configure()
    const relay = await world.start()
    await relay.push(toPush('i_new'))
    expect(await relay.kill('SIGTERM')).toBe(0)
    const again = await world.start()
    await world.until(() => world.sandbox.slack.channel('payments').messages.length === 1)
    expect((await again.get('/metrics')).text).toContain('relay_deliveries{state="ambiguous"} 0')
  })

  it('says that another one has the store, with exit code 75', async () => {
    const world = await createWorld()
    const file = world.configure()
    const first = await world.start()
    await first.push(toPush('i_new'))
    const { code, output } = await run(['start', '--config', file, '--listen', '127.0.0.1:0'])
    expect([code, output]).toEqual([75, expect.stringContaining('another relay is using')])
    // The first never noticed.
    expect(await first.push(toPush('i_new'))).toMatchObject({ status: 200, body: { result: 'duplicate' } })
    expect(await first.push(toPush('i_ack'))).toMatchObject({ status: 200, body: { result: 'accepted' } })
    expect((await first.get('/readyz')).status).toBe(200)
    expect(first.output()).not.toMatch(/store\.(corrupt|failed|running_on)/)
  })

  it('says what to do if its address is in use, with exit code 75', async () => {
    const { url } = await startSandbox()
    const { code, output } = await run(['start', '--listen', url.replace('http://', '')], { cwd: empty })
    expect([code, output]).toEqual([75, expect.stringContaining('--listen')])
  })

  it('answers who asks how it is', async () => {
    const world = await createWorld()
    world.configure()
    const relay = await world.start()
    expect(await relay.get('/livez')).toMatchObject({ status: 200 })
    expect(await relay.get('/readyz')).toEqual({ status: 200, text: '{"ready":true,"reasons":[]}' })
    expect((await relay.get('/metrics')).text).toContain('# TYPE relay_events_total counter')
  })

  it('names the nearest command for one it does not know', async () => {
    const { code, output } = await run(['chekc'], { cwd: empty })
    expect([code, output]).toEqual([64, expect.stringContaining('Did you mean check?')])
  })
})

describe('the sandbox', () => {
  it('greets a newcomer with a page and a curl command that makes a card in both chats', async () => {
    const { output, url } = await startSandbox()
    const page = await fetch(`${url}/sandbox`)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<html')])
    const curl = output.slice(
      output.indexOf('curl'),
      output.indexOf('/webhook/flashduty') + '/webhook/flashduty'.length,
    )
    const { stdout } = await promisify(execFile)('sh', ['-c', curl])
    expect(JSON.parse(stdout)).toEqual({ ok: true, result: 'accepted' })
    const again = await promisify(execFile)('sh', ['-c', curl])
    expect(JSON.parse(again.stdout)).toEqual({ ok: true, result: 'duplicate' })
    await expect.poll(() => cards(url, 'disk full on db-1'), { timeout: 5_000 }).toEqual({ slack: 1, discord: 1 })
  })

  it('calls a responder of its sample incident in both chats', async () => {
    const { url } = await startSandbox()
    const called = async (): Promise<readonly unknown[]> => {
      const state = JSON.stringify(await (await fetch(`${url}/sandbox/state`)).json())
      return [/"pings":\["U0ANNLEE01"/.test(state), /"pings":\["1100000000000000011"/.test(state)]
    }
    await expect.poll(called, { timeout: 15_000 }).toEqual([true, true])
  })

  it('is never reachable from another machine', async () => {
    const { code, output } = await run(['sandbox', '--listen', '0.0.0.0:9000'], { cwd: empty })
    expect([code, output]).toEqual([64, expect.stringContaining('loopback')])
  })

  it('alone says what to put into a configuration, and such a configuration works', async () => {
    const child = spawn(process.execPath, [MAIN, 'sandbox', '--listen', '127.0.0.1:0'], { cwd: empty })
    children.push(child)
    const output = await read(child, /Ctrl-C/)
    const accounts = /sandbox-slack: .*\n.*sandbox-discord: .*/.exec(output)?.[0] ?? ''
    const slackChannel = /(C\w+)\s+#incidents/.exec(output)?.[1] ?? ''
    const discordChannel = /(\d{17,20})\s+#incidents/.exec(output)?.[1] ?? ''
    const file = join(empty, 'printed.yaml')
    writeFileSync(
      file,
      `flashduty: { secrets: ["0123456789abcdef"] }
accounts:
    ${accounts}
destinations:
  a: { account: sandbox-slack, channel: ${slackChannel} }
  b: { account: sandbox-discord, channel: "${discordChannel}" }
routes: [{ name: all, to: [a, b] }]
`,
    )
    const { code, output: told } = await run(['check', '--config', file])
    child.kill('SIGTERM')
    expect([code, told]).toEqual([0, expect.stringContaining('sandbox-discord')])
  })
})

async function startSandbox(): Promise<{ output: string; url: string }> {
  const port = 20_000 + (Math.floor(performance.timeOrigin + performance.now()) % 20_000)
  const child = spawn(process.execPath, [MAIN, 'start', '--listen', `127.0.0.1:${port}`], { cwd: empty })
  children.push(child)
  return { output: await read(child, /Ctrl-C/), url: `http://127.0.0.1:${port}` }
}

function read(child: ReturnType<typeof spawn>, until: RegExp): Promise<string> {
  let output = ''
  return new Promise((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      output += chunk.toString()
      if (until.test(output)) resolve(output)
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    child.on('exit', (code) => reject(new Error(`ended with ${code}: ${output}`)))
  })
}

async function cards(url: string, title: string): Promise<{ slack: number; discord: number }> {
  const state = (await (await fetch(`${url}/sandbox/state`)).json()) as Record<
    'slack' | 'discord',
    { channels: { messages: unknown[] }[] }
  >
  const count = ({ channels }: (typeof state)['slack']): number =>
    channels.flatMap(({ messages }) => messages).filter((message) => JSON.stringify(message).includes(title)).length
  return { slack: count(state.slack), discord: count(state.discord) }
}
