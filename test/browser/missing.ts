import { NO_BROWSER } from './browser.ts'

/** The last word of a run without the browser tests. */
export function teardown(): void {
  process.stderr.write(`\nNOT RUN: the browser tests in test/browser; ${NO_BROWSER}\n`)
}
