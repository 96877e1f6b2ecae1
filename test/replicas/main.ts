import { parseArgs } from 'node:util'
import { CONTROLS, type Control } from './controls.ts'
import { runReplicas } from './replicas.ts'

/** The command line of the harness. Gives the exit code: 1 if a promise was broken, or a control went unnoticed. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      controls: { type: 'string', default: CONTROLS.join(',') },
    },
  })
  const { faults, unnoticed } = await runReplicas({
    lengthMs: toNumber(values.minutes) * 60_000,
    seed: toNumber(values.seed),
    controls: CONTROLS.filter((control: Control) => values.controls.split(',').includes(control)),
    write: (line) => void process.stdout.write(`${line}\n`),
  })
  return faults === 0 && unnoticed.length === 0 ? 0 : 1
}

function toNumber(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Error(`expected a number and not "${text}"`)
  return Number(text)
}
