import { createServer, connect, type Socket } from 'node:net'

/** The way to a server, which can be cut. */
export interface Proxy {
  /** The URL of the server, by this way. */
  readonly url: string
  /** Everything that was said to the server so far. */
  said(): string
  /** Carry out the next thing said that matches, and cut the connection before the answer comes. Resolves then. */
  loseAnswerTo(pattern: RegExp): Promise<void>
  /** Cut every connection. */
  cut(): void
  /** Deliver nothing any more, in neither direction, and say so to nobody. */
  hang(): void
  /** Deliver again, to connections that are made from now on. */
  goOn(): void
  /** Refuse connections, and end those there are. */
  block(): Promise<void>
  unblock(): Promise<void>
  close(): Promise<void>
}

/** `records`: whether what was said is kept, which one that lives long has no room for. */
export async function createProxy(target: string, { records = true } = {}): Promise<Proxy> {
  const { hostname, port } = new URL(target)
  const pairs = new Set<readonly [Socket, Socket]>()
  let said = ''
  let losing: { pattern: RegExp; lost: () => void } | undefined
  let isHanging = false

  const server = createServer((near) => {
    if (isHanging) return void pairs.add([near, near])
    const far = connect(Number(port), hostname)
    const pair = [near, far] as const
    pairs.add(pair)
    let isLost: (() => void) | undefined
    near.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1')
      if (records) said += text
      if (isHanging) return
      if (losing?.pattern.test(text) === true) {
        isLost = losing.lost
        losing = undefined
      }
      far.write(chunk)
    })
    far.on('data', (chunk: Buffer) => {
      if (isHanging) return
      if (isLost === undefined) return void near.write(chunk)
      near.destroy()
      far.destroy()
      isLost()
    })
    for (const socket of pair) {
      socket.on('error', () => {})
      socket.on('close', () => {
        pairs.delete(pair)
        near.destroy()
        far.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = new URL(target)
  url.port = String(typeof address === 'object' && address !== null ? address.port : 0)
  const cut = (): void => pairs.forEach((pair) => pair.forEach((socket) => socket.destroy()))
  const block = async (): Promise<void> => {
    cut()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  return {
    url: url.href,
    said: () => said,
    loseAnswerTo: (pattern) => new Promise((resolve) => (losing = { pattern, lost: resolve })),
    cut,
    hang: () => (isHanging = true),
    goOn() {
      isHanging = false
      cut()
    },
    block,
    unblock: () => new Promise((resolve) => server.listen(Number(url.port), '127.0.0.1', resolve)),
    close: block,
  }
}
