/** An object's type with every member that may be undefined made absent instead. */
export type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The object without its undefined members: what the source did not say is absent, not undefined. */
export function defined<const T extends object>(object: T): Defined<T> {
  const kept: { [K in keyof T]?: unknown } = {}
  // Every event comes through here several times, and lists of pairs cost four times as much.
  for (const name in object) if (object[name] !== undefined) kept[name] = object[name]
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type says exactly what the loop leaves out
  return kept as Defined<T>
}
