import type { MentionPolicy } from '../incident/attention.ts'
import type { Changes } from '../incident/changes.ts'
import type { Incident, Person } from '../incident/incident.ts'
import type { Mentioned } from '../message/message.ts'

/**
 * Whom a post calls. People come from the incident's responders, ids from the
 * configuration only: `here`, `group:ID`, or a user's ID.
 */
export function toMentioned(policy: MentionPolicy, incident: Incident, changes: Changes): readonly Mentioned[] {
  if (typeof policy !== 'string') return policy.map(configured)
  switch (policy) {
    case 'none':
      return []
    case 'responders':
      return incident.responders.map(person)
    case 'new_responders':
      return (changes.joined ?? []).map(person)
  }
}

function person({ name, email }: Person): Mentioned {
  return { kind: 'person', name, ...(email !== undefined && { email }) }
}

function configured(id: string): Mentioned {
  if (id === 'here') return { kind: 'here' }
  return id.startsWith('group:') ? { kind: 'group', id: id.slice('group:'.length) } : { kind: 'user', id }
}
