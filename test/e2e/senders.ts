import { Agent, request } from 'node:http'
import { SECRET } from './relay.ts'

/** What senders that keep their connections saw until nobody took new ones. */
export interface Seen {
  readonly answers: Record<number, number>
  /** The last answer said that the connection ends, as it should when the relay stops. */
  told: number
  /** New connections that were refused: nobody listens any more. */
  refused: number
  /** New connections that were cut before anything was answered: the handshake was over when the listener closed. */
  cut: number
  /** Requests on a connection that had answered before, and that then got no answer. */
  readonly reset: string[]
}

/** Send from `count` connections at once, each its next push as soon as the last is answered, until they are refused. */
export function startSenders(url: string, count: number, toBody: (id: string) => string) {
  const seen: Seen = { answers: {}, told: 0, refused: 0, cut: 0, reset: [] }
  const senders = Array.from({ length: count }, (_, index) => send(url, index, seen, toBody))
  return { seen, done: Promise.all(senders) }
}

async function send(url: string, index: number, seen: Seen, toBody: (id: string) => string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let number = 0; ; number++) {
    const answer = await post(url, agent, toBody(`${index}-${number}`))
    if (typeof answer === 'number') {
      seen.answers[answer] = (seen.answers[answer] ?? 0) + 1
      continue
    }
    if (answer.said !== undefined) seen.reset.push(answer.said)
    else if (answer.code === 'ECONNREFUSED') seen.refused++
    else seen.cut++
    agent.destroy()
    return
  }

  function post(
    to: string,
    over: Agent,
    body: string,
  ): Promise<number | { readonly code: string | undefined; readonly said?: string }> {
    return new Promise((resolve) => {
      const headers = { 'content-type': 'application/json', 'x-relay-secret': SECRET }
      const outgoing = request(`${to}/webhook/flashduty`, { method: 'POST', agent: over, headers }, (incoming) => {
        if (incoming.headers.connection === 'close') seen.told++
        incoming.resume().on('end', () => resolve(incoming.statusCode ?? 0))
      })
      outgoing.on('error', (error: NodeJS.ErrnoException) =>
        resolve({ code: error.code, ...(outgoing.reusedSocket && { said: error.message }) }),
      )
      outgoing.end(body)
    })
  }
}
