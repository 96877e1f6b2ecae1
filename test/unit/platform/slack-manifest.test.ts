import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { MANIFEST, NEEDED_SCOPES, OPTIONAL_SCOPES, toManifestUrl } from '../../../src/platform/slack/manifest.ts'

it('the link to create the Slack app carries the manifest of the README', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const url = new URL(toManifestUrl(MANIFEST))
  expect(url.origin + url.pathname).toBe('https://api.slack.com/apps')
  expect(url.searchParams.get('new_app')).toBe('1')
  const manifest: unknown = parse(url.searchParams.get('manifest_yaml') ?? '')
  expect(manifest).toEqual(parse(/```yaml\n(\s*display_information[\s\S]*?)```/.exec(readme)?.[1] ?? ''))
  const optional = Object.keys(OPTIONAL_SCOPES)
  const scopes = { bot: [...Object.keys(NEEDED_SCOPES), ...optional], bot_optional: optional }
  expect(manifest).toMatchObject({ oauth_config: { scopes } })
})
