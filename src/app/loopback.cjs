// Loaded into the local Kinesis before it starts: it would listen on every interface, and outlive its parent.
const net = require('node:net')

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function listenOnLoopback(...args) {
  const [first] = args
  if (typeof first === 'object' && first !== null && first.port !== undefined) args[0] = { ...first, host: '127.0.0.1' }
  else if (typeof first === 'number') {
    const callback = args.findLast((arg) => typeof arg === 'function')
    return listen.call(this, { port: first, host: '127.0.0.1' }, callback)
  }
  return listen.apply(this, args)
}

// Whoever started this process holds the other end of stdin: when it is gone, however it went, there is nobody to serve.
const parent = process.ppid
// Its own runtime holds process.exit back while requests are open; there is nothing in it to save.
const end = () => process.kill(process.pid, 'SIGKILL')
process.stdin.resume()
process.stdin.on('end', end)
process.stdin.on('close', end)
process.stdin.on('error', end)
// A kill can leave the pipe without an event: the parent is looked for as well.
setInterval(() => {
  try {
    process.kill(parent, 0)
    if (process.ppid !== parent) end()
  } catch {
    end()
  }
}, 1_000).unref()
