import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { loadSqlite } from '../../src/store/sqlite/driver.ts'
import { growLog } from '../../src/store/sqlite/log-room.ts'

// Keeps bodies on disk and does nothing else: what waits shares a commit, and the answer is how many are kept.

if (parentPort === null) throw new Error('this is a thread of keeping.ts')
const port = parentPort
const open = await loadSqlite()
const db = open(String(workerData))
db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
db.exec('CREATE TABLE body (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT')
// As the relay's: a commit that makes the log longer waits for the disk twice as long.
while (growLog(String(workerData)));
const insert = db.prepare('INSERT INTO body (body) VALUES (?)')

port.on('message', (first: readonly string[]) => {
  const bodies = [...first]
  for (;;) {
    const next: { message: readonly string[] } | undefined = receiveMessageOnPort(port)
    if (next === undefined) break
    bodies.push(...next.message)
  }
  db.exec('BEGIN IMMEDIATE')
  for (const body of bodies) insert.run(body)
  db.exec('COMMIT')
  port.postMessage(bodies.length)
})
