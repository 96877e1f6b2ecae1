/**
 * The microseconds of a Slack `ts` (`1763900000.000100`), or undefined if it is
 * none. A missing or short fraction is filled up, as `oldest` and `latest` allow it.
 */
export function toMicros(ts: string): number | undefined {
  const match = /^(\d{1,10})(?:\.(\d{1,6}))?$/.exec(ts)
  return match === null ? undefined : Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'))
}

export function toTs(micros: number): string {
  return `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, '0')}`
}
