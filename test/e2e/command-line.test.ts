import { execFile, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { EXIT } from '../../src/cli/exit.ts'
import { createWorld, MAIN, run, toPush } from './relay.ts'

// Every command is a process of its own.
vi.setConfig({ testTimeout: 120_000 })

const NODE = process.execPath

interface Help {
  readonly command: string
  readonly text: string
}

/** The help of a command and of all below it, as a person would walk through them. */
async function walk(path: readonly string[] = []): Promise<readonly Help[]> {
  const { output, code } = await run([...path, '--help'])
  expect(code).toBe(0)
  const listed = output.split(/^Commands:\n/m)[1]?.split(/^\S/m)[0] ?? ''
  const names = [...listed.matchAll(/^ {2}([a-z][\w-]*)/gm)]
    .map(([, name]) => name ?? '')
    .filter((name) => name !== 'help')
  const below: Help[] = []
  for (const name of names) below.push(...(await walk([...path, name])))
  return [{ command: path.join(' '), text: output }, ...below]
}

describe('--help', () => {
  it('of every command says what it does, shows how it is typed, tells the exit codes, and has each option once', async () => {
    const helps = await walk()
    const commands = helps.map(({ command }) => command)
    expect(commands).toEqual(
      expect.arrayContaining([
        '',
        'start',
        'check',
        'sandbox',
        'deliveries retry',
        'quarantine show',
        'replay',
        'export',
        'render',
        'trigger',
        'drill',
        'migrate',
      ]),
    )
    for (const { command, text } of helps) {
      const [usage = '', description = ''] = text.split('\n\n')
      expect(usage, command).toContain(`Usage: incident-relay${command === '' ? '' : ` ${command}`}`)
      expect(description, command).toMatch(/^(?!Options:)\S+ \S+/)
      expect(text, command).toMatch(/^Examples?:\n {2}npm run relay -- \S/m)
      const examples = text.split(/^Examples?:\n/m)[1]?.split('\n\n')[0] ?? ''
      if (command !== '') expect(examples, command).toContain(`npm run relay -- ${command}`)
      for (const code of Object.values(EXIT))
        expect(text, command).toMatch(new RegExp(`(Exit codes: |· |^ {2})${code} `, 'm'))
      const flags = [...text.matchAll(/^ {2}(?:(-\w), )?(--[\w-]+)/gm)].flatMap(([, short, long]) => [short, long])
      const named = flags.filter((flag) => flag !== undefined)
      expect(named, command).toEqual([...new Set(named)])
      for (const line of text.split('\n').filter((one) => !one.includes('npm run relay --'))) {
        expect(line.length, `${command}: ${line}`).toBeLessThanOrEqual(82)
      }
    }
  })
})

describe('a slip of the keyboard', () => {
  it.each([
    [['rendr', 'i_ack'], 'Did you mean render?'],
    [['deliveries', 'lits'], 'Did you mean deliveries list?'],
    [['render', '--languge', 'en'], 'Did you mean --language?'],
    [['render', 'i_akc'], 'did you mean "i_ack"?'],
    [['render', 'i_ack', '--platform', 'slak'], 'did you mean "slack"?'],
    [['render', 'relay_strom_board'], 'did you mean "relay_storm_board"?'],
    [['trigger', 'i_rslvd', '--dry-run'], 'did you mean "i_rslv"?'],
    [['trigger', 'i_new', '--dry-run', '--set', 'lables.env=x'], 'did you mean "labels"?'],
    [['drill', '--severity', 'critical'], 'did you mean "Critical"?'],
    [['drill', '--pace', '3'], 'with its unit'],
  ])('%j is answered with what was meant', async (args, hint) => {
    expect(await run(args)).toEqual({ code: EXIT.usage, output: expect.stringContaining(hint) })
  })

  it('in a type of one’s own is none with --any-type', async () => {
    const { code, output } = await run(['trigger', 'i_rslvd', '--dry-run', '--any-type'])
    expect([code, JSON.parse(output)]).toEqual([0, expect.objectContaining({ event_type: 'i_rslvd' })])
  })
})

describe('output', () => {
  it('has colours where they are asked for, and none in a pipe or with NO_COLOR', async () => {
    const colours = async (env: Record<string, string>) =>
      (
        await promisify(execFile)(NODE, [MAIN, 'render', 'i_ack'], { env: { ...withoutColour(), ...env } })
      ).stdout.includes('\u001b[')
    expect([await colours({}), await colours({ FORCE_COLOR: '1' }), await colours({ NO_COLOR: '1' })]).toEqual([
      false,
      true,
      false,
    ])
  })

  it('ends quietly when nobody reads it any more', async () => {
    const world = await createWorld()
    const config = world.configure()
    const relay = await world.start()
    const push = toPush('i_new')
    const long = 'x'.repeat(50_000)
    for (let index = 0; index < 40; index++) {
      await relay.push({ ...push, event_id: `many-${index}`, incident: { ...push.incident, description: long } })
    }
    for (const args of [
      ['export', '--since', '2020-01-01', '--config', config],
      ['render', '--all', '--json'],
    ]) {
      expect(await readOneLine(args)).toEqual({ code: 0, complaints: '' })
    }
  })

  it('of a file that is no event says so', async () => {
    const world = await createWorld()
    const file = join(world.folder, 'event.json')
    writeFileSync(file, '{"event_type":"i_new"}')
    expect(await run(['render', file])).toEqual({ code: 1, output: expect.stringContaining('holds what is no event') })
    expect(await run(['render', join(world.folder, 'gone.json')])).toMatchObject({
      code: 1,
      output: expect.stringContaining('gone.json'),
    })
  })
})

/** Read as much as comes first, then close the pipe, as `| head` does. */
function readOneLine(args: readonly string[]): Promise<{ code: number | null; complaints: string }> {
  const child = spawn(NODE, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  child.stdout.once('data', () => child.stdout.destroy())
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, complaints })))
}

function withoutColour(): NodeJS.ProcessEnv {
  const { NO_COLOR: _no, FORCE_COLOR: _force, ...env } = process.env
  return env
}
