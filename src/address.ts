export interface Address {
  readonly host: string
  readonly port: number
}

/** Read `127.0.0.1:9000`, `[::1]:9000` or `:9000` (loopback). Undefined if it is none of these. */
export function toAddress(text: string): Address | undefined {
  const match = /^(?:\[([\da-fA-F:]+)\]|([\w.-]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) return undefined
  const host = match[1] ?? match[2] ?? ''
  return { host: host === '' ? '127.0.0.1' : host, port }
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/** The root URL of what listens there. */
export function toBase({ host, port }: Address): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
