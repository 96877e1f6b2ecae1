import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

/** The server of this run takes so long to start on a busy machine. */
const START_WITHIN_MS = 60_000

/** Make an empty database on the server of this run, and give its URL. */
export async function createDatabase(): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`
  const url = new URL(inject('postgres'))
  await query(url.href, `CREATE DATABASE ${name} TEMPLATE template0`)
  url.pathname = `/${name}`
  return url.href
}

/** Ask the server of this run something, once it is there. */
export async function query(url: string, sql: string, params: readonly unknown[] = []): Promise<readonly unknown[]> {
  const client = await connect(url)
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql, [...params])
    return rows
  } finally {
    await client.end()
  }
}

async function connect(url: string): Promise<pg.Client> {
  const untilMs = performance.now() + START_WITHIN_MS
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => {})
      if (performance.now() > untilMs) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
