import { describe, expect, it } from 'vitest'
import { Slots } from '../../src/slots.ts'

describe('slots', () => {
  it('keep each thing under a number of its own until it is taken', () => {
    const slots = new Slots<string>()
    const [a, b] = [slots.add('a'), slots.add('b')]
    expect(a).not.toBe(b)
    expect([slots.get(a), slots.get(b)]).toEqual(['a', 'b'])
    expect(slots.take(a)).toBe('a')
    expect([slots.get(a), slots.take(a), slots.get(b)]).toEqual([undefined, undefined, 'b'])
  })

  it('give a slot away once only, however often it was taken', () => {
    const slots = new Slots<string>()
    const slot = slots.add('a')
    expect(slots.size).toBe(1)
    slots.take(slot)
    slots.take(slot)
    expect(slots.size).toBe(0)
    expect(slots.add('b')).not.toBe(slots.add('c'))
    expect(new Map(slots.entries()).size).toBe(2)
  })

  it('need no more room than things were there at once', () => {
    const slots = new Slots<number>()
    for (let round = 0; round < 100; round++) {
      const mine = [1, 2, 3].map((thing) => slots.add(thing))
      expect(Math.max(...mine)).toBeLessThan(3)
      for (const slot of mine) slots.take(slot)
    }
    expect([...slots.entries()]).toEqual([])
  })

  it('find what is there and nothing that was', () => {
    const slots = new Slots<{ name: string }>()
    const slot = slots.add({ name: 'a' })
    expect(slots.find(({ name }) => name === 'a')).toEqual({ name: 'a' })
    slots.take(slot)
    expect(slots.find(({ name }) => name === 'a')).toBeUndefined()
  })

  it('may be emptied while they are gone through', () => {
    const slots = new Slots<string>()
    for (const thing of ['a', 'b', 'c']) slots.add(thing)
    for (const [slot] of slots.entries()) slots.take(slot)
    expect([...slots.entries()]).toEqual([])
  })
})
