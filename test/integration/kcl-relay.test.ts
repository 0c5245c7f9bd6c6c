/** The relay as a process of its own, as the daemon runs it: `node kcl-relay.cjs` on pipes. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

const RELAY = fileURLToPath(new URL('../../src/pipeline/consume/kcl-relay.cjs', import.meta.url))
const SECRET = 'a-secret'
/** Longest time that a daemon may have to wait for its child (F40). */
const END_MS = 2_000

let folder: string
let server: Server
let relay: ChildProcessWithoutNullStreams
let path: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cali-relay-'))
  path = process.platform === 'win32' ? `\\\\.\\pipe\\cali-relay-${process.pid}-${Date.now()}` : join(folder, 's')
  server = createServer({ allowHalfOpen: true }).listen(path)
  await once(server, 'listening')
})
afterEach(() => {
  relay.kill('SIGKILL')
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

function startRelay(): void {
  relay = spawn(process.execPath, [RELAY], { env: { ...process.env, CALI_KCL_SOCKET: path, CALI_KCL_SECRET: SECRET } })
}

async function connected(): Promise<Socket> {
  startRelay()
  const [socket] = (await once(server, 'connection')) as [Socket]
  return socket
}

const endsInTime = async (): Promise<void> => {
  const started = performance.now()
  if (relay.exitCode === null) await once(relay, 'exit')
  expect(performance.now() - started).toBeLessThan(END_MS)
}

/** Everything that comes until `bytes` are there. */
async function read(from: Readable, bytes: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of from.iterator({ destroyOnReturn: false })) {
    pieces.push(piece as Buffer)
    length += (piece as Buffer).length
    if (length >= bytes) break
  }
  return Buffer.concat(pieces)
}

it('shows the secret first, then carries what the daemon says and what is answered, byte for byte', async () => {
  const socket = await connected()
  const question = Buffer.from(`{"data":"${'재고 확인 실패 \u2028'.repeat(200_000)}"}\n`)
  relay.stdin.write(question)
  const heard = await read(socket, question.length + SECRET.length + 1)
  expect(heard.equals(Buffer.concat([Buffer.from(`${SECRET}\n`), question]))).toBe(true)
  const answer = Buffer.from(`{"답":"${'é'.repeat(500_000)}"}\n`)
  socket.write(answer)
  expect((await read(relay.stdout, answer.length)).equals(answer)).toBe(true)
})

it('prints nothing of its own, so that nothing but answers reaches the daemon', async () => {
  const socket = await connected()
  const printed: Buffer[] = []
  relay.stdout.on('data', (piece: Buffer) => printed.push(piece))
  relay.stderr.on('data', (piece: Buffer) => printed.push(piece))
  socket.write('{"action":"status"}\n')
  relay.stdin.write('{"action":"leaseLost"}\n')
  socket.end()
  await endsInTime()
  expect(Buffer.concat(printed).toString()).toBe('{"action":"status"}\n')
})

it('ends with the daemon although the worker stands still and holds its end open (F40)', async () => {
  const socket = await connected()
  // Nobody reads, nobody closes: as a worker that is frozen, with more on the way than the socket holds.
  socket.pause()
  relay.stdin.on('error', () => undefined)
  relay.stdin.write(Buffer.alloc(4_000_000, 'x'))
  relay.stdin.destroy()
  await endsInTime()
})

it('ends when the worker does, and when there is none', async () => {
  const socket = await connected()
  socket.destroy()
  await endsInTime()
  server.close()
  path = join(folder, 'nobody')
  startRelay()
  await endsInTime()
})
