/** Python for the peers of the tests: a virtual environment per peer, with pinned packages, in the cache of the peers. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Folder of what the peer tests install for themselves. */
export const peersCache = (): string => process.env['CALI_PEERS_CACHE'] ?? join(homedir(), '.cache', 'cali-peers')

/** The program of a virtual environment, whether it is there or not. */
export const venvPython = (name: string): string =>
  process.platform === 'win32'
    ? join(peersCache(), name, 'Scripts', 'python.exe')
    : join(peersCache(), name, 'bin', 'python')

/** Whether the environment holds exactly these packages, e.g. `{ 'milvus-lite': '3.2.2' }`. */
export function hasPackages(name: string, packages: Readonly<Record<string, string>>): boolean {
  const python = venvPython(name)
  if (!existsSync(python)) return false
  const code = 'import sys, importlib.metadata as m; print(" ".join(m.version(p) for p in sys.argv[1:]))'
  const run = spawnSync(python, ['-c', code, ...Object.keys(packages)], { encoding: 'utf8' })
  return run.status === 0 && run.stdout.trim() === Object.values(packages).join(' ')
}

/** Makes the environment unless it is there; the process ends with 1 and a line that says why when it cannot be. */
export function installPackages(name: string, packages: Readonly<Record<string, string>>): void {
  const wanted = Object.entries(packages).map(([id, version]) => `${id}==${version}`)
  if (hasPackages(name, packages)) {
    console.log(`${name}: ${wanted.join(', ')} is there (${venvPython(name)})`)
    return
  }
  const python = basePython()
  if (python === undefined) fail(name, 'no Python from 3.10 on was found (python3, python, py -3)')
  console.log(`${name}: installing ${wanted.join(', ')} into ${join(peersCache(), name)}`)
  mkdirSync(peersCache(), { recursive: true })
  run(name, python.command, [...python.args, '-m', 'venv', join(peersCache(), name)])
  // Wheels only: a peer that had to be compiled would be another one on each machine.
  run(name, venvPython(name), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--only-binary=:all:',
    ...wanted,
  ])
  if (!hasPackages(name, packages)) fail(name, 'installed, but another version is there than asked for')
  console.log(`${name}: done`)
}

function basePython(): { command: string; args: readonly string[] } | undefined {
  const candidates = [
    { command: 'python3', args: [] },
    { command: 'python', args: [] },
    { command: 'py', args: ['-3'] },
  ]
  return candidates.find(({ command, args }) => {
    const code = 'import sys, venv; sys.exit(0 if sys.version_info >= (3, 10) else 1)'
    return spawnSync(command, [...args, '-c', code]).status === 0
  })
}

function run(name: string, command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, [...args], { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) fail(name, `${command} ${args.slice(0, 3).join(' ')} ended with ${status ?? error?.message}`)
}

function fail(name: string, reason: string): never {
  console.error(`${name}: not installed: ${reason}`)
  process.exit(1)
}
