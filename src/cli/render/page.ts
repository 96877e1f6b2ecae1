import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toImportMap, toName, toStyles } from './inline.ts'
import { toPayload } from './payload.ts'
import type { Posted } from './post.ts'
import type { Preview } from './preview.ts'
import type { Shown } from './shown.ts'

const PAGE_FOLDER = fileURLToPath(new URL('../../../src/sandbox/page/', import.meta.url))

/**
 * One HTML file that shows messages as the sandbox's page does, by the same code. It works from the disk, without any
 * other file, and is forbidden to load one.
 */
export function toPage(shown: readonly Shown[], posted: Posted): string {
  const styles = `${toStyles(PAGE_FOLDER, 'index.html')}\n${readFileSync(join(PAGE_FOLDER, 'gallery.css'), 'utf8')}`
  const map = toInert(JSON.stringify(toImportMap(PAGE_FOLDER, 'gallery.js')))
  const start = `import '${toName('gallery.js')}'`
  const data = toInert(JSON.stringify({ ...posted.state, exhibits: shown.map((one) => toExhibit(one, posted)) }))
  const policy = [
    "default-src 'none'",
    `script-src data: ${hashOf(map)} ${hashOf(start)}`,
    `style-src ${hashOf(styles)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Incident relay: messages</title>
<style>${styles}</style>
<script type="importmap">${map}</script>
<script type="application/json" id="data">${data}</script>
</head>
<body>
<h1>Incident relay: messages</h1>
<main id="gallery"></main>
<noscript><p>This page draws itself with JavaScript, which is off.</p></noscript>
<script type="module">${start}</script>
</body>
</html>
`
}

function toExhibit({ type, language, routes, previews }: Shown, { places }: Posted): object {
  const place = (platform: Preview['platform']): object | null => {
    const preview = previews.find((one) => one.platform === platform)
    const found = preview === undefined ? undefined : places.get(preview)
    if (preview === undefined || found === undefined) return null
    const isSilent = preview.reply?.loudness === 'none'
    const note = isSilent ? 'the reply is not posted: this event changes the card alone' : ''
    return {
      ...found,
      note: [preview.destination, note].filter((words) => words !== '' && words !== platform).join(' · '),
    }
  }
  const note = [language, routes.length > 0 && `by ${routes.join(', ')}`].filter(Boolean).join(' · ')
  return { title: type, note, slack: place('slack'), discord: place('discord'), links: toLinks(previews) }
}

function toLinks(previews: readonly Preview[]): readonly object[] {
  const slack = previews.find(({ platform }) => platform === 'slack')
  if (slack === undefined) return []
  const messages = [
    ['card', slack.card] as const,
    ...(slack.reply === undefined ? [] : [['reply', slack.reply] as const]),
  ]
  return messages.flatMap(([what, { drawn }]) => {
    const { builder } = toPayload(slack, drawn)
    return builder === undefined ? [] : [{ label: `Block Kit Builder (${what})`, url: builder }]
  })
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

/** JSON that cannot end the element it stands in. */
function toInert(json: string): string {
  return json.replaceAll('<', '\\u003c')
}
