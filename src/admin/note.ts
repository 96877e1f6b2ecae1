import { renameSync, rmSync, writeFileSync } from 'node:fs'
import * as v from 'valibot'
import { readText } from '../config/file.ts'
import { isLoopback } from '../address.ts'

/** Where a running relay can be asked, and what opens its door. */
export interface AdminNote {
  readonly url: string
  readonly token: string
}

/** A URL and a token; what is larger is another file. */
const MAX_NOTE_BYTES = 4_096

/** Only this machine: a token must not be carried elsewhere, whatever the file says. */
const Note = v.object({
  url: v.pipe(v.string(), v.check(isHere)),
  token: v.pipe(v.string(), v.regex(/^[\w-]{32,128}$/)),
})

/** Beside the database, so that whoever may read that may ask. */
export function notePath(storeFile: string): string {
  return `${storeFile}.admin.json`
}

/** Leave the note for the commands of this user, in place of whatever an earlier relay left. Throws if it cannot be written. */
export function writeNote(storeFile: string, note: AdminNote): void {
  const path = notePath(storeFile)
  const fresh = `${path}.new`
  rmSync(fresh, { force: true })
  writeFileSync(fresh, `${JSON.stringify(note)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(fresh, path)
}

export function removeNote(storeFile: string): void {
  rmSync(notePath(storeFile), { force: true })
}

/** The note, or in words why there is none. */
export function readNote(storeFile: string): AdminNote | { readonly problem: string } {
  const read = readText(notePath(storeFile), MAX_NOTE_BYTES)
  if ('problem' in read) return read
  const note = v.safeParse(v.pipe(v.string(), v.parseJson(), Note), read.text)
  return note.success ? note.output : { problem: 'is not what a relay leaves there' }
}

function isHere(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, ''))
}
