import { describe, expect, it } from 'vitest'
import { Circuits } from '../../../src/delivery/circuit.ts'

const NOW_MS = 1_000_000
const broken = { scope: 'destination:sre', reason: 'not_in_channel', failures: 3, untilMs: NOW_MS + 240_000 }

function opened(): Circuits {
  const circuits = new Circuits({ pause: async () => {} })
  circuits.resume([broken])
  return circuits
}

describe('a circuit whose wait was shortened in the store', () => {
  it('is probed as soon as the store says', () => {
    const circuits = opened()
    expect(circuits.hasten([{ ...broken, untilMs: NOW_MS }], NOW_MS)).toBe(true)
    expect(circuits.broken()).toEqual([{ ...broken, untilMs: NOW_MS }])
    // It is news once.
    expect(circuits.hasten([{ ...broken, untilMs: NOW_MS }], NOW_MS)).toBe(false)
  })

  it('waits no longer than before because of what the store does not know yet, nor for what is not broken', () => {
    const circuits = opened()
    const later = { ...broken, untilMs: NOW_MS + 500_000 }
    expect(circuits.hasten([later, { ...broken, scope: 'destination:other', untilMs: 0 }], NOW_MS)).toBe(false)
    expect(circuits.broken()).toEqual([broken])
  })
})
