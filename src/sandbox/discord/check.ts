import { inside, isRecord, refuseField, type Field } from './form.ts'

/**
 * A text, without the blanks around it. Undefined if it is absent, empty or
 * refused. Characters are UTF-16 units, the strictest way to count them.
 */
export function text(field: Field, rule: { max: number; min?: number; required?: boolean }): string | undefined {
  if (field.value === undefined) return rule.required === true ? missing(field) : undefined
  if (typeof field.value !== 'string') {
    return refuseField(field, 'STRING_TYPE_CONVERT', 'Could not interpret the value as string.')
  }
  const trimmed = field.value.trim()
  if (trimmed === '' && rule.required === true) return missing(field)
  const { min = 0, max } = rule
  if (trimmed.length > max || trimmed.length < min) return badLength(field, min, max)
  return trimmed === '' ? undefined : trimmed
}

/** A whole number, given as a number or as digits. */
export function integer(field: Field, rule: { min: number; max: number }): number | undefined {
  if (field.value === undefined) return undefined
  const value = typeof field.value === 'string' && /^-?\d+$/.test(field.value) ? Number(field.value) : field.value
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return refuseField(field, 'NUMBER_TYPE_COERCE', `Value "${shown(field)}" is not int.`)
  }
  if (value > rule.max) {
    return refuseField(field, 'NUMBER_TYPE_MAX', `int value should be less than or equal to ${rule.max}.`)
  }
  if (value < rule.min) {
    return refuseField(field, 'NUMBER_TYPE_MIN', `int value should be greater than or equal to ${rule.min}.`)
  }
  return value
}

/** One of the values Discord lists. */
export function oneOf<T extends string | number>(field: Field, choices: readonly T[]): T | undefined {
  if (field.value === undefined) return undefined
  const choice = choices.find((candidate) => candidate === field.value)
  return choice ?? refuseField(field, 'BASE_TYPE_CHOICES', `Value must be one of (${choices.join(', ')}).`)
}

/** True or false. */
export function truth(field: Field): boolean | undefined {
  if (field.value === undefined || typeof field.value === 'boolean') return field.value
  return refuseField(field, 'BOOLEAN_TYPE_CONVERT', `Must be either true or false.`)
}

/** An id of 17 to 20 digits. */
export function snowflake(field: Field): string | undefined {
  if (field.value === undefined) return undefined
  if (typeof field.value === 'string' && isSnowflake(field.value)) return field.value
  return refuseField(field, 'NUMBER_TYPE_COERCE', `Value "${shown(field)}" is not snowflake.`)
}

/** Whether a text has the shape of an id. */
export function isSnowflake(value: string): boolean {
  return /^\d{17,20}$/.test(value)
}

/** The entries of a list, each a field of its own. */
export function list(field: Field, rule: { min?: number; max: number }): readonly Field[] | undefined {
  if (field.value === undefined) return undefined
  if (!Array.isArray(field.value)) {
    return refuseField(field, 'LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType')
  }
  const { min = 0, max } = rule
  const { length } = field.value
  if (length > max || length < min) return badLength(field, min, max)
  return Array.from({ length }, (_, index) => inside(field, index))
}

/** Whether there is a record to look into. Anything else but absence is noted. */
export function record(field: Field): boolean {
  if (isRecord(field.value)) return true
  if (field.value !== undefined) refuseField(field, 'DICT_TYPE_CONVERT', 'Only dictionaries may be used in a DictType')
  return false
}

/** A URL of at most `max` characters with one of the schemes. */
export function url(field: Field, schemes: readonly string[], max: number): string | undefined {
  const value = text(field, { max })
  if (value === undefined) return undefined
  const scheme = /^([a-z][a-z\d+.-]*):\/\/\S+$/i.exec(value)?.[1]?.toLowerCase()
  if (scheme !== undefined && !schemes.includes(scheme)) {
    const allowed = schemes.map((name) => `'${name}'`).join(', ')
    const message = `Scheme "${scheme}" is not supported. Scheme must be one of (${allowed}).`
    return refuseField(field, 'URL_TYPE_INVALID_SCHEME', message)
  }
  if (scheme === undefined || (scheme !== 'attachment' && !URL.canParse(value))) {
    return refuseField(field, 'URL_TYPE_INVALID_URL', 'Not a well formed URL.')
  }
  return value
}

/** Note that a field must be there. */
export function missing(field: Field): undefined {
  return refuseField(field, 'BASE_TYPE_REQUIRED', 'This field is required')
}

function badLength(field: Field, min: number, max: number): undefined {
  return min === 0
    ? refuseField(field, 'BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`)
    : refuseField(field, 'BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`)
}

function shown(field: Field): string {
  return typeof field.value === 'string' ? field.value : (JSON.stringify(field.value) ?? '')
}
