/**
 * `npm run test:peers`: installs the real servers that are not there yet, as far as this machine can, and runs every adapter
 * against them. What cannot be installed is told, and its tests say that they are skipped. `--install` only installs,
 * `--run` only runs; further words choose test files.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findPostgres } from '../test/peers/postgres-server.ts'

const args = process.argv.slice(2)
const only = args.find((arg) => arg === '--install' || arg === '--run')
const chosen = args.filter((arg) => !arg.startsWith('--'))
const tools = fileURLToPath(new URL('.', import.meta.url))

if (only !== '--run')
  for (const name of readdirSync(tools)
    .filter((file) => /^peers-\w+\.ts$/.test(file))
    .sort()) {
    const { status } = spawnSync(process.execPath, [join(tools, name)], { stdio: 'inherit' })
    if (status !== 0) console.error(`tools/${name} could not install its server: the tests that need it are skipped`)
  }
if (findPostgres() === undefined)
  console.error('PostgreSQL is not installed (initdb was not found): its tests are skipped')
if (only !== '--install') {
  const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
  const projects = ['peers', ...(findPostgres() === undefined ? [] : ['postgres'])].flatMap((name) => [
    '--project',
    name,
  ])
  process.exitCode =
    spawnSync(process.execPath, [vitest, 'run', ...projects, ...chosen], { stdio: 'inherit' }).status ?? 1
}
