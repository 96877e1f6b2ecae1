import { readFileSync } from 'node:fs'

/** Linux counts CPU time in ticks of 10 ms for every program. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (read 2026-11-24) */
const TICK_MS = 10

/** CPU time of a process so far, all its threads, ms. NaN where there is no /proc. */
export function cpuMs(pid: number): number {
  const stat = read(`/proc/${pid}/stat`)
  // The name in parentheses may hold spaces; utime and stime are the 12th and 13th fields after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) * TICK_MS
}

/** Resident memory of a process, MB (10^6 bytes). NaN where there is no /proc. */
export function rssMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1]
  return kib === undefined ? Number.NaN : (Number(kib) * 1024) / 1e6
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Not Linux, or the process is gone.
    return ''
  }
}
