import { check, type Fault, type Violation } from '../crash/check.ts'
import type { Destination } from '../crash/shown.ts'
import type { Story } from '../crash/story.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'

/** What cannot be made good by anything that comes later. */
const FINAL: ReadonlySet<Fault> = new Set(['doubled', 'out_of_order'])

/** What is wrong already while work is under way. */
export function checkEarly(sandbox: Sandbox, stories: readonly Story[]): readonly Violation[] {
  return check(sandbox, stories, () => undefined).filter(({ fault }) => FINAL.has(fault))
}

/**
 * What the promises say of a sandbox at rest.
 *
 * Several relays may get events of one incident at the same moment. Whichever is stored first is judged first, and an
 * older one that is judged after a newer one is skipped as late (`late_events: skip`): then it owes no line. Nothing else
 * is relaxed. What is told is told in the order of judging, which is then the order in which it happened; the card shows
 * the newest state, whoever brought it; and an event that was answered before the next of its incident was sent cannot be
 * late, unless its relay had to keep it until Postgres was back. `late` are the ids of those that the store says were
 * skipped: an event that is only missing is lost, whatever else came at the same moment.
 */
export function checkAtRest(
  sandbox: Sandbox,
  stories: readonly Story[],
  { mayBeLate, late }: { readonly mayBeLate: ReadonlySet<string>; readonly late: ReadonlySet<string> },
  expected: (story: Story, destination: Destination) => string | undefined,
): readonly Violation[] {
  const promised = stories.map((story) => ({
    ...story,
    told: story.told.map((told) =>
      mayBeLate.has(told.word) && late.has(told.id) ? { ...told, state: 'unsure' as const } : told,
    ),
  }))
  return check(sandbox, promised, (story, destination) => expected(story, destination))
}
