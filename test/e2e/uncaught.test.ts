import { describe, expect, it } from 'vitest'
import { createWorld, SECRET } from './relay.ts'

describe('what nobody caught', () => {
  it.each([
    ['a rejection', 'Promise.reject(new Error(text))'],
    ['an exception', 'throw new Error(text)'],
  ])('%s is said in one line without a secret, and ends the process with 1', async (_, code) => {
    const world = await createWorld()
    world.configure()
    const bug = `const text = 'a bug with ${SECRET} in it'; process.on('SIGUSR2', () => { ${code} })`
    const relay = await world.start({ preload: `data:text/javascript,${encodeURIComponent(bug)}` })
    const before = relay.output()
    expect(await relay.kill('SIGUSR2')).toBe(1)
    const said = relay.output().slice(before.length)
    expect(said.trimEnd().split('\n')).toHaveLength(1)
    expect(JSON.parse(said)).toMatchObject({
      level: 'error',
      msg: 'process.uncaught',
      err: { message: 'a bug with [secret] in it' },
    })
    expect(said).not.toContain(SECRET)
  })
})
