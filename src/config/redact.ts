import type { Finding } from './problem.ts'
import type { SourceNode } from './source.ts'

/** Shorter ones are no working secret, and would blacken ordinary words. */
const MIN_CHARS = 6
const SECRET_KEYS = new Set(['token', 'secret', 'secrets', 'password', 'api_key', 'postgres'])
/** Slack's and Discord's tokens, wherever they were pasted. */
const TOKEN_SHAPES = /\bx(?:ox[a-z]|app)[\w.]*-[\w-]+|[\w-]{20,}\.[\w-]{5,8}\.[\w-]{25,}/g

/**
 * A last guard on everything that is said of a configuration: no text that stands
 * where a secret belongs, and nothing shaped like a token, leaves in a message.
 */
export function createRedactor(root: SourceNode): (finding: Finding) => Finding {
  const secrets = [...collect(root, false, new Set())].toSorted((a, b) => b.length - a.length)
  const redact = (text: string) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), text).replace(TOKEN_SHAPES, '…')
  return ({ at, path, message }) => ({ at, path: path.map(redact), message: redact(message) })
}

function collect(node: SourceNode, secret: boolean, found: Set<string>): Set<string> {
  if (node.kind === 'text') {
    if (secret && node.text.length >= MIN_CHARS) found.add(node.text)
  } else if (node.kind === 'list') {
    for (const item of node.items) collect(item, secret, found)
  } else if (node.kind === 'map') {
    for (const [key, entry] of node.entries) {
      if (secret && key.length >= MIN_CHARS) found.add(key)
      collect(entry.node, secret || SECRET_KEYS.has(key), found)
    }
  }
  return found
}
