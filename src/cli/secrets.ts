import type { Config } from '../config/schema.ts'

/** Everything in a configuration that must never be said. */
export function secretsOf({ flashduty, accounts, store }: Config): readonly string[] {
  const tokens = Object.values(accounts).map(({ token }) => token)
  return [...flashduty.secrets, ...tokens, ...('postgres' in store ? urlSecrets(store.postgres) : [])]
}

/** Errors tell of a password as it is, and of a URL as it was written. */
function urlSecrets(url: string): readonly string[] {
  const { password } = new URL(url)
  return [url, password, decodeURIComponent(password)].filter((secret) => secret !== '')
}
