import { matchesPattern } from '../incident/pattern.ts'
import type { Route, RouteMatch } from '../incident/route.ts'

/**
 * Whether `earlier` takes every event that `later`, after it, would. Sure of a
 * yes, though it does not see every one: two earlier routes may do it together.
 */
export function hides(earlier: Route, later: Route): boolean {
  return !earlier.continue && covers(earlier.match, later.match)
}

function covers(wide: RouteMatch, narrow: RouteMatch): boolean {
  return (
    coversList(wide.channel, narrow.channel) &&
    coversList(wide.severity, narrow.severity) &&
    coversList(wide.eventType, narrow.eventType) &&
    coversNamed(wide.labels, narrow.labels) &&
    coversNamed(wide.fields, narrow.fields)
  )
}

function coversNamed(wide: RouteMatch['labels'] = {}, narrow: RouteMatch['labels'] = {}): boolean {
  return Object.entries(wide).every(([name, patterns]) =>
    coversList(patterns, Object.hasOwn(narrow, name) ? narrow[name] : undefined),
  )
}

function coversList(wide: readonly string[] | undefined, narrow: readonly string[] | undefined): boolean {
  if (wide === undefined) return true
  return narrow?.every((pattern) => wide.some((other) => coversPattern(other, pattern))) ?? false
}

/** Held against a pattern as if that were a text, `*` takes its `*` and `?`, but `?` may not take a `*`. */
function coversPattern(wide: string, narrow: string): boolean {
  if (wide.includes('?') && narrow.includes('*')) return wide.toLowerCase() === narrow.toLowerCase()
  return matchesPattern(wide, narrow)
}
