/** Somebody an incident is given to: Slack knows the address, Discord's id is in the relay's configuration. */
export interface OnCall {
  readonly name: string
  readonly email: string
  readonly slack: string
  readonly discord: string
}

/** They live in the sandbox: src/sandbox/slack/world.ts, src/sandbox/discord/world.ts. */
export const PEOPLE: readonly OnCall[] = [
  { name: 'Ann Lee', email: 'ann@example.com', slack: 'U0ANNLEE01', discord: '1100000000000000011' },
  { name: 'Ben Ortiz', email: 'ben@example.com', slack: 'U0BENORT02', discord: '1100000000000000012' },
  { name: '陈伟', email: 'chen@example.com', slack: 'U0CHENWE03', discord: '1100000000000000013' },
]

/** As the source lists who an incident is given to. */
export function toResponder({ name, email }: OnCall, at: number): object {
  return { person_id: at + 11, person_name: name, email, assigned_at: 0, acknowledged_at: 0 }
}

/** Where the configuration says who is who, for a platform that cannot be asked. */
export function toPeopleYaml(): string {
  return PEOPLE.map(({ email, discord }) => `  ${email}: { discord: "${discord}" }`).join('\n')
}
