/** What the relay cannot work without, each with what it is for. */
export const NEEDED_SCOPES: Readonly<Record<string, string>> = {
  'chat:write': 'without it nothing can be posted',
  'channels:history': 'without it a message whose answer was lost in a public channel cannot be looked for',
  'groups:history': 'without it a message whose answer was lost in a private channel cannot be looked for',
}

/** What the relay does more with, each with what that is. */
export const OPTIONAL_SCOPES: Readonly<Record<string, string>> = {
  'users:read': 'users:read.email cannot be given without it',
  'users:read.email': 'with it (and users:read) responders are found by their e-mail address, without a people map',
}

/**
 * The manifest of the Slack app, with the least scopes; the optional ones can be refused.
 * @see https://docs.slack.dev/reference/app-manifest (as of 2026-11)
 */
export const MANIFEST = [
  'display_information:',
  '  name: Incident Relay',
  '  description: Posts Flashduty incidents',
  'features:',
  '  bot_user:',
  '    display_name: incident-relay',
  '    always_online: true',
  'oauth_config:',
  '  scopes:',
  '    bot:',
  ...Object.keys({ ...NEEDED_SCOPES, ...OPTIONAL_SCOPES }).map((scope) => `      - ${scope}`),
  // Whoever installs the app may refuse these; Slack wants them in both lists.
  '    bot_optional:',
  ...Object.keys(OPTIONAL_SCOPES).map((scope) => `      - ${scope}`),
  'settings:',
  '  org_deploy_enabled: false',
  '  socket_mode_enabled: false',
  '  token_rotation_enabled: false',
  '',
].join('\n')

/**
 * Opens Slack's "create an app" with the manifest filled in.
 * @see https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests (as of 2026-11)
 */
export function toManifestUrl(manifest: string): string {
  return `https://api.slack.com/apps?new_app=1&manifest_yaml=${encodeURIComponent(manifest)}`
}
