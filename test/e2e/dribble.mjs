import { connect } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

// Keeps `count` connections open that send a byte now and then: half of them never end their headers, half their body.
// One that is cut off comes back. Tells how many are open, and how many were cut off so far.

const { port, host, count, secret } = workerData
const HEAD = 'POST /webhook/flashduty HTTP/1.1\r\nHost: relay\r\n'
const BODY = `${HEAD}X-Relay-Secret: ${secret}\r\nContent-Length: 1000\r\n\r\n`
const BYTE_EVERY_MS = 300
/** Coming back at once, all those of one cut would be a flood, which is another attack. */
const BACK_WITHIN_MS = 300

const sockets = new Set()
let cut = 0

function open(first) {
  const socket = connect({ port, host })
  socket.on('connect', () => sockets.add(socket))
  socket.on('error', () => {})
  socket.on('close', () => {
    sockets.delete(socket)
    cut++
    setTimeout(open, (cut * 7) % BACK_WITHIN_MS, first)
  })
  socket.resume()
  socket.write(first)
}

for (let index = 0; index < count; index++) open(index % 2 === 0 ? HEAD : BODY)
setInterval(() => {
  for (const socket of sockets) socket.write('x')
}, BYTE_EVERY_MS)
setInterval(() => parentPort.postMessage({ open: sockets.size, cut }), 50)
