import { median, medianRatio } from './stats.ts'

/** One line of the table. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly value: number
  /** What the value is measured against, in the same run. */
  readonly floor?: { readonly name: string; readonly value: number }
  readonly ratio?: number
  readonly goal?: Goal
}

export interface Goal {
  readonly of: 'ratio' | 'value'
  readonly atLeast?: number
  readonly atMost?: number
}

/** A figure of rounds that alternated between subject and floor: medians, and the median of the rounds' ratios. */
export function compare(
  name: string,
  unit: string,
  subject: readonly number[],
  floor: { readonly name: string; readonly values: readonly number[] },
  goal?: Goal,
): Figure {
  return {
    name,
    unit,
    value: median(subject),
    floor: { name: floor.name, value: median(floor.values) },
    ratio: medianRatio(subject, floor.values),
    ...(goal && { goal }),
  }
}

/** Whether a figure reaches its goal; undefined if it has none. */
export function isMet({ goal, ratio, value }: Figure): boolean | undefined {
  if (goal === undefined) return undefined
  const measured = goal.of === 'ratio' ? (ratio ?? Number.NaN) : value
  return measured >= (goal.atLeast ?? -Infinity) && measured <= (goal.atMost ?? Infinity)
}

/** A figure as cells: name, value, floor, ratio, goal, verdict. */
export function toCells(figure: Figure): readonly string[] {
  const { name, unit, value, floor, ratio, goal } = figure
  const met = isMet(figure)
  return [
    name,
    `${toText(value)} ${unit}`,
    floor === undefined ? '' : `${toText(floor.value)} ${floor.name}`,
    ratio === undefined ? '' : `${ratio.toFixed(2)} x`,
    goal === undefined ? '' : toGoalText(goal, unit),
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ]
}

export const HEADINGS = ['figure', 'measured', 'floor', 'ratio', 'goal', ''] as const

/** Rows under each other, columns padded. */
export function toTable(rows: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function toGoalText({ of, atLeast, atMost }: Goal, unit: string): string {
  const suffix = of === 'ratio' ? 'x' : unit
  return [atLeast === undefined ? '' : `>= ${atLeast} ${suffix}`, atMost === undefined ? '' : `<= ${atMost} ${suffix}`]
    .filter((part) => part !== '')
    .join(', ')
}

function toText(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return String(Math.round(value))
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}
