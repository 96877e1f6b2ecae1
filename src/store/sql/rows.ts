import { StoreError } from '../error.ts'

/** Read back JSON that {@link toJson} wrote. What is none any more was changed on its way to the disk or from it. */
export function fromJson<T>(json: string): T {
  try {
    return JSON.parse(json) as T
  } catch (error) {
    throw new StoreError('damaged', 'a row of the database is not what was written', { cause: error })
  }
}

export function toJson(value: unknown): string {
  return JSON.stringify(value)
}

/** `{ [name]: value }`, or nothing for null: rows have nulls, our objects have absent members. */
export function present<K extends string, V>(name: K, value: V | null): { [P in K]?: V } {
  return value === null ? {} : ({ [name]: value } as { [P in K]?: V })
}

/** A text that an engine may keep as bytes. */
export function toText(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : Buffer.from(value).toString()
}
