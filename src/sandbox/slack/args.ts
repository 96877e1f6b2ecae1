import { refuse } from './reply.ts'
import type { Refusal } from './reply.ts'

/** The arguments of a call. From a form every value is a string, from JSON anything. */
export type Args = ReadonlyMap<string, unknown>

/** Read the body of a call: a form or JSON, as the content type says. */
export function toArgs(contentType: string, body: string): Args | Refusal {
  const type = contentType.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/x-www-form-urlencoded' || body === '') return new Map(new URLSearchParams(body))
  if (type !== 'application/json') return refuse('invalid_post_type')
  const value = toJson(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('invalid_json')
  return new Map(Object.entries(value).filter(([, member]) => member !== null))
}

export function textArg(args: Args, name: string): string | undefined {
  const value = args.get(name)
  return typeof value === 'string' ? value : undefined
}

export function flagArg(args: Args, name: string): boolean {
  return ['true', '1', 1, true].some((yes) => args.get(name) === yes)
}

/** A whole number within bounds; the default if it is missing, undefined if it is none or out of bounds. */
export function countArg(args: Args, name: string, max: number, orElse: number): number | undefined {
  const value = Number(args.get(name) ?? orElse)
  return Number.isInteger(value) && value >= 1 && value <= max ? value : undefined
}

/** A structured argument: itself, or JSON in a string. Undefined is a value JSON does not have, so it means malformed. */
export function jsonArg(args: Args, name: string): unknown {
  const value = args.get(name)
  return typeof value === 'string' ? toJson(value) : value
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the caller knows the error word for what it was reading
  }
}
