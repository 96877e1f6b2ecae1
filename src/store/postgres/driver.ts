import type { Client, ClientConfig, Pool, types } from 'pg'
import { StoreError } from '../error.ts'

/** The part of the package we use. */
export interface Driver {
  readonly Client: typeof Client
  readonly Pool: typeof Pool
  readonly types: typeof types
}

/** Give the driver. Rejects with a {@link StoreError} that says what to do if it is not installed. */
export async function loadDriver(): Promise<Driver> {
  try {
    const { default: driver } = await import('pg')
    return driver
  } catch (error) {
    throw new StoreError(
      'unreadable',
      'store.postgres needs the package pg, which is not installed: run npm ci without --omit=optional',
      { cause: error },
    )
  }
}

const INT8 = 20
const BOOL = 16

/** How to reach the server that `url` names. */
export function toClientConfig(driver: Driver, url: string): ClientConfig {
  return {
    connectionString: url,
    application_name: 'incident-relay',
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') => {
        if (oid === INT8) return toExact
        if (oid === BOOL) return toNumber
        // The signature of the package names its formats one by one.
        return format === 'binary' ? driver.types.getTypeParser(oid, 'binary') : driver.types.getTypeParser(oid, 'text')
      },
    },
  }
}

/** All we keep are counts and ms, which a double holds to the last digit; what it does not hold is not ours. */
function toExact(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new StoreError('bug', `Postgres gave ${text}, which is no number we wrote`)
  return number
}

/** As SQLite says it. */
function toNumber(text: string): number {
  return text === 't' ? 1 : 0
}
