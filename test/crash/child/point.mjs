// Told of every await boundary that a process passes. At the one named by CRASH_POINT, the CRASH_HIT-th time, the process
// dies as if its power were cut. CRASH_SEEN names the file that lists what was passed.
import { appendFileSync } from 'node:fs'

const { CRASH_POINT: fatal, CRASH_HIT: hit, CRASH_SEEN: file } = process.env
const seen = new Set()
let left = Number(hit ?? 1)

function pass(point) {
  if (file !== undefined && !seen.has(point)) {
    seen.add(point)
    appendFileSync(file, `${point}\n`)
  }
  if (point !== fatal) return
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
}

export function before(boundary) {
  pass(`${boundary}:before`)
}

export function after(boundary, value) {
  pass(`${boundary}:after`)
  return value
}
