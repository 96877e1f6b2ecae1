import type { Config } from '../config/schema.ts'

/** Everything in a configuration that must never be said. */
export function secretsOf({ flashduty, accounts }: Config): readonly string[] {
  return [...flashduty.secrets, ...Object.values(accounts).map(({ token }) => token)]
}
