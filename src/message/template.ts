import { SNOOZE_ENDED } from '../incident/attention.ts'
import { isBoard } from '../incident/board.ts'
import type { Language } from '../incident/language.ts'
import type { Engine } from './liquid.ts'
import type { Message } from './message.ts'
import { toMinimalCard, toMinimalReply } from './minimal.ts'
import { toBoardIncident, toBoardView, toCardView, toReplyView } from './present.ts'
import { renderTree } from './render.ts'
import type { Tree } from './tree.ts'
import type { BoardView, CardInput, CardView, ReplyInput, ReplyView } from './view.ts'
import type { Vocabulary } from './words.ts'

/** Everything the relay can say, in each of its languages. Never throws: something is always said. */
export interface Templates {
  card(input: CardInput): Rendered
  reply(input: ReplyInput): Rendered
}

/** A message whose `mentions` are left to the caller. */
export interface Rendered {
  readonly message: Message
  /** The template that should have spoken failed on this incident, so a plainer one spoke. */
  readonly fellBack?: { readonly template: string; readonly error: string }
}

export interface Template {
  /** Its path inside the folder: `events/i_ack.yaml`, `zh/card.yaml`. */
  readonly name: string
  readonly tree: Tree
}

/** The templates of one language in one folder, read and checked. */
export interface TemplateSet {
  readonly card: Template
  /** The card of the relay's own storm boards. */
  readonly board: Template
  /** By the name of the file without `.yaml`: an event type, or one of the two names that start with `_`. */
  readonly events: ReadonlyMap<string, Template>
  readonly vocabulary: Vocabulary
}

/** The template of every event type that has none of its own. */
export const DEFAULT_EVENT = '_default'
/** The template of our own timer's event. */
export const SNOOZE_ENDED_EVENT = '_snooze_ended'

/** Templates that speak the language they are asked for; `fallback`'s, where none is asked for, or it has none. */
export function inLanguages(of: (language: Language) => Templates | undefined, fallback: Templates): Templates {
  const inThatOf = ({ language }: CardInput | ReplyInput): Templates => (language && of(language)) ?? fallback
  return { card: (input) => inThatOf(input).card(input), reply: (input) => inThatOf(input).reply(input) }
}

/**
 * The compiled set of one language. What `overlay` has takes the place of what `builtin` has,
 * whole; where it fails on an incident, `builtin` speaks, and where that fails
 * too, a few words that need no template.
 */
export function createTemplates(builtin: TemplateSet, overlay: Partial<TemplateSet>, engine: Engine): Templates {
  const vocabulary = overlay.vocabulary ?? builtin.vocabulary
  return {
    card: (input) =>
      isBoard(input.incident)
        ? speak<BoardView>([overlay.board, builtin.board], engine, {
            view: () => toBoardView(input, vocabulary),
            minimal: () =>
              toMinimalCard({ ...input, incident: toBoardIncident(input.incident, vocabulary) }, vocabulary),
          })
        : speak<CardView>([overlay.card, builtin.card], engine, {
            view: () => toCardView(input, vocabulary),
            minimal: () => toMinimalCard(input, vocabulary),
          }),
    reply: (input) =>
      speak<ReplyView>(candidates(input.event.type, builtin.events, overlay.events ?? new Map()), engine, {
        view: () => toReplyView(input, vocabulary),
        minimal: () => toMinimalReply(input, vocabulary),
      }),
  }
}

interface Speech<View> {
  readonly view: () => View
  /** Never throws. */
  readonly minimal: () => Message
}

function speak<View extends CardView | ReplyView>(
  templates: readonly (Template | undefined)[],
  engine: Engine,
  { view, minimal }: Speech<View>,
): Rendered {
  let fellBack: Rendered['fellBack']
  for (const template of templates) {
    if (template === undefined) continue
    try {
      const message = renderTree(template.tree, engine, view())
      return fellBack === undefined ? { message } : { message, fellBack }
    } catch (error) {
      fellBack ??= { template: template.name, error: error instanceof Error ? error.message : String(error) }
    }
  }
  return fellBack === undefined ? { message: minimal() } : { message: minimal(), fellBack }
}

type Events = TemplateSet['events']

/** Whose turn it is, first to last. An event type is only ever looked up in a map. */
function candidates(eventType: string, builtin: Events, overlay: Events): readonly (Template | undefined)[] {
  const name = eventType === SNOOZE_ENDED ? SNOOZE_ENDED_EVENT : eventType
  const ours = builtin.get(name) ?? builtin.get(DEFAULT_EVENT)
  const own = overlay.get(name) ?? (builtin.has(name) ? undefined : overlay.get(DEFAULT_EVENT))
  return [own, ours]
}
