import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { findBrowser } from './browser/browser.ts'

// Without a browser its tests are left out, which browser/missing.ts says; in CI they stay in, and fail.
const missing = findBrowser() === undefined
const leftOut = missing && process.env['CI'] === undefined ? ['browser/**'] : []

/** Those that wait longest, for leases and outages: begun last, one of them would be waited for alone. Two that are busy are apart. */
const LONG = ['e2e/spool', 'e2e/owners', 'e2e/setup', 'crash/crash', 'e2e/postgres', 'e2e/migrate', 'replicas/replicas']

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((part) => moduleId.includes(`/${part}.`))
      return at === -1 ? LONG.length : at
    }
    // oxlint-disable-next-line unicorn/no-array-sort -- it is vitest's, of its files
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

// Tests import `src/*.ts` and are type-checked against it, but run against the
// compiled `dist/*.js`: the store's worker thread and the command line are then
// exactly what ships, on every supported Node.
export default defineConfig({
  root: new URL('.', import.meta.url).pathname,
  resolve: {
    alias: [
      { find: /^(?:\.\.\/)+src\/(.*)\.ts$/, replacement: new URL('../dist/', import.meta.url).pathname + '$1.js' },
    ],
  },
  test: {
    include: ['**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...leftOut],
    globalSetup: ['./postgres/global.ts', ...(missing ? ['browser/missing.ts'] : [])],
    // Three times what the slowest takes on a machine of its own: on a shared one it may stand still for a while.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // For the same reason; what is wrong fails twice.
    retry: process.env['CI'] === undefined ? 0 : 1,
    sequence: { sequencer: LongFirst },
    pool: 'forks',
    // Many of them wait for a process or a clock more than they compute.
    maxWorkers: 4,
  },
})
