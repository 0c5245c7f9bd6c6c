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

// The parent holds the other end of stdin: when it is gone, however it went, there is nobody to serve.
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
process.stdin.on('error', () => process.exit(0))
