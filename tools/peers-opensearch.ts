/**
 * Installs the OpenSearch node of the peer tests: its jars by Maven (checksums verified), the launcher compiled, and an
 * archive of loaded classes that halves the start. Idempotent; needs a JDK of 21 or newer and Maven. The folder is
 * CALI_PEERS_CACHE, or .cache/cali-peers in the home folder.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  findJdk,
  installFolder,
  javaOptions,
  launch,
  program,
  readyPort,
  sources,
} from '../test/peers/opensearch-server.ts'

const folder = installFolder()
if (existsSync(join(folder, 'lib', 'node.jar')) && existsSync(join(folder, 'node.jsa'))) {
  console.log(`OpenSearch node: is there (${folder})`)
  process.exit(0)
}
const jdk = findJdk() ?? fail('no JDK 21 or newer was found: install one and set JAVA_HOME to it')
console.log(`OpenSearch node: JDK ${jdk}, into ${folder}`)
rmSync(folder, { recursive: true, force: true })
const building = `${folder}.building-${process.pid}`
mkdirSync(join(building, 'classes'), { recursive: true })
for (const name of readdirSync(sources)) copyFileSync(join(sources, name), join(building, name))

console.log('  jars by Maven (about 75 MB the first time)')
run(
  process.platform === 'win32' ? 'mvn.cmd' : 'mvn',
  ['-B', '-ntp', '-q', '-C', 'dependency:copy-dependencies', '-DoutputDirectory=lib'],
  'Maven could not fetch the jars. It must be on the PATH and reach a repository',
)
const wanted = /<opensearch.version>([^<]+)</.exec(readFileSync(join(building, 'pom.xml'), 'utf8'))?.[1]
if (!existsSync(join(building, 'lib', `opensearch-${wanted}.jar`))) fail(`Maven brought no opensearch-${wanted}.jar`)

console.log('  launcher')
run(
  program(jdk, 'javac'),
  ['-cp', join('lib', '*'), '-d', 'classes', 'OpenSearchNode.java'],
  'the launcher does not compile',
)
run(program(jdk, 'jar'), ['cf', join('lib', 'node.jar'), '-C', 'classes', '.'], 'the launcher cannot be packed')
mkdirSync(join(folder, '..'), { recursive: true })
renameSync(building, folder)

console.log('  archive of classes')
const home = mkdtempSync(join(tmpdir(), 'cali-opensearch-'))
const node = spawn(
  program(jdk, 'java'),
  [...javaOptions(folder, '512m'), `-XX:ArchiveClassesAtExit=${join(folder, 'node.jsa')}`, ...launch(home, 0, [])],
  { stdio: ['pipe', 'pipe', 'pipe'] },
)
try {
  const ended = once(node, 'exit')
  const port = await readyPort(node)
  const answer = (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as { version: { number: string } }
  if (answer.version.number !== wanted) fail(`the node is ${answer.version.number}, not ${wanted}`)
  node.stdin.end()
  await ended
} catch (error) {
  node.kill('SIGKILL')
  fail((error as Error).message)
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
}
console.log(`OpenSearch node: ${wanted} is ready (${folder})`)

function run(command: string, args: readonly string[], what: string): void {
  // Maven's program on Windows is a batch file, which only a shell runs. JAVA_HOME: Maven takes the same JDK.
  const done = spawnSync(command, args, {
    cwd: building,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: command.endsWith('.cmd'),
    env: { ...process.env, JAVA_HOME: jdk },
  })
  if (done.status !== 0) fail(`${what}: ${done.error?.message ?? `exit code ${done.status}`}`)
}

function fail(reason: string): never {
  console.error(`tools/peers-opensearch.ts: ${reason}`)
  process.exit(1)
}
