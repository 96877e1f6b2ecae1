import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach } from 'vitest'

/** A file system of a few MiB, mounted in a namespace of its own: it goes with the process that holds it. */
export interface SmallDisk {
  /** The folder, as processes inside see it. */
  readonly inside: string
  /** The same folder, as this process sees it. */
  readonly outside: string
  /** Starts a command inside. */
  readonly through: readonly string[]
}

const holders: ChildProcess[] = []
afterEach(() => {
  for (const holder of holders.splice(0)) holder.kill('SIGKILL')
})

/**
 * Mount one at `folder`/disk. Throws, and says so, where neither root nor user
 * namespaces allow it: what was not tried must not look as if it had passed.
 */
export async function mountSmallDisk(folder: string, mebibytes: number): Promise<SmallDisk> {
  const inside = join(folder, 'disk')
  mkdirSync(inside)
  const isRoot = process.getuid?.() === 0
  const unshare = ['unshare', isRoot ? '--mount' : '--map-root-user', ...(isRoot ? [] : ['--mount'])]
  if (spawnSync(unshare[0] ?? '', [...unshare.slice(1), 'true']).status !== 0) {
    throw new Error('NOT TESTED: a small disk needs root or user namespaces (unshare --map-root-user --mount)')
  }
  const script = `mount -t tmpfs -o size=${mebibytes}m,mode=0700 none "$0" && echo mounted && exec cat`
  const holder = spawn(unshare[0] ?? '', [...unshare.slice(1), 'sh', '-c', script, inside], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  holders.push(holder)
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve())
    holder.once('exit', (code) => reject(new Error(`NOT TESTED: no tmpfs could be mounted (exit code ${code})`)))
  })
  const target = [`--target=${holder.pid}`, '--mount']
  const enter = isRoot ? ['nsenter', ...target] : ['nsenter', '--user', '--preserve-credentials', ...target]
  return { inside, outside: `/proc/${holder.pid}/root${inside}`, through: [...enter, '--wd=.', '--'] }
}
