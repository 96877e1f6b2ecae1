import * as v from 'valibot'
import { CALLS, type Admin, type Answered, type Asked, type CallName } from './calls.ts'
import type { AdminNote } from './note.ts'

/** A replay of the largest pushes takes seconds; what takes longer has stopped. */
const CALL_TIMEOUT_MS = 60_000

const Refused = v.object({ reason: v.string() })

/** A running relay, asked through its endpoint. Every call throws an Error, for people, if there is no usable answer. */
export function createRemoteAdmin({ url, token }: AdminNote): Admin {
  const call =
    <C extends CallName>(name: C) =>
    (asked: Asked<C>) =>
      ask(name, asked)

  async function ask<C extends CallName>(name: C, asked: Asked<C>): Promise<Answered<C>> {
    const response = await fetch(`${url}/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(asked),
      redirect: 'error',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new Error(`the relay does not answer at ${url}: it may be starting or stopping, try again`, {
        cause: error,
      })
    })
    const said: unknown = await response.json().catch(() => undefined)
    if (!response.ok) {
      const refused = v.safeParse(Refused, said)
      const reason = refused.success ? refused.output.reason : `status ${response.status}`
      throw new Error(`the relay at ${url} refused: ${reason}`)
    }
    const answer = v.safeParse(CALLS[name].answers, said)
    if (!answer.success) {
      throw new Error(`the relay at ${url} gave an answer that is not understood here: is it of another release?`)
    }
    return answer.output
  }

  return {
    deliveries: call('deliveries'),
    retry: call('retry'),
    drop: call('drop'),
    quarantined: call('quarantined'),
    quarantinedBody: call('quarantinedBody'),
    requeue: call('requeue'),
    replay: call('replay'),
    received: call('received'),
  }
}
