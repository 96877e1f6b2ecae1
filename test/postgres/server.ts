import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { account, findBinaries } from './binaries.ts'

export const PASSWORD = 'canary-of-the-database-5f1c'

/** A Postgres of our own: on loopback, in a temporary folder, on a free port. */
export interface Server {
  /** Where a database of it is. */
  url(database: string): string
  /** Start it again after it was stopped or killed; resolves when it takes connections. */
  start(): Promise<void>
  /** `fast`: every session ends, what was committed is there. `kill`: as if the machine had gone. */
  stop(how: 'fast' | 'kill'): Promise<void>
  /** End it for good and remove its folder. */
  remove(): Promise<void>
}

/** Make a server, not started yet, with its data somewhere in `root`. `settings` are written as in postgresql.conf. */
export async function createPostgres(settings: readonly string[] = ['fsync=off'], root = tmpdir()): Promise<Server> {
  const folder = mkdtempSync(join(root, 'relay-postgres-'))
  chmodSync(folder, 0o755)
  const port = await freePort()
  const data = join(folder, 'data')
  mkdirSync(data)
  if (account.uid !== undefined) chownSync(data, account.uid, account.gid ?? account.uid)
  let running: ChildProcess | undefined
  let bin: string | undefined

  function initialise(): string {
    const found = findBinaries(folder)
    const passwords = join(folder, 'password')
    writeFileSync(passwords, PASSWORD)
    const options = ['-D', data, '-U', 'relay', '-A', 'scram-sha-256', '--pwfile', passwords]
    const made = spawnSync(join(found, 'initdb'), [...options, '-E', 'UTF8', '--locale=C', '--no-sync'], {
      ...account,
      cwd: data,
      encoding: 'utf8',
    })
    if (made.status !== 0) throw new Error(`initdb failed:\n${made.stdout}\n${made.stderr}`)
    return found
  }

  async function start(): Promise<void> {
    bin ??= initialise()
    const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', ...settings]
    const options = ['-D', data, '-p', String(port), ...all.flatMap((setting) => ['-c', setting])]
    const child = spawn(join(bin, 'postgres'), options, {
      ...account,
      cwd: data,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    running = child
    let said = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-10_000)
        if (said.includes('ready to accept connections')) resolve()
      })
      child.on('exit', (code) => reject(new Error(`Postgres ended with ${code}:\n${said}`)))
    })
  }

  async function stop(how: 'fast' | 'kill'): Promise<void> {
    const child = running
    running = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    await new Promise<void>((resolve) => {
      child.on('exit', () => resolve())
      // Immediate: no checkpoint, no goodbye. A KILL would leave its children behind.
      child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
    })
  }

  return {
    url: (database) => `postgres://relay:${PASSWORD}@127.0.0.1:${port}/${database}`,
    start,
    stop,
    async remove() {
      await stop('kill')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
