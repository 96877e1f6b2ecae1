// npm run test:crash -- [--runs N] [--seed S] [--failpoints N|all|none] [--points PATTERN] [--controls naive,unsettled,unsynced,recalled|none] [--parallel N]
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

const dist = fileURLToPath(new URL('../../dist/', import.meta.url))
const { module } = await runnerImport(fileURLToPath(new URL('./main.ts', import.meta.url)), {
  root: fileURLToPath(new URL('../', import.meta.url)),
  configFile: false,
  logLevel: 'error',
  // As in vitest.config.ts: written against src, run against what was built.
  resolve: { alias: [{ find: /^(?:\.\.\/)+src\/(.*)\.ts$/, replacement: `${dist}$1.js` }] },
})
process.exitCode = await module.main(process.argv.slice(2))
