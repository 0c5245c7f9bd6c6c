// A door with TLS before an emulator that speaks plain HTTP, for practice on one machine:
//   node deploy/fluent-bit/tls-door.mjs 4567 4566
// Fluent Bit sends to Kinesis by TLS only and wants to see a certificate. This door shows the one that comes with the local
// Kinesis of CALI (its key is public, so it protects nothing), unwraps what comes and passes it on.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { createServer } from 'node:tls'

const [door, emulator] = process.argv.slice(2).map(Number)
if (!isPort(door) || !isPort(emulator)) fail('two ports are needed, of the door and of the emulator, e.g. 4567 4566')

const { cert, key } = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('kinesis-local/server.json'), 'utf8'),
).server

const server = createServer({ cert, key }, (outside) => {
  const inside = connect(emulator, '127.0.0.1')
  outside.pipe(inside).pipe(outside)
  // One side that is gone takes the other along; Fluent Bit connects anew by itself.
  outside.on('error', () => inside.destroy()).on('close', () => inside.destroy())
  inside.on('error', (error) => {
    say(`the emulator on port ${emulator} does not answer (${error.code ?? error.message}); is it running?`)
    outside.destroy()
  })
})
// Somebody who speaks no TLS, or does not trust the certificate.
server.on('tlsClientError', (error) => say(`refused: ${error.code ?? error.message}`))
server.on('error', (error) => fail(`port ${door}: ${error.code ?? error.message}`))
server.listen(door, '127.0.0.1', () => say(`TLS on 127.0.0.1:${door}, on to the emulator on port ${emulator}`))

function isPort(value) {
  return Number.isInteger(value) && value > 0 && value < 65_536
}

function say(line) {
  process.stdout.write(`${line}\n`)
}

function fail(line) {
  process.stderr.write(`tls-door.mjs: ${line}\n`)
  process.exit(1)
}
