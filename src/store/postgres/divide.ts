export interface Division {
  readonly me: string
  /** The accounts this replica could call. */
  readonly accounts: readonly string[]
  /** The other replicas that are there, with the accounts they could call. */
  readonly others: ReadonlyMap<string, readonly string[]>
  /** Who holds what, whether still there or not; what is free is left out. */
  readonly held: ReadonlyMap<string, string>
}

/**
 * Decide what a replica takes and what it gives up, so that all hold as many accounts as each other, as far as they know
 * the same ones: it takes what is free unless another that could has fewer, and leaves what would still be no more than
 * its own in another's hands. So an account is never passed to and fro, and none waits for a replica that does not know it.
 */
export function divide({ me, accounts, others, held }: Division): {
  readonly take: readonly string[]
  readonly leave: readonly string[]
} {
  const counts = new Map([me, ...others.keys()].map((name) => [name, 0]))
  const count = (replica: string): number => counts.get(replica) ?? 0
  for (const owner of held.values()) counts.set(owner, count(owner) + 1)
  const knowing = (account: string): readonly string[] =>
    [...others].filter(([, known]) => known.includes(account)).map(([name]) => name)

  const take: string[] = []
  for (const account of accounts.filter((name) => !held.has(name)).toSorted()) {
    if (knowing(account).some((other) => count(other) < count(me))) continue
    take.push(account)
    counts.set(me, count(me) + 1)
  }
  const leave: string[] = []
  const mine = accounts.filter((name) => held.get(name) === me)
  for (const account of mine.toSorted().toReversed()) {
    const poorest = knowing(account).toSorted((a, b) => count(a) - count(b))[0]
    if (poorest === undefined || count(poorest) + 1 >= count(me)) continue
    leave.push(account)
    counts.set(me, count(me) - 1)
    counts.set(poorest, count(poorest) + 1)
  }
  return { take, leave }
}
