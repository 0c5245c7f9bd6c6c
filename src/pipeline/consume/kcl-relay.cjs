// Run by the KCL daemon, once per shard: ties the daemon's pipes to the worker, where all shards are served together.
const { connect } = require('node:net')

// Outside of CALI's configuration: the daemon hands its own environment on.
// biome-ignore lint/style/noProcessEnv: see above.
const { CALI_KCL_SOCKET, CALI_KCL_SECRET } = process.env
const socket = connect(CALI_KCL_SOCKET)
// What holds this process open ends with the daemon: it waits for its children without limit.
const end = () => process.exit()
for (const stream of [process.stdin, process.stdout, socket]) {
  stream.on('error', end)
  stream.on('close', end)
  stream.on('end', end)
}
socket.on('connect', () => {
  socket.write(`${CALI_KCL_SECRET}\n`)
  process.stdin.pipe(socket)
  socket.pipe(process.stdout)
})
