import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createWorld, toPush } from './relay.ts'

const SOURCE = fileURLToPath(new URL('./fail-fsync.c', import.meta.url))

it('after a failed fsync nothing is acknowledged, and the process ends with 74', async () => {
  const world = await createWorld()
  world.configure()
  const library = join(world.folder, 'fail-fsync.so')
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl'])
  const when = join(world.folder, 'now')
  const log = join(world.folder, 'failed-fsyncs')
  const env = { LD_PRELOAD: library, FAIL_FSYNC_WHEN: when, FAIL_FSYNC_LOG: log }
  const relay = await world.start({ env })

  const acknowledged: string[] = []
  const after: (number | undefined)[] = []
  let count = 0
  const push = async (isAfter: boolean): Promise<number | undefined> => {
    const id = `event-${count++}`
    const status = await relay.push(toPush('i_new', { event_id: id, incident: { incident_id: id } })).then(
      (answer) => answer.status,
      // The process ended before it answered.
      () => undefined,
    )
    if (status === 200) acknowledged.push(id)
    if (isAfter) after.push(status)
    return status
  }
  await Promise.all(Array.from({ length: 20 }, () => push(false)))
  expect(acknowledged).toHaveLength(20)
  expect(existsSync(log)).toBe(false)

  writeFileSync(when, '')
  await Promise.all(Array.from({ length: 50 }, () => push(true)))
  expect(await relay.ended).toBe(74)
  expect(after).not.toContain(200)
  expect(relay.output()).toContain('store.failed')
  expect(readFileSync(log, 'utf8')).toMatch(/relay\.db-wal/)

  rmSync(when)
  const again = await world.start()
  for (const event_id of acknowledged) {
    const answer = await again.push(toPush('i_new', { event_id, incident: { incident_id: event_id } }))
    expect(answer).toMatchObject({ status: 200, body: { result: 'duplicate' } })
  }
  expect((await again.get('/readyz')).status).toBe(200)
}, 60_000)
