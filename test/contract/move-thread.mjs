// What touches the SQLite file, in a thread of its own: on some drivers a connection outlives its close() for as long as
// its thread, and with it the lock.
import { parentPort, workerData } from 'node:worker_threads'
import { moveStore } from '../../dist/store/move.js'
import { loadSqlite } from '../../dist/store/sqlite/driver.js'

const operations = {
  async move({ atRows = Infinity, ...options }) {
    const controller = new AbortController()
    let first
    const onProgress = ({ rows }) => {
      first ??= rows
      if (rows - first >= atRows) controller.abort()
    }
    return moveStore({ ...options, onProgress, signal: controller.signal })
  },
  async ask({ file, statements }) {
    const db = (await loadSqlite())(file)
    return statements.map((sql) => db.prepare(sql).all())
  },
  async exec({ file, sql }) {
    ;(await loadSqlite())(file).exec(sql)
  },
}

const { operation, options } = workerData
try {
  parentPort.postMessage({ value: await operations[operation](options) })
} catch (error) {
  parentPort.postMessage({ error: { message: error.message, reason: error.reason } })
}
