/**
 * A piece of text and what it means. A value that came from an incident can only
 * ever become `text`; everything else is made by a template's filters. Nothing
 * here is ever parsed again: each platform draws spans, it does not read them.
 */
export type Span =
  | { readonly kind: 'text'; readonly text: string; readonly style?: Style }
  | { readonly kind: 'link'; readonly text: string; readonly url: string; readonly style?: Style }
  | { readonly kind: 'time'; readonly atMs: number; readonly format: TimeFormat }
  | { readonly kind: 'mention'; readonly who: Mentioned }

export interface Style {
  readonly bold?: boolean
  readonly italic?: boolean
  readonly code?: boolean
  readonly strike?: boolean
}

/** How an instant is shown, always in the reader's own time zone. */
export type TimeFormat = 'date_time' | 'time' | 'relative'

/** Somebody to mention: known by e-mail (a person of the incident) or by a platform's own id (from the configuration). */
export type Mentioned =
  | { readonly kind: 'person'; readonly name: string; readonly email?: string }
  | { readonly kind: 'user' | 'group'; readonly id: string }
  | { readonly kind: 'here' }

/** Text in reading order. An empty list is no text at all. */
export type RichText = readonly Span[]

/** What the colour of a message says. Each platform picks the colour. */
export type Tone =
  'critical' | 'warning' | 'info' | 'processing' | 'snoozed' | 'recovered' | 'closed' | 'firing' | 'neutral'

export interface Field {
  readonly name: string
  readonly value: RichText
}

export interface Link {
  readonly label: string
  readonly url: string
  /** `primary` is the one a reader most likely wants. */
  readonly style?: 'primary'
}

/**
 * One message before any platform: a card or a reply. Empty parts are absent.
 * Order on screen: title, lines, fields, quote, links, footer.
 */
export interface Message {
  readonly tone: Tone
  /** Plain words for a phone's lock screen and for readers without formatting. Never empty. */
  readonly summary: string
  /** What such a message is called where its own words may not stand: `Incident`. */
  readonly noun?: string
  readonly title?: { readonly text: string; readonly url?: string }
  readonly lines: readonly RichText[]
  readonly fields: readonly Field[]
  /** A longer text of the incident (a description, an excerpt); may hold line breaks. */
  readonly quote?: string
  readonly links: readonly Link[]
  readonly footer?: RichText
  /** Whom to call, in the order of importance. Shown on creates only: an edit never mentions. */
  readonly mentions: readonly Mentioned[]
}

/** The words of `text` without any formatting, times as `2026-11-23 02:00 UTC`. */
export function toPlainText(text: RichText): string {
  return text.map(plainSpan).join('')
}

function plainSpan(span: Span): string {
  switch (span.kind) {
    case 'text':
    case 'link':
      return span.text
    case 'time':
      return `${new Date(span.atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    case 'mention':
      return span.who.kind === 'person' ? span.who.name : ''
  }
}
