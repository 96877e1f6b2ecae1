import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { growLog, LOG_BYTES } from '../../src/store/sqlite/log-room.ts'

const folder = mkdtempSync(join(tmpdir(), 'relay-log-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a log', () => {
  it('grows piece by piece to its full length and no further; what was in it stays', () => {
    const file = join(folder, 'whole')
    writeFileSync(`${file}-wal`, 'commits')
    let pieces = 1
    while (growLog(file)) pieces++
    expect(pieces).toBeGreaterThan(10)
    expect(statSync(`${file}-wal`).size).toBe(LOG_BYTES)
    expect(growLog(file)).toBe(false)
    const bytes = readFileSync(`${file}-wal`)
    expect(bytes.subarray(0, 7).toString()).toBe('commits')
    expect(bytes.subarray(7).every((byte) => byte === 0)).toBe(true)
  })

  it('that is not there is left alone', () => {
    expect(growLog(join(folder, 'nothing'))).toBe(false)
  })

  it('that cannot be written for any other reason than room and rights means that the disk fails', () => {
    const file = join(folder, 'odd')
    mkdirSync(`${file}-wal`)
    expect(() => growLog(file)).toThrow(expect.objectContaining({ reason: 'io' }))
  })
})
