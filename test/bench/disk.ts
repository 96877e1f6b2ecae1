import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { percentile } from './stats.ts'

/** What it takes to put 4 KiB on this disk: the floor of everything durable. */
export function measureDisk(folder: string, times: number): { readonly p50Ms: number; readonly p99Ms: number } {
  const fd = openSync(join(folder, 'fdatasync'), 'w')
  const page = Buffer.alloc(4096, 'x')
  const latencies: number[] = []
  for (let i = 0; i < times; i++) {
    writeSync(fd, page, 0, page.length, i * page.length)
    const fromMs = performance.now()
    fdatasyncSync(fd)
    latencies.push(performance.now() - fromMs)
  }
  closeSync(fd)
  return { p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) }
}
