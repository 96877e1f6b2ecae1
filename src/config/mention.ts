import * as v from 'valibot'
import { anyText, DISCORD_ID, SLACK_USER } from './scalar.ts'
import { GOT } from './shape.ts'

const SLACK_GROUP = /^S[A-Z0-9]{2,}$/
const DISCORD_ROLE = /^role:(\d{17,20})$/

/**
 * An id of the configuration as the rest of the relay knows it (`here`, a user's
 * id, or `group:` and the id of a group or role), or undefined if it is none:
 *
 * - `here`                 whoever is in the channel now, on every platform.
 * - `U0123ABCD`            a Slack member; `S0123ABCD` a Slack user group.
 * - `112233445566778899`   a Discord user; `role:112233445566778899` a Discord role.
 *
 * Slack's ids start with a letter and Discord's are digits, so each platform
 * knows its own and leaves the others alone.
 */
export function toMentionId(id: string): string | undefined {
  if (id === 'here' || SLACK_USER.test(id) || DISCORD_ID.test(id)) return id
  const group = SLACK_GROUP.test(id) ? id : DISCORD_ROLE.exec(id)?.[1]
  return group === undefined ? undefined : `group:${group}`
}

export const mentionId = v.pipe(
  anyText,
  v.rawTransform<string, string>(({ dataset, addIssue, NEVER }) => {
    const id = toMentionId(dataset.value)
    if (id !== undefined) return id
    addIssue({ message: `expected here, a Slack id (U…, S…) or a Discord id (digits, role:digits), got ${GOT}` })
    return NEVER
  }),
)
