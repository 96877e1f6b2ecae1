import { DOCUMENTED_TYPES } from '../incident/attention.ts'
import { didYouMean, nearest } from '../nearest.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'

/**
 * Refuse an event type that looks like a slip of one that is known. The source has more types than it documents, so
 * any other name is taken as it is. Throws a {@link CliError}.
 */
export function checkEventType(
  type: string,
  { anyType, known = [] }: { anyType?: true; known?: readonly string[] },
): void {
  const types = [...DOCUMENTED_TYPES, ...known]
  if (anyType || types.includes(type)) return
  if (!/^[\w.:-]{1,64}$/.test(type)) {
    throw new CliError(EXIT.usage, [`${JSON.stringify(type)} is no event type: they look like i_new`])
  }
  if (nearest(type, types) === undefined) return
  throw new CliError(EXIT.usage, [
    `there is no event type "${type}"${didYouMean(type, types)} (--any-type takes it as it is)`,
  ])
}
