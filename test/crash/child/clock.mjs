// Runs a process faster than the world: a minute of its own takes CRASH_SPEED times less. The relay waits half a minute
// for what an unclear call may still do; a thousand of those would take a day. Imported before everything else.
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { promisify } from 'node:util'

const require = createRequire(import.meta.url)
const timers = require('node:timers')
const promises = require('node:timers/promises')

const speed = Number(process.env.CRASH_SPEED)
const epochMs = Number(process.env.CRASH_EPOCH_MS)
const startedAtMs = performance.timeOrigin
const passed = performance.now.bind(performance)
const RealDate = Date

/** ms since 1970, at our speed; the harness counts in the same way. */
const now = () => Math.floor(epochMs + (startedAtMs + passed() - epochMs) * speed)
const shorter = (ms) => (typeof ms === 'number' && ms > 0 ? ms / speed : ms)

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(now())
    else super(...parts)
  }
  static now() {
    return now()
  }
}
performance.now = () => passed() * speed

for (const name of ['setTimeout', 'setInterval']) {
  const real = globalThis[name]
  const fast = (run, ms, ...given) => real(run, shorter(ms), ...given)
  if (name === 'setTimeout') fast[promisify.custom] = (ms, ...given) => promises.setTimeout(ms, ...given)
  globalThis[name] = fast
  timers[name] = fast
  const realPromise = promises[name]
  promises[name] = (ms, ...given) => realPromise(shorter(ms), ...given)
}
const realTimeout = AbortSignal.timeout.bind(AbortSignal)
AbortSignal.timeout = (ms) => realTimeout(Math.max(1, Math.round(ms / speed)))

syncBuiltinESMExports()
