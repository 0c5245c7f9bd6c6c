/**
 * Installs the AWS servers of the peer tests: MiniStack and moto, each at its version in a Python environment of its own.
 * Idempotent; needs Python 3.10 or newer with venv. The folder is CALI_PEERS_CACHE, or .cache/cali-peers in the home folder.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { AWS_SERVERS, type AwsServerName, environmentOf, installedMark, pythonOf } from '../test/peers/aws-server.ts'

for (const name of Object.keys(AWS_SERVERS) as AwsServerName[]) install(name)

function install(name: AwsServerName): void {
  const { requirement, module } = AWS_SERVERS[name]
  const folder = environmentOf(name)
  if (existsSync(installedMark(name)) && readFileSync(installedMark(name), 'utf8') === requirement) {
    console.log(`${requirement}: is there (${folder})`)
    return
  }
  console.log(`${requirement}: into ${folder}`)
  rmSync(folder, { recursive: true, force: true })
  const python = ['python3', 'python', 'py'].find(
    (program) => spawnSync(program, ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status === 0,
  )
  if (python === undefined) fail('no Python 3.10 or newer was found on the PATH')
  run(python, ['-m', 'venv', folder], 'the environment cannot be made: is the venv module of Python installed?')
  run(
    pythonOf(name),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement],
    `pip could not install ${requirement}`,
  )
  run(pythonOf(name), ['-c', `import ${module}`], `${requirement} cannot be loaded`)
  writeFileSync(installedMark(name), requirement)
  console.log(`${requirement}: is ready`)
}

function run(command: string, args: readonly string[], what: string): void {
  const done = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (done.status !== 0) fail(`${what} (${done.error?.message ?? `exit code ${done.status}`})`)
}

function fail(reason: string): never {
  console.error(`tools/peers-aws.ts: ${reason}`)
  process.exit(1)
}
