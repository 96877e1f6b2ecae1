import { connect, type Socket } from 'node:net'

/** One keep-alive HTTP/1.1 connection that sends whole requests, one after the other: little work, so that the server is what is measured. */
export class Connection {
  /** The bytes sent again and again; whoever sends changes them between two requests. */
  readonly request: Buffer
  readonly #port: number
  #socket: Socket
  #received = ''
  #answered: ((status: number) => void) | undefined

  constructor(port: number, request: Buffer) {
    this.request = request
    this.#port = port
    this.#socket = this.#connect()
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    socket.setEncoding('latin1').on('data', (chunk: string) => this.#read(chunk))
    // Status 0: no answer will come. What broke it does not matter here.
    socket
      .on('error', () => {})
      .on('close', () => {
        if (socket === this.#socket) this.#finish(0)
      })
    return socket
  }

  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.once('connect', resolve).once('error', reject)
    })
  }

  /** Send the request; `answered` hears the status, or 0 if the connection broke. */
  send(answered: (status: number) => void): void {
    // One that nobody needed for long was closed by the server, as any client finds.
    if (this.#socket.destroyed || !this.#socket.writable) {
      this.#received = ''
      this.#socket = this.#connect()
    }
    this.#answered = answered
    this.#socket.write(this.request)
  }

  close(): void {
    this.#answered = undefined
    this.#socket.destroy()
  }

  #read(chunk: string): void {
    this.#received = this.#received === '' ? chunk : this.#received + chunk
    if (!isWhole(this.#received)) return
    const status = Number(this.#received.slice(9, 12))
    this.#received = ''
    this.#finish(status)
  }

  #finish(status: number): void {
    const answered = this.#answered
    this.#answered = undefined
    answered?.(status)
  }
}

/** Whether an answer is complete: by its length, or by the last chunk. */
function isWhole(text: string): boolean {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return false
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd + 2))?.[1]
  return length === undefined ? text.endsWith('0\r\n\r\n') : text.length >= headEnd + 4 + Number(length)
}
