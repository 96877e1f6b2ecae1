import { toPlainText, type RichText, type Span, type Style } from './message.ts'

const SPANS = Symbol('spans')

/** Formatted text on its way through a template: only filters make it, no value of an incident can be one. */
export interface Rich {
  readonly [SPANS]: RichText
}

export function toRich(spans: RichText): Rich {
  return { [SPANS]: spans }
}

export function isRich(value: unknown): value is Rich {
  return typeof value === 'object' && value !== null && SPANS in value
}

/**
 * What a template prints for a value: text as it is, an instant in the reader's
 * own time zone, nothing for what is absent. Throws for records and lists, which
 * the check at start refuses.
 */
export function toSpans(value: unknown): RichText {
  if (value === null || value === undefined || value === '' || value === false) return []
  if (isRich(value)) return value[SPANS]
  if (value instanceof Date) return [{ kind: 'time', atMs: value.getTime(), format: 'date_time' }]
  if (typeof value === 'string' || typeof value === 'number' || value === true)
    return [{ kind: 'text', text: String(value) }]
  throw new TypeError('only texts, numbers and times can be printed')
}

/** The words of a printable value. */
export function toWords(value: unknown): string {
  return toPlainText(toSpans(value))
}

/** `spans` with one more style on everything that has words. */
export function withStyle(spans: RichText, style: Style): RichText {
  return spans.map((span) =>
    span.kind === 'text' || span.kind === 'link' ? { ...span, style: { ...span.style, ...style } } : span,
  )
}

/** Neighbouring texts of one style as one span, no white space at either end, no empty spans. */
export function tidySpans(spans: RichText): RichText {
  const merged: Span[] = []
  for (const span of spans) {
    const last = merged.at(-1)
    if (span.kind === 'text' && last?.kind === 'text' && sameStyle(span.style, last.style)) {
      merged[merged.length - 1] = { ...last, text: last.text + span.text }
    } else merged.push(span)
  }
  return trimEnd(trimStart(merged))
}

function sameStyle(a: Style = {}, b: Style = {}): boolean {
  return a.bold === b.bold && a.italic === b.italic && a.code === b.code && a.strike === b.strike
}

function trimStart(spans: readonly Span[]): readonly Span[] {
  const [first, ...rest] = spans
  if (first?.kind !== 'text') return spans
  const text = first.text.trimStart()
  return text === '' ? trimStart(rest) : [{ ...first, text }, ...rest]
}

function trimEnd(spans: readonly Span[]): readonly Span[] {
  const last = spans.at(-1)
  if (last?.kind !== 'text') return spans
  const text = last.text.trimEnd()
  return text === '' ? trimEnd(spans.slice(0, -1)) : [...spans.slice(0, -1), { ...last, text }]
}
