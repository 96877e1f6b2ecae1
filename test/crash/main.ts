import { parseArgs } from 'node:util'
import { CONTROLS, type Control } from './controls.ts'
import { crash } from './crash.ts'

/** A path that one life in four takes is found in more than eight of ten campaigns. */
const EAGER_ROUNDS = 6

/** The command line of the harness. Gives the exit code: 1 if a promise was broken, or a control went unnoticed. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      failpoints: { type: 'string', default: 'all' },
      points: { type: 'string', default: '' },
      controls: { type: 'string', default: CONTROLS.join(',') },
      parallel: { type: 'string', default: '2' },
    },
  })
  const { faults, unnoticed } = await crash({
    runs: toCount(values.runs),
    seed: toCount(values.seed),
    failpoints: values.failpoints === 'all' ? Infinity : values.failpoints === 'none' ? 0 : toCount(values.failpoints),
    eagerRounds: EAGER_ROUNDS,
    points: new RegExp(values.points),
    controls: CONTROLS.filter((control: Control) => values.controls.split(',').includes(control)),
    parallel: toCount(values.parallel),
    write: (line) => void process.stdout.write(`${line}\n`),
  })
  return faults === 0 && unnoticed.length === 0 ? 0 : 1
}

function toCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`expected a number and not "${text}"`)
  return Number(text)
}
