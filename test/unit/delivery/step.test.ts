import { describe, expect, it } from 'vitest'
import { nextStep } from '../../../src/delivery/step.ts'
import type { Mentioned } from '../../../src/message/message.ts'
import type { Operation, Reach } from '../../../src/platform/platform.ts'
import type { Delivery } from '../../../src/store/delivery.ts'
import type { Lane, LaneWork } from '../../../src/store/lane.ts'
import { incident, T } from '../incident/fixture.ts'

const posted: Partial<Lane> = { card: { channel: 'C1', message: '1.1', thread: '1.1' }, shownVersion: 1 }
const card = delivery('card', 'card')
const first = delivery('reply', 'r1')
const second = delivery('reply', 'r2')

describe('the next step of a lane', () => {
  it.each<[string, Partial<Lane>, readonly Delivery[], string]>([
    ['posts the card before anything else', {}, [card, first], 'post card'],
    ['edits a card that is behind before it replies', { ...posted, wantedVersion: 2 }, [first], 'edit'],
    ['replies in order', posted, [first, second], 'reply r1'],
    [
      'starts the thread its first reply needs',
      { card: { channel: 'C1', message: '1.1' }, shownVersion: 1 },
      [first],
      'thread',
    ],
    ['rests when all is said', posted, [], 'rest'],
    ['leaves a frozen card as it is', { ...posted, wantedVersion: 2, frozen: true }, [], 'rest'],
    ['looks for a card whose answer was lost', {}, [{ ...card, state: 'ambiguous' }, first], 'reconcile card'],
    [
      'looks for a lost reply before it sends the next',
      posted,
      [{ ...first, state: 'ambiguous' }, second],
      'reconcile r1',
    ],
    ['owes a new card for one that was lost', { shownVersion: 0 }, [first], 'renew'],
    ['does not try again what was given up on', { shownVersion: 1 }, [first], 'rest'],
  ])('%s', (_, lane, deliveries, step) => {
    expect(words(next(lane, deliveries))).toBe(step)
  })

  it('does not let a blocked edit hold up replies, nor the other way round', () => {
    const behind = { ...posted, wantedVersion: 2 }
    expect(words(next(behind, [first], { edit: T + 500 }))).toBe('reply r1')
    expect(words(next(behind, [first], { reply: T + 500 }))).toBe('edit')
    expect(words(next(behind, [first], { edit: T + 500, reply: T + 300 }))).toBe(`rest until ${T + 300}`)
    expect(words(next({ ...behind, editDueAtMs: T + 700 }, []))).toBe(`rest until ${T + 700}`)
  })

  it('edits while it waits for the answer about a reply, but sends no other', () => {
    const lost = { ...first, state: 'ambiguous', dueAtMs: T + 900 } as const
    expect(words(next({ ...posted, wantedVersion: 2 }, [lost, second]))).toBe('edit')
    expect(words(next(posted, [lost, second]))).toBe(`rest until ${T + 900}`)
  })
})

describe('a burst of changes', () => {
  const shown = { card: { channel: 'C1', message: '1.1', thread: '1.1' }, shownVersion: 1, wantedVersion: 2 }

  it('is shown once it is over, one alone at once', () => {
    expect(words(next({ ...shown, shownAtMs: T - 3_000 }, []))).toBe('edit')
    expect(words(next({ ...shown, shownAtMs: T - 2_000 }, []))).toBe(`rest until ${T + 1_500}`)
  })

  it('that never ends is shown every ten seconds', () => {
    const restless = { ...shown, shownAtMs: T - 9_900, changedSinceMs: T - 9_800, changedAtMs: T }
    expect(words(next(restless, []))).toBe(`rest until ${T + 200}`)
  })
})

describe('a reply that calls people', () => {
  const calling = (key: string, ...names: Reach[]): Delivery => {
    const mention = names.map((name) => ({ kind: 'person', name }) as const)
    return { ...delivery('reply', key), mention }
  }

  it('waits as long as somebody is looked up, and holds up no edit', () => {
    expect(words(next(posted, [calling('r1', 'yes', 'soon')]))).toBe(`rest until ${T + 100}`)
    expect(words(next(posted, [calling('r1', 'no')]))).toBe('reply r1')
    expect(words(next({ ...posted, wantedVersion: 2 }, [calling('r1', 'soon')]))).toBe('edit')
  })

  it('is not told if it is owed for them alone and cannot call any', () => {
    expect(words(next(posted, [calling('call/r1', 'no')]))).toBe('drop call/r1')
    expect(words(next(posted, [calling('call/r1', 'no', 'yes')]))).toBe('reply call/r1')
    expect(words(next(posted, [calling('late_call/r1', 'yes')]))).toBe('reply late_call/r1')
    const threadless = { ...posted, card: { channel: 'C1', message: '1.1' } }
    expect(words(next(threadless, [calling('call/r1', 'no')]))).toBe('drop call/r1')
    const sentBefore = { ...calling('call/r1', 'no'), unclearAtMs: T - 1 }
    expect(words(next(posted, [sentBefore]))).toBe('reply call/r1')
  })
})

describe('replies that have to wait', () => {
  const shown = { card: { channel: 'C1', message: '1.1', thread: '1.1' }, shownVersion: 1 }
  const many = (count: number) => Array.from({ length: count }, (_, index) => delivery('reply', `r${index}`))
  const aged = (reply: Delivery, ageMs: number) => ({ ...reply, event: { ...reply.event, receivedAtMs: T - ageMs } })

  it('go one by one as long as the thread keeps up', () => {
    expect(words(next(shown, many(3)))).toBe('reply r0')
  })

  it('go together when there are many, or when the first is old', () => {
    expect(words(next(shown, many(11)))).toBe(
      `reply ${many(11)
        .map(({ key }) => key)
        .join()}`,
    )
    const [oldest, ...others] = many(3)
    expect(words(next(shown, [aged(oldest as Delivery, 5_001), ...others]))).toBe('reply r0,r1,r2')
  })

  it('go twenty at a time at most', () => {
    expect(words(next(shown, many(45))).split(',')).toHaveLength(20)
  })

  it('go alone after a refusal, and where they tell of a late event', () => {
    const refused = many(12).map((reply, index) => (index === 0 ? { ...reply, detail: 'compact' as const } : reply))
    expect(words(next(shown, refused))).toBe('reply r0')
    const late = many(12).map((reply, index) =>
      index === 3 ? { ...reply, event: { ...reply.event, late: true } } : reply,
    )
    expect(words(next(shown, late))).toBe('reply r0,r1,r2')
  })
})

function next(lane: Partial<Lane>, deliveries: readonly Delivery[], ready: Partial<Record<Operation, number>> = {}) {
  const whole: Lane = {
    incidentId: 'inc-1',
    destination: 'sre',
    generation: 1,
    wantedVersion: 1,
    shownVersion: 0,
    frozen: false,
    editAttempts: 0,
    editDueAtMs: 0,
    shownAtMs: 0,
    changedSinceMs: T,
    changedAtMs: T,
    urgency: 1,
    ...lane,
  }
  const stored = {
    id: 'inc-1',
    version: 1,
    snapshot: incident(),
    last: { id: 'e1', type: 'i_new', atMs: T },
    effectiveAtMs: T,
    firstAtMs: T,
  }
  const work: LaneWork = { lane: whole, epoch: 1, leaseUntilMs: T, touched: 1, incident: stored, deliveries }
  const reach = (who: Mentioned): Reach =>
    who.kind === 'person' && (who.name === 'soon' || who.name === 'yes') ? who.name : 'no'
  return nextStep(work, (operation) => ready[operation] ?? T, { reach }, T)
}

function words(step: ReturnType<typeof nextStep>): string {
  if ('deliveries' in step) return `${step.do} ${step.deliveries.map(({ key }) => key).join()}`
  if ('delivery' in step) return `${step.do} ${step.delivery.key}`
  return step.do === 'rest' && step.dueAtMs !== undefined ? `rest until ${step.dueAtMs}` : step.do
}

function delivery(kind: Delivery['kind'], key: string): Delivery {
  const event = { id: key, body: '{}', receivedAtMs: T, effectiveAtMs: T, changes: {}, late: false }
  return {
    key,
    kind,
    generation: 1,
    seq: 1,
    state: 'pending',
    attempts: 0,
    dueAtMs: T,
    detail: 'full',
    broadcast: false,
    mention: [],
    event,
  }
}
