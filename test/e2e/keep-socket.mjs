// Plays systemd: opens a socket, and runs the command it is given again and again with it as file 3.
// `node keep-socket.mjs RUNS COMMAND…`
import { spawnSync } from 'node:child_process'
import { writeSync } from 'node:fs'
import { createServer } from 'node:net'

const [runs, ...command] = process.argv.slice(2)
const server = createServer()
server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, () => {
  // From here on in one turn of the event loop: so we never take a connection ourselves.
  for (let run = 0; run < Number(runs); run++) {
    const script = 'echo "pid=$$"; exec env LISTEN_FDS=1 LISTEN_PID=$$ "$@"'
    const { status } = spawnSync('sh', ['-c', script, 'sh', ...command], {
      // oxlint-disable-next-line no-underscore-dangle -- Node has no other way to the number of the file
      stdio: ['ignore', 'inherit', 'inherit', server._handle.fd],
    })
    writeSync(1, `ended=${status}\n`)
  }
  process.exit(0)
})
