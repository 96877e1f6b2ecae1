import type { TestProject } from 'vitest/node'
import { createPostgres } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run, at its database `postgres`. */
    readonly postgres: string
  }
}

/** One server for the whole run. It is started beside the tests: whoever needs it waits until it answers. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await createPostgres()
  project.provide('postgres', server.url('postgres'))
  const starting = server.start()
  // Told by the tests that need it, which find nobody there; the others go on.
  starting.catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
  return async () => {
    await starting.catch(() => {})
    await server.remove()
  }
}
