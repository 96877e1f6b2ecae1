import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { loadConfig, type LoadedConfig } from '../../../src/config/load.ts'
import { formatProblem } from '../../../src/config/problem.ts'
import type { Config } from '../../../src/config/schema.ts'

export const ENV = {
  FLASHDUTY_SECRET: 'canary-webhook-secret-1',
  SLACK_BOT_TOKEN: 'xoxb-canary-slack-2',
  DISCORD_BOT_TOKEN: 'canary-discord-3',
}

/** A configuration that is right, in six lines. */
export const SMALL = `flashduty: { secrets: "\${FLASHDUTY_SECRET}" }
accounts: { slack: { platform: slack, token: "\${SLACK_BOT_TOKEN}" }, discord: { platform: discord, token: "\${DISCORD_BOT_TOKEN}" } }
destinations:
  sre: { account: slack, channel: C0123456789 }
  ops: { account: discord, channel: 112233445566778899 }
routes: [{ name: all, to: [sre, ops] }]
`

/** A folder that is gone after the test file. */
export const folder = mkdtempSync(join(tmpdir(), 'relay-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

export function load(yaml: string | Uint8Array, env: Readonly<Record<string, string>> = ENV): LoadedConfig {
  const file = join(folder, 'config.yaml')
  writeFileSync(file, yaml)
  return loadConfig(file, { env })
}

/** What a person reads, without the folder's name. */
export function said(loaded: LoadedConfig): readonly string[] {
  const list = 'problems' in loaded ? loaded.problems : loaded.warnings
  return list.map((problem) => formatProblem(problem).replace(`${folder}/`, ''))
}

export function valid(yaml: string, env?: Readonly<Record<string, string>>): Config {
  const loaded = load(yaml, env)
  if ('problems' in loaded) throw new Error(said(loaded).join('\n'))
  return loaded.config
}
