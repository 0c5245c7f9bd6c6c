/** What the compose file's emulator looks like from outside: one port for HTTP and HTTPS, Kinesis and S3 behind it. */
import { readFileSync } from 'node:fs'
import { createServer as createHttp, type RequestListener, request } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'

const TLS_HANDSHAKE = 0x16

export async function startEmulatorFront(options: {
  /** Folder with server.crt and server.key. */
  readonly certificate: string
  readonly kinesis: string
  readonly s3: string
}): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const forward: RequestListener = (incoming, answer) => {
    const kinesis = String(incoming.headers['x-amz-target']).startsWith('Kinesis_')
    const target = new URL(incoming.url ?? '/', kinesis ? options.kinesis : options.s3)
    const outgoing = request(target, { method: incoming.method, headers: incoming.headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    outgoing.on('error', () => answer.destroy())
    incoming.pipe(outgoing)
  }
  const http = createHttp(forward)
  const https = createHttps(
    {
      cert: readFileSync(join(options.certificate, 'server.crt')),
      key: readFileSync(join(options.certificate, 'server.key')),
    },
    forward,
  )
  const sockets = new Set<Socket>()
  const front = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    socket.once('data', (first) => {
      socket.pause()
      socket.unshift(first)
      ;(first[0] === TLS_HANDSHAKE ? https : http).emit('connection', socket)
      process.nextTick(() => socket.resume())
    })
  })
  await new Promise<void>((listening) => front.listen(0, '127.0.0.1', listening))
  const { port } = front.address() as AddressInfo
  return {
    port,
    stop: async () => {
      const closed = new Promise<void>((done) => front.close(() => done()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
