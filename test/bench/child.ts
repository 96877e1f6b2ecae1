import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A process of the benchmark. */
export interface Child {
  readonly pid: number
  /** Send a message and give the next one that comes back. */
  ask(message: unknown): Promise<unknown>
  stop(): Promise<void>
}

export interface Listening extends Child {
  readonly port: number
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Run one of our own files in a process of its own. Resolves with its first message. */
export async function startChild(name: string, ...args: readonly string[]): Promise<Child & { first: unknown }> {
  const child = fork(fileURLToPath(new URL(`./${name}.js`, import.meta.url)), args)
  const first = await answerOf(child)
  const ask = (message: unknown): Promise<unknown> => {
    const answer = answerOf(child)
    child.send(message as string)
    return answer
  }
  return { ...keep(child), ask, first }
}

/** A server file of ours, once it says its port. */
export async function startServer(name: string, ...args: readonly string[]): Promise<Listening> {
  const child = await startChild(name, ...args)
  return { ...child, port: Number(child.first) }
}

export interface Started {
  readonly child: Child
  readonly spawnedAtMs: number
  /** All it printed until `pattern` matched. */
  readonly match: RegExpExecArray
}

/** Run the relay as a user does, until its output matches. */
export async function startRelayProcess(args: readonly string[], cwd: string, pattern: RegExp): Promise<Started> {
  const spawnedAtMs = performance.now()
  const child = spawn(process.execPath, [...FLAGS, MAIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const match = await new Promise<RegExpExecArray>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      if (output.length < 1e6) output += chunk.toString()
      const found = pattern.exec(output)
      if (found === null) return
      // From here on nobody reads what it says, but somebody must empty the pipe.
      child.stdout.off('data', read).resume()
      resolve(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('exit', (code) => reject(new Error(`the relay ended with ${code}:\n${output}`)))
  })
  const ask = (): Promise<never> => Promise.reject(new Error('the relay takes no messages'))
  return { child: { ...keep(child), ask }, spawnedAtMs, match }
}

const MAIN = `${process.cwd()}/dist/main.js`
/** What `npm start` gives to Node. */
const FLAGS = (
  JSON.parse(readFileSync('package.json', 'utf8')) as { readonly scripts: { readonly start: string } }
).scripts.start
  .split(' ')
  .filter((word) => word.startsWith('--'))

function keep(child: ChildProcess): Pick<Child, 'pid' | 'stop'> {
  running.add(child)
  return {
    pid: child.pid ?? 0,
    async stop() {
      running.delete(child)
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const end = (code: number | null): void => reject(new Error(`a process of the benchmark ended with ${code}`))
    child.once('exit', end)
    child.once('message', (message) => {
      child.off('exit', end)
      resolve(message)
    })
  })
}
