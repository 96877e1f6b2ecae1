/** One piece of a message as Discord's own clients read it. */
export interface Token {
  readonly kind: 'text' | 'escape' | 'markup'
  readonly name: string
  readonly text: string
}

/**
 * The rules of Discord's clients, in their order, each tried where the one before ended; `line` ones only where a line
 * starts. Written down from what the clients do, and independently of what makes the messages.
 */
const RULES: readonly { readonly name: string; readonly line?: true; readonly rule: RegExp }[] = [
  { name: 'heading', line: true, rule: /^ *#{1,3} +\S/ },
  { name: 'small', line: true, rule: /^ *-# +\S/ },
  { name: 'quote', line: true, rule: /^ *>(>>)? / },
  { name: 'list', line: true, rule: /^ *(?:[-*+]|\d+[.)]) +\S/ },
  { name: 'fence', rule: /^```[^]*?```/ },
  { name: 'escape', rule: /^\\[^0-9A-Za-z\s]/ },
  { name: 'address', rule: /^(?:https?|steam|discord):\/\/[^\s<]+/i },
  { name: 'address', rule: /^<(?:https?:\/\/[^ >]+|[^ >]+@[^ >]+|\+\d+)>/i },
  { name: 'invite', rule: /^discord(?:\.gg|(?:app)?\.com\/invite)\/[\w-]+/i },
  { name: 'link', rule: /^\[(?:\\.|[^\]\\])*\]\([^)]*\)/ },
  { name: 'mention', rule: /^<(?:@!?|@&|#)\d+>/ },
  { name: 'everyone', rule: /^@(?:everyone|here)/ },
  { name: 'time', rule: /^<t:-?\d+(?::\w)?>/ },
  { name: 'command', rule: /^<(?:\/[^:>]+:\d+|id:\w+)>/ },
  { name: 'emoji', rule: /^(?:<a?:\w+:\d+>|:\w+:)/ },
  { name: 'bold', rule: /^\*\*((?:\\[^]|[^\\])+?)\*\*(?!\*)/ },
  { name: 'underline', rule: /^__((?:\\[^]|[^\\])+?)__(?!_)/ },
  { name: 'italic', rule: /^\*(?=\S)((?:\*\*|\\[^]|\s+(?:\\[^]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/ },
  { name: 'italic', rule: /^_((?:__|\\[^]|[^\\_])+?)_(?!\w)/ },
  { name: 'strike', rule: /^~~([^]+?)~~(?!_)/ },
  { name: 'spoiler', rule: /^\|\|([^]+?)\|\|/ },
  { name: 'code', rule: /^(`+)[^]*?[^`]\1(?!`)/ },
]

/** Read a message. What stands inside of a style is read as well. */
export function toTokens(message: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < message.length) {
    const rest = message.slice(at)
    const lineStart = at === 0 || message[at - 1] === '\n'
    const found = RULES.find(({ line, rule }) => (line === undefined || lineStart) && rule.test(rest))
    const match = found?.rule.exec(rest)
    if (found === undefined || !match) {
      const [char = ''] = rest
      tokens.push({ kind: 'text', name: 'text', text: char })
      at += char.length
      continue
    }
    const [text, inner] = match
    const kind = found.name === 'escape' ? 'escape' : 'markup'
    tokens.push({ kind, name: found.name, text })
    if (inner !== undefined && found.name !== 'code') tokens.push(...toTokens(inner))
    at += text.length
  }
  return tokens
}

const STYLES = new Set(['bold', 'italic', 'strike'])

/** What a reader sees of a message that has no markup but styles and code. */
export function visible(message: string): string {
  const seen = toTokens(message).map(({ name, text }) => {
    if (STYLES.has(name)) return ''
    if (name === 'escape') return text.slice(1)
    return name === 'code' ? text.slice(1, -1) : text
  })
  return seen.join('').replaceAll('\u200b', '')
}

/** What a reader should see of a text in one line: white space is one space, what cannot be shown is left out. */
export function toVisible(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(/\u0085/g, '\n')
    .replace(/\p{Cc}/gu, (control) => (control === '\n' ? control : ''))
    .replaceAll('\u200b', '')
    .trim()
}
