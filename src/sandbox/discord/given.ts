/** `{ [key]: value }`, or nothing at all if there is no value: Discord leaves such keys out. */
export function given(key: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [key]: value }
}
