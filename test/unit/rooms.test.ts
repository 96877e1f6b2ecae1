import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

// Who may import whom. Each room answers one question; these rules keep the
// answers apart, and what is pure, pure. `no-cycle` and file lengths are linted.

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => toFile(file.replaceAll('\\', '/')))

/** Files that do no I/O and know neither time nor chance but what they are given. */
const PURE = [
  /^incident\//,
  /^message\/(?!load|folder|check|liquid|tree|source|vocabulary)/,
  /^platform\/(platform|transport|inspect|patience)\.ts$/,
  /^platform\/\w+\/(payload|errors|rich-text|parts|fit|plain|reactions|embed|markdown|escape|mentions|codes|drawn|snowflake)\.ts$/,
  /^platform\/slack\/(manifest|repairs)\.ts$/,
  /^platform\/discord\/(permissions|judge-channel)\.ts$/,
  /^flashduty\/(json|event|envelope|time|id|named|object|push|pushes|derive|sample|sample-story)\.ts$/,
  /^delivery\/(pace|backoff|step|late-call|clock|report)\.ts$/,
  /^config\/(schema|route|shape|scalar|mention|dotenv)\.ts$/,
  /^sandbox\/(bucket|demo|fault|call|trace|places|relay)\.ts$/,
  /^admin\/(calls|shown)\.ts$/,
  /^cli\/(table|width|explain-told|explain-lines|init-files)\.ts$/,
  /^(nearest|defined|slots|address)\.ts$/,
]

describe('a pure file', () => {
  const pure = files.filter(({ path }) => PURE.some((pattern) => pattern.test(path)))

  it('is what the list means', () => {
    for (const pattern of PURE)
      expect(
        files.some(({ path }) => pattern.test(path)),
        String(pattern),
      ).toBe(true)
  })

  it.each(pure)('$path does no I/O', ({ code, imports }) => {
    expect(imports.filter((name) => name.startsWith('node:') || /store\/(sql|postgres)/.test(name))).toEqual([])
    expect(code).not.toMatch(/\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bsetTimeout\b|\bfetch\(/)
  })
})

describe('a room', () => {
  const rules: readonly [room: RegExp, forbidden: RegExp, why: string][] = [
    [
      /^platform\/slack\//,
      /(delivery|incident|config|store|flashduty|discord)\//,
      'a platform knows nothing but its SDK and messages',
    ],
    [
      /^platform\/discord\//,
      /(delivery|incident|config|store|flashduty|slack)\//,
      'a platform knows nothing but its SDK and messages',
    ],
    [
      /^delivery\//,
      /store\/(sql|postgres)|platform\/(slack|discord|index)|config\/|ops\/|^discord|@slack/,
      'the worker sees interfaces only',
    ],
    [/^flashduty\//, /platform\/|delivery\/|message\/|store\/(sql|postgres)/, 'intake never waits for chat'],
    [
      /^admin\//,
      /platform\/|delivery\/|message\/|incident\/|store\/(sql|postgres)/,
      'who looks into a relay sees the store and intake, not how messages are made',
    ],
    [
      /^incident\//,
      /delivery\/|platform\/|flashduty\/|message\/(?!message)|store\/(sql|postgres)|ops\//,
      'what should happen is decided before anything is said',
    ],
    [
      /^message\//,
      /delivery\/|platform\/|flashduty\/|store\/|ops\/|config\//,
      'what to say does not depend on where it is said',
    ],
    [
      /^store\//,
      /delivery\/|flashduty\/|message\/|config\/|ops\/|platform\/(?!platform)/,
      'the store remembers, it does not decide',
    ],
    [
      /^sandbox\//,
      /delivery\/|platform\/|store\/|config\/|message\/|incident\//,
      'the fakes must not share code with what they test',
    ],
  ]
  it.each(rules)('%s does not import %s: %s', (room, forbidden) => {
    const inside = files.filter(({ path }) => room.test(path))
    expect(inside.length).toBeGreaterThan(0)
    for (const { path, imports } of inside) {
      const foreign = imports.filter((name) => forbidden.test(name.replace(/^(\.\.?\/)+/, '')))
      expect(foreign, path).toEqual([])
    }
  })

  it('asks the clock and chance in the composition root only', () => {
    const allowed = /^(app|main)\.ts$|^cli\/|^sandbox\/server\.ts$|^ops\//
    const asking = files.filter(({ path, code }) => !allowed.test(path) && /\bDate\.now\b|\bMath\.random\b/.test(code))
    expect(asking.map(({ path }) => path)).toEqual([])
  })

  it('ends the process in main.ts only', () => {
    expect(files.filter(({ code }) => /\bprocess\.exit\(/.test(code)).map(({ path }) => path)).toEqual(['main.ts'])
  })
})

interface File {
  readonly path: string
  readonly code: string
  readonly imports: readonly string[]
}

function toFile(path: string): File {
  const code = readFileSync(SRC + path, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
  const imports = [...code.matchAll(/^(?:import|export)(?! type)[^'"]*?from ['"]([^'"]+)['"]/gm)].map(
    (match) => match[1] ?? '',
  )
  return { path, code, imports }
}
