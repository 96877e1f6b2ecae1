import { createHistory } from './history.ts'

// Usage: history-process.js FILE EVENTS
const [file = '', events = '0'] = process.argv.slice(2)
await createHistory(file, Number(events))
process.send?.('done')
