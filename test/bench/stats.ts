/** The middle one; of an even number the lower of the two. NaN of none. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** The smallest value that at least `share` of the values do not exceed. NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted()
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** Pairs of one round each, as the median of their ratios: what disturbs a round disturbs both. */
export function medianRatio(subject: readonly number[], floor: readonly number[]): number {
  return median(subject.map((value, round) => value / (floor[round] ?? Number.NaN)))
}
