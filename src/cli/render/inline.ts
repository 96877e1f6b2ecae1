import { readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'

/** `import … from './x.js'`, `import './x.js'`, `export … from './x.js'`: whatever stands before the address, and the address. */
const IMPORT = /^((?:import|export)\b[^'"]*?['"])(\.{1,2}\/[^'"]+)(?=['"])/gm

/**
 * A module and all it imports, as an import map of `data:` addresses: a page with them needs no other file. Names are
 * paths below `folder`, with `page/` before them.
 */
export function toImportMap(folder: string, entry: string): { readonly imports: Readonly<Record<string, string>> } {
  const imports: Record<string, string> = {}
  const waiting = [entry]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (imports[toName(name)] !== undefined) continue
    const here = name
    const code = readFileSync(join(folder, here), 'utf8').replace(IMPORT, (_, before: string, path: string) => {
      const file = normalize(join(here, '..', path))
      waiting.push(file)
      return before + toName(file)
    })
    imports[toName(here)] = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
  }
  return { imports }
}

/** What a page imports a module of the map by. */
export function toName(file: string): string {
  return `page/${file.replaceAll('\\', '/')}`
}

/** The style sheets a page links to, in its order, as one. */
export function toStyles(folder: string, page: string): string {
  const html = readFileSync(join(folder, page), 'utf8')
  const files = [...html.matchAll(/<link\b[^>]*rel="stylesheet"[^>]*href="[^"]*\/([\w-]+\.css)"/g)].map(
    ([, file]) => file ?? '',
  )
  return files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
}
