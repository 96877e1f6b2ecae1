/**
 * Whether all of `text` fits `pattern`: `*` stands for any characters, `?` for
 * one, all else for itself, whatever the case. Linear in practice and at worst
 * pattern × text, so no pattern of a configuration can stall the process.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const wanted = pattern.toLowerCase()
  const given = text.toLowerCase()
  let p = 0
  let t = 0
  let starAt = -1
  let resumeAt = 0
  while (t < given.length) {
    if (wanted[p] === '*') {
      starAt = p++
      resumeAt = t
    } else if (p < wanted.length && (wanted[p] === '?' || wanted[p] === given[t])) {
      p++
      t++
    } else if (starAt >= 0) {
      p = starAt + 1
      t = ++resumeAt
    } else {
      return false
    }
  }
  while (wanted[p] === '*') p++
  return p === wanted.length
}
