/**
 * What an error string of Slack means for the call that got it.
 *
 * - `rate_limited`  nothing was done; wait as long as Slack says.
 * - `quota`         the workspace sends too much; nothing was done; wait for minutes.
 * - `failed`        Slack broke; part of the call may have been carried out.
 * - `later`         nothing was done; the workspace is being moved or walled off. Wait for minutes.
 * - `channel`       the channel cannot be used by this app as things are.
 * - `token`         the account cannot be used by this app as things are.
 * - `thread`        replies are not wanted in this thread, the card is fine.
 * - `lost`          the message to act on does not exist, or is not ours.
 * - `used`          the create's id was used before, and its message was removed.
 * - `frozen`        the message can no longer be edited.
 * - `refused`       this rendering is not accepted.
 * - `metadata`      this rendering is fine, the metadata sent along is not.
 * - `rescan`        a look-up has to start again.
 * - `bug`           the request makes no sense.
 */
export type Reaction =
  | 'rate_limited'
  | 'quota'
  | 'failed'
  | 'later'
  | 'channel'
  | 'token'
  | 'thread'
  | 'lost'
  | 'used'
  | 'frozen'
  | 'refused'
  | 'metadata'
  | 'rescan'
  | 'bug'

/**
 * Slack's error strings by what they mean, of the methods this relay calls and of those near them.
 * @see https://docs.slack.dev/reference/methods/chat.postMessage#errors (as of 2026-11), likewise chat.update,
 * chat.delete, conversations.history, conversations.replies and auth.test
 */
const STRINGS: readonly (readonly [Reaction, readonly string[]])[] = [
  ['rate_limited', ['ratelimited', 'rate_limited']],
  ['quota', ['message_limit_exceeded']],
  [
    'failed',
    [
      'internal_error',
      'fatal_error',
      'service_unavailable',
      'request_timeout',
      'update_failed',
      'streaming_state_conflict',
    ],
  ],
  ['later', ['team_added_to_org', 'org_login_required', 'external_channel_migrating', 'accesslimited']],
  [
    'channel',
    [
      'not_in_channel',
      'channel_not_found',
      'is_archived',
      'is_inactive',
      'restricted_action',
      'restricted_action_read_only_channel',
      'restricted_action_thread_only_channel',
      'ekm_access_denied',
      'messages_tab_disabled',
      'no_permission',
      'access_denied',
      'app_access_restricted',
    ],
  ],
  [
    'token',
    [
      'invalid_auth',
      'not_authed',
      'token_revoked',
      'token_expired',
      'account_inactive',
      'not_allowed_token_type',
      'two_factor_setup_required',
      'team_access_not_granted',
      'enterprise_is_restricted',
      'missing_scope',
    ],
  ],
  ['thread', ['restricted_action_thread_locked', 'thread_locked', 'restricted_action_non_threadable_channel']],
  [
    'lost',
    ['message_not_found', 'cant_update_message', 'cant_delete_message', 'thread_not_found', 'cannot_reply_to_message'],
  ],
  ['used', ['duplicate_message_not_found', 'duplicate_channel_not_found']],
  ['frozen', ['edit_window_closed']],
  [
    'refused',
    [
      'msg_too_long',
      'msg_blocks_too_long',
      'invalid_blocks',
      'invalid_blocks_format',
      'invalid_attachments',
      'too_many_attachments',
      'attachment_payload_limit_exceeded',
      'markdown_text_conflict',
      'block_mismatch',
      'no_text',
    ],
  ],
  [
    'metadata',
    ['metadata_too_large', 'invalid_metadata_format', 'invalid_metadata_schema', 'metadata_must_be_sent_from_app'],
  ],
  ['rescan', ['invalid_cursor', 'invalid_ts_oldest', 'invalid_ts_latest']],
  [
    'bug',
    [
      'invalid_arguments',
      'invalid_arg_name',
      'invalid_array_arg',
      'invalid_charset',
      'invalid_form_data',
      'invalid_post_type',
      'missing_post_type',
      'unknown_method',
      'method_deprecated',
      'deprecated_endpoint',
      'team_not_found',
      // Of methods that are not called here: reactions, pins and look-ups of people.
      'already_reacted',
      'no_reaction',
      'already_pinned',
      'too_many_reactions',
      'too_many_emoji',
      'not_reactable',
      'invalid_name',
      'users_not_found',
      'user_not_found',
      'user_not_visible',
    ],
  ],
]

/** The meaning of every error string known, by the string. */
export const REACTIONS: ReadonlyMap<string, Reaction> = new Map(
  STRINGS.flatMap(([reaction, strings]) => strings.map((text) => [text, reaction])),
)
