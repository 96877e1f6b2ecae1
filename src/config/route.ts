import * as v from 'valibot'
import { LOUDNESS, type MentionPolicy } from '../incident/attention.ts'
import { LANGUAGES } from '../incident/language.ts'
import type { Route } from '../incident/route.ts'
import { mentionId, toMentionId } from './mention.ts'
import { anyText, expectedOneOf, oneOf, text, textLike, yesNo } from './scalar.ts'
import { choose, listOf, mapOf, someOf, strict } from './shape.ts'

const loudness = oneOf(LOUDNESS)

const POLICIES = ['none', 'new_responders', 'responders'] as const

const mentionWord = v.pipe(
  anyText,
  v.rawTransform<string, MentionPolicy>(({ dataset: { value }, addIssue, NEVER }) => {
    const policy = POLICIES.find((word) => word === value)
    if (policy !== undefined) return policy
    const id = toMentionId(value)
    if (id !== undefined) return [id]
    addIssue({ message: expectedOneOf([...POLICIES, 'ids'], value) })
    return NEVER
  }),
)

const attention = choose(
  v.pipe(
    loudness,
    v.transform((word) => ({ loudness: word })),
  ),
  v.pipe(
    strict({
      show: v.exactOptional(loudness),
      mention: v.exactOptional(choose(mentionWord, v.array(mentionId))),
    }),
    v.transform(({ show, mention }) => ({
      ...(show !== undefined && { loudness: show }),
      ...(mention !== undefined && { mention }),
    })),
  ),
)

/** What route.ts of incident/ can match with: `*`, `?`, any case. Bounded, as every event is held against it. */
const pattern = v.pipe(text, v.maxLength(200, 'is longer than 200 characters'))

const match = strict({
  channel: v.exactOptional(someOf(pattern)),
  severity: v.exactOptional(someOf(pattern)),
  event_type: v.exactOptional(someOf(pattern)),
  labels: v.exactOptional(mapOf(someOf(pattern), anyName)),
  fields: v.exactOptional(mapOf(someOf(pattern), anyName)),
})

/** One route as written, turned into what events are held against. */
export const RouteSchema = v.pipe(
  strict({
    name: textLike(/^[^\p{Cc}]{1,64}$/u, 'a name of 1 to 64 characters on one line'),
    match: v.exactOptional(match, {}),
    to: someOf(text),
    continue: v.exactOptional(yesNo, false),
    attention: v.exactOptional(mapOf(attention), {}),
    mention: v.exactOptional(listOf(mentionId), []),
    language: v.exactOptional(oneOf(LANGUAGES)),
  }),
  v.transform(({ match: { event_type: eventType, ...others }, ...route }): Route => ({
    ...route,
    match: { ...others, ...(eventType !== undefined && { eventType }) },
  })),
)

/** Labels and fields are named by the source. */
function anyName(): undefined {
  return undefined
}
