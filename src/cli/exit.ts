/** Exit codes. 74 to 78 are those of sysexits.h, which service managers and people know. */
export const EXIT = {
  ok: 0,
  /** A command failed; its last words say why. */
  failed: 1,
  /** The arguments make no sense. */
  usage: 64,
  /** The store cannot be read or written. */
  io: 74,
  /** Another relay has the store, or the address is in use: trying again later may work. */
  busy: 75,
  /** The configuration is missing or wrong. */
  config: 78,
} as const

/** What each code says to whoever runs the command. */
export const EXIT_WORDS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  failed: 'failed',
  usage: 'wrong arguments',
  io: 'the store cannot be used',
  busy: 'another relay has the store, or the address is in use',
  config: 'the configuration or a template is missing or wrong',
}
