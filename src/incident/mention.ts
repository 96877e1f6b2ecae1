import type { Mentioned } from '../message/message.ts'
import type { MentionPolicy } from './attention.ts'
import type { Changes } from './changes.ts'
import type { Incident, Person } from './incident.ts'

/**
 * Whom an event calls. People come from the incident's responders, ids from the
 * configuration only. Without changes, as for the first event of an incident, all its
 * responders are new.
 */
export function toMentioned(
  policy: MentionPolicy,
  incident: Incident,
  changes: Changes | undefined,
): readonly Mentioned[] {
  if (typeof policy !== 'string') return policy.map(toConfigured)
  switch (policy) {
    case 'none':
      return []
    case 'responders':
      return incident.responders.map(person)
    case 'new_responders':
      return (changes === undefined ? incident.responders : (changes.joined ?? [])).map(person)
  }
}

/** An id of the configuration: `here`, `group:ID`, or a user's ID. */
export function toConfigured(id: string): Mentioned {
  if (id === 'here') return { kind: 'here' }
  return id.startsWith('group:') ? { kind: 'group', id: id.slice('group:'.length) } : { kind: 'user', id }
}

function person({ name, email }: Person): Mentioned {
  return { kind: 'person', name, ...(email !== undefined && { email }) }
}
