/**
 * A function that keeps a metric's label bounded: the first `max` different
 * words pass, all later ones, and whatever is not a short plain word, become `other`.
 */
export function createLabels(max: number): (word: string) => string {
  const known = new Set<string>()
  return (word) => {
    if (known.has(word)) return word
    if (known.size >= max || !/^[\w.-]{1,64}$/.test(word)) return 'other'
    known.add(word)
    return word
  }
}
