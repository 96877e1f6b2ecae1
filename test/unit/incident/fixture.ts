import type { Event, Incident } from '../../../src/incident/incident.ts'

export const T = 1_760_000_000_000

export function incident(change: Partial<Incident> = {}): Incident {
  return {
    id: 'inc-1',
    title: 'checkout is slow',
    severity: 'Warning',
    status: 'Warning',
    progress: 'Triggered',
    labels: [],
    fields: [],
    responders: [],
    ...change,
  }
}

export function event(id: string, type: string, change: Partial<Incident> = {}): Event {
  return { id, type, incident: incident(change) }
}
