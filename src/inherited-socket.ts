/** A listening socket that was open when this process started. */
export interface InheritedSocket {
  readonly fd: number
}

/** systemd: the first socket that is passed on. https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html (read 2026-11-24) */
const FIRST_FD = 3

/**
 * The socket that whoever started this process opened for it (`LISTEN_FDS`), if it is meant for us (`LISTEN_PID`). It
 * stays open over a restart, so that nobody who connects meanwhile is refused. Throws if there are several.
 */
export function inheritedSocket(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): InheritedSocket | undefined {
  const { LISTEN_PID: meantFor, LISTEN_FDS: count } = env
  if (meantFor !== String(pid) || count === undefined || count === '0') return undefined
  if (count === '1') return { fd: FIRST_FD }
  throw new Error(`LISTEN_FDS is ${JSON.stringify(count.slice(0, 10))}: the relay takes one socket`)
}
