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
