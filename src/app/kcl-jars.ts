/** KCL jars: fetched once by Maven, and held to the checksums that this version of CALI was tested with. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CaliError, messageOf } from '../platform/error.ts'

const LOCK = new URL('../../deploy/kcl/jars.sha256', import.meta.url)
const POM = new URL('../../deploy/kcl/pom.xml', import.meta.url)
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** File name to SHA-256, as `sha256sum` writes them. */
export function readJarLock(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const m = /^([0-9a-f]{64}) [ *](\S+\.jar)$/.exec(line)
      return m === null ? [] : [[m[2] as string, m[1] as string] as const]
    }),
  )
}

/** What is wrong with a folder of jars, in words; empty when it is exactly what the lock names. */
export function jarFaults(folder: string, lock = readJarLock(readFileSync(LOCK, 'utf8'))): readonly string[] {
  let present: string[]
  try {
    present = readdirSync(folder).filter((name) => name.endsWith('.jar'))
  } catch {
    return ['there is no such folder']
  }
  const missing = [...lock.keys()].filter((name) => !present.includes(name))
  const strange = present.filter((name) => !lock.has(name))
  const changed = present.filter(
    (name) =>
      lock.has(name) &&
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex') !== lock.get(name),
  )
  return [
    ...faultOf(missing, 'missing'),
    ...faultOf(strange, 'not of this version'),
    ...faultOf(changed, 'not what it should be (checksum)'),
  ]
}

const faultOf = (names: readonly string[], what: string): string[] =>
  names.length === 0
    ? []
    : [`${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}: ${what}`]

/** Throws a CaliError unless the jars are there and whole. */
export function checkJars(folder: string): void {
  const faults = jarFaults(folder)
  if (faults.length > 0)
    throw new CaliError(
      'kcl_jars',
      `kcl.jars is "${folder}": ${faults.join('; ')}. Run "cali kcl install", or correct kcl.jars.`,
    )
}

/** Fetches the jars into the folder with Maven, and checks them. Returns how many there are. */
export async function installJars(folder: string, onLine: (line: string) => void): Promise<number> {
  if (jarFaults(folder).length === 0) return readJarLock(readFileSync(LOCK, 'utf8')).size
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) if (name.endsWith('.jar')) rmSync(join(folder, name))
  await runMaven(folder, onLine)
  checkJars(folder)
  return readJarLock(readFileSync(LOCK, 'utf8')).size
}

function runMaven(folder: string, onLine: (line: string) => void): Promise<void> {
  const windows = process.platform === 'win32'
  const args = ['-B', '-ntp', '-f', fileURLToPath(POM), PLUGIN, `-DoutputDirectory=${folder}`, '-DincludeScope=runtime']
  return new Promise((resolve, reject) => {
    // Maven is a script on Windows, which needs its shell; nothing of these arguments comes from elsewhere but the folder.
    const child = windows
      ? spawn(
          'mvn.cmd',
          args.map((arg) => `"${arg}"`),
          { shell: true, stdio: ['ignore', 'pipe', 'pipe'] },
        )
      : spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let last = ''
    const read = (chunk: Buffer): void => {
      for (const line of chunk.toString('utf8').split(/\r?\n/)) {
        if (/ERROR/.test(line)) last = line
        if (line.trim() !== '') onLine(line)
      }
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('error', (error) =>
      reject(
        new CaliError(
          'kcl_no_maven',
          `Maven cannot be run (${messageOf(error)}): "mvn" must be on the PATH to fetch the jars of the KCL. Install it (https://maven.apache.org), or use the container image, which has them.`,
          { cause: error },
        ),
      ),
    )
    child.on('close', (code) =>
      code === 0
        ? resolve()
        : reject(new CaliError('kcl_install_failed', `Maven ended with ${code}: ${last || 'see its output'}`)),
    )
  })
}
