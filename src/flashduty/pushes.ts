/**
 * The pushes in a text: one, a JSON list of them, or JSON lines. Each as it is
 * written, so that ids keep every digit and a push is known again by its bytes.
 * Whether one is a push at all is for intake to say.
 */
export function splitPushes(text: string): { readonly pushes: readonly string[] } | { readonly problem: string } {
  const content = text.replace(/^\uFEFF/, '').trim()
  if (content === '') return { problem: 'is empty' }
  const whole = parse(content)
  if (Array.isArray(whole)) return { pushes: elements(content) }
  if (typeof whole === 'object' && whole !== null) return { pushes: [content] }
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (typeof parse(lines[0] ?? '') === 'object') return { pushes: lines }
  return { problem: 'is neither a push as JSON, nor a list of them, nor one on each line' }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON as a whole: it may be JSON by the line.
    return undefined
  }
}

/** The elements of a JSON list, as they are written. The text must be valid. */
function elements(list: string): readonly string[] {
  const found: string[] = []
  let depth = 0
  let start = 1
  const end = (at: number): void => {
    const element = list.slice(start, at).trim()
    if (element !== '') found.push(element)
    start = at + 1
  }
  for (let at = 0; at < list.length; at += 1) {
    const character = list[at]
    if (character === '"') at = closingQuote(list, at)
    else if (character === '[' || character === '{') depth += 1
    else if (character === ']' || character === '}') {
      depth -= 1
      if (depth === 0) end(at)
    } else if (character === ',' && depth === 1) end(at)
  }
  return found
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at
  }
  return text.length
}
