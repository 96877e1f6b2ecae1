/**
 * What a token looks like, known to us or not: Slack tokens and webhook URLs,
 * Discord bot tokens and webhook URLs, and whatever follows an authorization scheme.
 */
const TOKEN_SHAPES = [
  /\bx(?:ox[a-z]|app)-[\w-]{8,}/g,
  /\b[\w-]{23,30}\.[\w-]{6,7}\.[\w-]{27,45}/g,
  /(?<=\b(?:Bot|Bearer|Basic) )[\w.~+/=-]{8,}/gi,
  /(?<=hooks\.slack\.com\/)[\w/-]+/g,
  /(?<=\/webhooks\/\d{15,22}\/)[\w-]+/g,
]

/** Shorter ones would blank ordinary words; the configuration refuses secrets that short. */
const MIN_SECRET_CHARS = 6

/** A function that blanks every secret in a text: the known ones, as they are and as JSON, JSON inside JSON, base64 or a URL writes them, and token-like words. */
export function createScrub(secrets: () => readonly string[]): (text: string) => string {
  let known: readonly string[] = []
  let spellings: readonly string[] = []
  return (text) => {
    const current = secrets()
    if (!isSame(current, known)) {
      known = [...current]
      spellings = [...new Set(known.filter((secret) => secret.length >= MIN_SECRET_CHARS).flatMap(spellingsOf))]
    }
    let clean = text
    for (const spelling of spellings) clean = clean.replaceAll(spelling, '[secret]')
    for (const shape of TOKEN_SHAPES) clean = clean.replace(shape, '[secret]')
    return clean
  }
}

/** Longest first, as one may hold another. */
function spellingsOf(secret: string): string[] {
  const spellings = [
    secret,
    asJson(secret),
    asJson(asJson(secret)),
    encodeURIComponent(Buffer.from(secret).toString()),
    toBase64(secret),
  ]
  return spellings.toSorted((a, b) => b.length - a.length)
}

function asJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64').replace(/=+$/, '')
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((secret, index) => secret === b[index])
}
