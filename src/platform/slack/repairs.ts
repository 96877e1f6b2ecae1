/** Who is to be repaired, as far as it is known. */
export interface Broken {
  /** The bot's name in Slack, without the @. */
  readonly bot: string
  /** The scope that is missing, if Slack named it. */
  readonly needed?: string
}

type Repair = (broken: Broken) => string

const newToken: Repair = () =>
  'copy the Bot User OAuth Token (xoxb-…) from "OAuth & Permissions" of the app at https://api.slack.com/apps into the configuration or its .env'
const invite: Repair = ({ bot }) => `type /invite @${bot} in the channel`
const askAdmin: Repair = () =>
  "have a workspace admin allow the app there: Slack's settings for the channel or for apps forbid it"
const anotherTime: Repair = () => 'try again in a few minutes'

/** The sentence that repairs what an error string of Slack tells. */
const REPAIRS: Readonly<Record<string, Repair>> = {
  invalid_auth: newToken,
  not_authed: newToken,
  token_revoked: newToken,
  token_expired: newToken,
  account_inactive: (broken) => `reinstall the app to the workspace, then ${newToken(broken)}`,
  not_allowed_token_type: newToken,
  missing_scope: ({ needed = 'the scope' }) => addScope(needed),
  not_in_channel: (broken) =>
    `${invite(broken)}; if the channel is archived, unarchive it first: that takes bots out of it`,
  channel_not_found: (broken) =>
    `compare the id with the last line of the channel's details in Slack; if it is a private channel, ${invite(broken)}`,
  is_archived: (broken) => `unarchive the channel, then ${invite(broken)}: archiving takes bots out of it`,
  is_inactive: (broken) => `unarchive the channel, then ${invite(broken)}: archiving takes bots out of it`,
  restricted_action: askAdmin,
  restricted_action_read_only_channel: askAdmin,
  restricted_action_thread_only_channel: askAdmin,
  restricted_action_non_threadable_channel: askAdmin,
  no_permission: askAdmin,
  access_denied: askAdmin,
  app_access_restricted: askAdmin,
  ekm_access_denied: askAdmin,
  team_access_not_granted: askAdmin,
  ratelimited: anotherTime,
  internal_error: anotherTime,
  service_unavailable: anotherTime,
}

export function repairOf(error: string, broken: Broken): string | undefined {
  return Object.hasOwn(REPAIRS, error) ? REPAIRS[error]?.(broken) : undefined
}

export function addScope(scope: string): string {
  return `add ${scope} under "OAuth & Permissions" of the app at https://api.slack.com/apps and reinstall the app`
}
