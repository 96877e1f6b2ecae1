import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createLoad, type Measure } from './bench.ts'
import { startChild } from './child.ts'
import { measureDisk } from './disk.ts'
import { HEADINGS, isMet, toCells, toTable, type Figure } from './figure.ts'
import { measureBurst } from './measure/burst.ts'
import { measureConnections } from './measure/connections.ts'
import { measureDelivery } from './measure/delivery.ts'
import { measureIntake } from './measure/intake.ts'
import { measureMemory } from './measure/memory.ts'
import { measurePostgres } from './measure/postgres.ts'
import { measureStart } from './measure/start.ts'
import { measureSteady } from './measure/steady.ts'

const MEASURES: Readonly<Record<string, Measure>> = {
  intake: measureIntake,
  steady: measureSteady,
  burst: measureBurst,
  connections: measureConnections,
  delivery: measureDelivery,
  start: measureStart,
  memory: measureMemory,
  postgres: measurePostgres,
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(MEASURES) },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    folder: { type: 'string', default: 'data' },
  },
})

const write = (line: string): void => void process.stdout.write(`${line}\n`)
const chosen = values.only
  .flatMap((names) => names.split(','))
  .map((name) => {
    const measure = MEASURES[name]
    if (measure === undefined) throw new Error(`--only ${name}: choose from ${Object.keys(MEASURES).join(', ')}`)
    return { name, measure }
  })

// Beside the code and not in /tmp, which is memory on many machines: then nothing durable would be measured.
mkdirSync(values.folder, { recursive: true })
const folder = resolve(mkdtempSync(join(values.folder, 'bench-')))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const disk = measureDisk(folder, values.quick ? 200 : 1_000)
const about = {
  node: process.version,
  cpus: cpus().length,
  quick: values.quick,
  fdatasync: { p50_ms: round(disk.p50Ms), p99_ms: round(disk.p99Ms) },
}
write(
  `Node ${about.node}, ${about.cpus} CPUs, fdatasync of 4 KiB: p50 ${about.fdatasync.p50_ms} ms, p99 ${about.fdatasync.p99_ms} ms`,
)

const loader = await startChild('loader')
const load = createLoad(loader)
const figures: Figure[] = []
for (const { name, measure } of chosen) {
  const startedAtMs = performance.now()
  const own = join(folder, name)
  mkdirSync(own)
  figures.push(
    ...(await measure({ quick: values.quick, folder: own, load, say: (line) => write(`  ${name}: ${line}`) })),
  )
  rmSync(own, { recursive: true, force: true })
  write(`${name}: ${Math.round((performance.now() - startedAtMs) / 1000)} s`)
}
await loader.stop()

write('')
write(toTable([HEADINGS, ...figures.map(toCells)]))
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ ...about, figures }, null, 2)}\n`)
const missed = figures.filter((figure) => isMet(figure) === false)
write(`\n${missed.length} of ${figures.filter((figure) => figure.goal !== undefined).length} goals missed`)
process.exit(0)

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
