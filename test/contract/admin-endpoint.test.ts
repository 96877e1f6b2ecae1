import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Admin } from '../../src/admin/calls.ts'
import { notePath, readNote, writeNote } from '../../src/admin/note.ts'
import { createRemoteAdmin } from '../../src/admin/remote.ts'
import { startAdmin } from '../../src/admin/start.ts'
import { createLog } from '../../src/ops/log.ts'

const folder = mkdtempSync(join(tmpdir(), 'relay-endpoint-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const lines: string[] = []
const log = createLog({ level: 'debug', secrets: () => [], destination: { write: (line) => void lines.push(line) } })
const refuse = (): Promise<never> => Promise.reject(new Error('the store is closed'))
const admin: Admin = {
  deliveries: () => Promise.resolve({ nowMs: 1, items: [], total: 7 }),
  retry: refuse,
  drop: refuse,
  quarantined: refuse,
  quarantinedBody: refuse,
  requeue: refuse,
  replay: ({ pushes }) => Promise.resolve({ results: pushes.map(() => ({ result: 'duplicate' })) }),
  received: refuse,
}

it('is asked by what its note says, until it stops and takes the note along', async () => {
  const storeFile = join(folder, 'a.db')
  const endpoint = await startAdmin({ host: '127.0.0.1', port: 0, storeFile, admin, log })
  const note = readNote(storeFile)
  if (!('url' in note)) throw new Error(note.problem)
  const remote = createRemoteAdmin(note)
  expect(await remote.deliveries({ limit: 1 })).toEqual({ nowMs: 1, items: [], total: 7 })
  const large = 'x'.repeat(3_000_000)
  expect((await remote.replay({ pushes: [large, large] })).results).toHaveLength(2)
  await expect(remote.drop({ ids: [] })).rejects.toThrow('refused: The relay failed: the store is closed')
  await expect(createRemoteAdmin({ ...note, token: 'x'.repeat(43) }).deliveries({ limit: 1 })).rejects.toThrow('token')
  await endpoint.stop()
  expect(existsSync(notePath(storeFile))).toBe(false)
  await expect(remote.deliveries({ limit: 1 })).rejects.toThrow('does not answer')
  expect(lines.join('')).not.toContain(note.token)
})

it('that cannot have its address, or leave its note, keeps no relay from starting', async () => {
  const first = await startAdmin({ host: '127.0.0.1', port: 0, storeFile: join(folder, 'b.db'), admin, log })
  const note = readNote(join(folder, 'b.db'))
  const port = 'url' in note ? Number(new URL(note.url).port) : 0
  const second = await startAdmin({ host: '127.0.0.1', port, storeFile: join(folder, 'c.db'), admin, log })
  const third = await startAdmin({ host: '127.0.0.1', port: 0, storeFile: join(folder, 'none', 'd.db'), admin, log })
  expect(lines.filter((line) => line.includes('admin.unavailable'))).toHaveLength(2)
  expect(existsSync(notePath(join(folder, 'c.db')))).toBe(false)
  for (const endpoint of [first, second, third]) await endpoint.stop()
})

it('leaves a note of its own in place of an old one, whatever its mode was', () => {
  const storeFile = join(folder, 'e.db')
  writeFileSync(notePath(storeFile), '{}', { mode: 0o666 })
  writeNote(storeFile, { url: 'http://127.0.0.1:1', token: 'y'.repeat(43) })
  expect(statSync(notePath(storeFile)).mode & 0o777).toBe(0o600)
  expect(readFileSync(notePath(storeFile), 'utf8')).toContain('yyy')
})

it.each([
  ['is not there', undefined, 'does not exist'],
  ['leads to another machine', '{"url":"http://198.51.100.7:80","token":"TOKEN"}', 'is not what a relay leaves'],
  ['leads past this machine', '{"url":"http://127.0.0.1@198.51.100.7","token":"TOKEN"}', 'is not what a relay leaves'],
  ['is no JSON', 'hello', 'is not what a relay leaves'],
])('is not asked if its note %s', (_, text, problem) => {
  const storeFile = join(folder, 'f.db')
  rmSync(notePath(storeFile), { force: true })
  if (text !== undefined) writeFileSync(notePath(storeFile), text.replace('TOKEN', 'z'.repeat(43)))
  expect(readNote(storeFile)).toEqual({ problem: expect.stringContaining(problem) })
})
