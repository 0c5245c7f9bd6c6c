/** The images, without a Docker: files that a build would take are taken, and the program is run from them alone. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jarFaults } from '../../src/app/kcl-jars.ts'
import { freePort } from '../../src/app/local-kinesis.ts'
import { kclJarsFolder } from '../peers/kcl-worker.ts'
import { COMPOSE, ROOT, readCompose } from './compose-file.ts'
import {
  copyFromCheckout,
  DOCKERFILES,
  environmentOf,
  existsInCheckout,
  isSent,
  listOf,
  readDockerfile,
  type Stage,
  textOfFile,
} from './docker-files.ts'

const last = (name: string): Stage => readDockerfile(name).stages.at(-1) as Stage

describe.each(DOCKERFILES)('%s', (name) => {
  const { args, stages } = readDockerfile(name)
  const final = last(name)

  it('takes every file from the checkout that exists there and is sent to the build, and names every stage it takes from', () => {
    const known = new Set<string>()
    for (const stage of stages) {
      for (const { from, sources } of stage.copies)
        if (from !== undefined) expect(known, from).toContain(from)
        else
          for (const source of sources) {
            expect(existsInCheckout(source), source).toBe(true)
            expect(isSent(source), source).toBe(true)
          }
      known.add(stage.name)
    }
  })

  it('names each base image once, by an argument with a tag that can be replaced by a digest', () => {
    const names = new Set(stages.map((stage) => stage.name))
    for (const { base } of stages) {
      if (names.has(base)) continue
      const argument = /^\$\{(\w+)\}$/.exec(base)?.[1]
      expect(args[argument ?? ''], base).toMatch(/^[a-z0-9./-]+:[\w.-]+$/)
      expect(args[argument ?? '']).not.toMatch(/:latest$/)
    }
  })

  it('builds on the builder what is the same everywhere, and nothing in it depends on a processor', () => {
    for (const stage of stages.slice(0, -1))
      expect([stage.platform, stages.some((other) => other.name === stage.base)]).not.toEqual([undefined, false])
    expect(final.platform).toBeUndefined()
    expect(textOfFile(`deploy/docker/${name}`)).not.toMatch(/amd64|arm64|x86_64|aarch64|TARGETARCH/)
  })

  it('installs from the lock file: packages to run without those of development, and runs none of their scripts', () => {
    const installs = stages.flatMap((stage) =>
      stage.lines.filter(([, text]) => /\bnpm (?:ci|i|install)\b/.test(text)).map(([, text]) => [stage.name, text]),
    )
    expect(installs.map(([stage]) => stage)).toEqual(['dependencies', 'dashboard'])
    for (const [, text] of installs) expect(text).toMatch(/ npm ci .*--ignore-scripts/)
    expect(installs[0]?.[1]).toContain('--omit=dev --omit=optional')
    expect(final.copies.filter(({ sources }) => sources.join().includes('node_modules'))).toMatchObject([
      { from: 'dependencies' },
    ])
  })

  it('runs as 65532, owns no file but the data folder, and hides its probes in no shell', () => {
    expect(final.lines.findLast(([instruction]) => instruction === 'USER')?.[1]).toBe('65532:65532')
    expect(final.copies.filter(({ chown }) => chown !== undefined).map(({ target }) => target)).toEqual(['/data'])
    expect(environmentOf(final)).toMatchObject({ NODE_ENV: 'production', CALI_DATA_DIR: '/data' })
    for (const instruction of ['ENTRYPOINT', 'CMD', 'HEALTHCHECK'])
      expect(listOf(final, instruction).length, instruction).toBeGreaterThan(0)
    expect(listOf(final, 'ENTRYPOINT').slice(-2)).toEqual([expect.stringMatching(/\/node$/), 'bin/cali.js'])
  })

  it('carries the labels of OCI', () => {
    const labels = final.lines
      .filter(([instruction]) => instruction === 'LABEL')
      .map(([, text]) => text)
      .join(' ')
    for (const key of ['title', 'description', 'licenses', 'version', 'revision', 'created', 'source'])
      expect(labels).toContain(`org.opencontainers.image.${key}=`)
    const license = (JSON.parse(textOfFile('package.json')) as { license: string }).license
    expect(labels).toContain(`licenses="${license}"`)
  })
})

describe('the image of the API', () => {
  it('has no shell in its last stage: nothing is run there', () => {
    const { args } = readDockerfile('cali.Dockerfile')
    expect(args['RUNTIME_IMAGE']).toMatch(/^gcr\.io\/distroless\/nodejs24-debian13:nonroot$/)
    expect(last('cali.Dockerfile').lines.filter(([instruction]) => instruction === 'RUN')).toEqual([])
  })
})

describe('the image of the consumer', () => {
  const { stages } = readDockerfile('consumer.Dockerfile')
  const runs = (stage: string) =>
    stages.filter(({ name }) => name === stage).flatMap(({ lines }) => lines.filter(([i]) => i === 'RUN'))

  it('fetches the jars by the very plugin that "cali kcl install" runs, and holds them to the same checksums', () => {
    const plugin = /'(org\.apache\.maven\.plugins:[^']+)'/.exec(textOfFile('src/app/kcl-jars.ts'))?.[1]
    const text = runs('jars')
      .map(([, run]) => run)
      .join('\n')
    expect(plugin).toBeDefined()
    expect(text).toContain(` ${plugin} `)
    expect(text).toContain('-DincludeScope=runtime')
    expect(text).toContain('cd /jars && sha256sum --check --strict --quiet /kcl/jars.sha256')
  })

  it('has a headless Java 17 and tini in front, and checks Java and jars while it is built', () => {
    const text = runs('')
      .map(([, run]) => run)
      .join('\n')
    expect(text).toContain('openjdk-17-jre-headless tini')
    expect(text).toContain('["node", "bin/cali.js", "kcl", "check"]')
    expect(listOf(last('consumer.Dockerfile'), 'ENTRYPOINT').slice(0, 2)).toEqual(['/usr/bin/tini', '--'])
  })
})

describe('what is sent to a build', () => {
  it('is source, not state, secrets, history or tests', () => {
    for (const path of [
      '.env',
      'deploy/compose/.env',
      '.git/config',
      '.cali/state.db',
      'cali.yaml',
      'app.log',
      'docs/en/cli.md',
    ])
      expect(isSent(path), path).toBe(false)
    for (const path of ['src/app/config.test.ts', 'web/dist/index.html', 'node_modules/zod/package.json'])
      expect(isSent(path), path).toBe(false)
    for (const path of [
      'src/cli/main.ts',
      'src/state/migrations/0001.sql',
      'runbooks/x.md',
      'deploy/kcl/pom.xml',
      '.npmrc',
    ])
      expect(isSent(path), path).toBe(true)
  })
})

describe('docker-bake.hcl', () => {
  const bake = textOfFile('deploy/docker/docker-bake.hcl')

  it('builds both files for both processors, with an SBOM and its provenance', () => {
    expect([...bake.matchAll(/dockerfile = "(.+)"/g)].map((m) => m[1])).toEqual(
      DOCKERFILES.map((name) => `deploy/docker/${name}`),
    )
    expect(bake).toContain('platforms = ["linux/amd64", "linux/arm64"]')
    expect(bake).toContain('attest = ["type=sbom", "type=provenance,mode=max"]')
  })

  it('gives every argument that the files declare, and no other', () => {
    const given = [...(/args = \{([^}]+)\}/.exec(bake)?.[1] ?? '').matchAll(/^ *(\w+) +=/gm)].map((m) => m[1])
    for (const name of DOCKERFILES) {
      const declared = last(name)
        .lines.filter(([i]) => i === 'ARG')
        .map(([, text]) => text.split('=')[0])
      // The builder itself takes the last one.
      expect(given).toEqual([...declared, 'SOURCE_DATE_EPOCH'])
    }
  })
})

describe.each(DOCKERFILES)('the files of %s alone', (name) => {
  const stage = last(name)
  let app = ''
  const children: ChildProcess[] = []

  beforeAll(async () => {
    app = await mkdtemp(join(tmpdir(), 'cali-image-'))
    copyFromCheckout(stage, app)
    await symlink(join(ROOT, 'node_modules'), join(app, 'node_modules'), 'junction')
    if (existsSync(join(ROOT, 'web/dist/index.html')))
      await cp(join(ROOT, 'web/dist'), join(app, 'web/dist'), { recursive: true })
    await mkdir(join(app, 'data'))
  })
  afterAll(async () => {
    for (const child of children) {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    await rm(app, { recursive: true, force: true, maxRetries: 5 })
  })

  /** What the image sets, and no more; its folders are here. */
  const environment = (): Record<string, string> => ({
    ...Object.fromEntries(['PATH', 'SYSTEMROOT'].map((key) => [key, process.env[key] ?? ''])),
    ...environmentOf(stage),
    CALI_DATA_DIR: join(app, 'data'),
    HOME: join(app, 'data'),
  })
  const run = (args: readonly string[], more: Record<string, string> = {}) =>
    spawnSync(process.execPath, ['bin/cali.js', ...args], {
      cwd: app,
      env: { ...environment(), ...more },
      encoding: 'utf8',
      timeout: 60_000,
    })

  it('hold everything that is read beside the code: prompts, migrations, runbooks, checksums', () => {
    for (const file of [
      'src/pipeline/investigate/prompts/report.md',
      'deploy/kcl/jars.sha256',
      'package.json',
      'LICENSE',
    ])
      expect(existsSync(join(app, file)), file).toBe(true)
    // Whatever the code names by its own place must be there, or be made by another stage.
    const missing = textsOfSource(app).flatMap(({ file, text }) =>
      [...text.matchAll(/new URL\(\s*'(\.{1,2}\/[^']+)'/g)]
        .map((m) => join(file, '..', m[1] as string))
        .filter((path) => !existsSync(path) && !/web[\\/]dist|web[\\/]?$|build-web\.ts$|-worker\.js$/.test(path)),
    )
    expect(missing).toEqual([])
  })

  it('say their version and accept the configuration', () => {
    const { version } = JSON.parse(textOfFile('package.json')) as { version: string }
    expect(run(['--version'])).toMatchObject({ stdout: `${version}\n`, status: 0 })
    expect(run(['config', 'check'])).toMatchObject({ status: 0, stderr: '' })
    expect(run(['kb', 'list', '--json']).stdout).toContain('"id"')
  })

  const built = existsSync(join(ROOT, 'web/dist/index.html'))
  const dashboard = built ? 'dashboard' : 'no dashboard (skipped: web/dist is not built here, npm run build:web)'
  it(`serve: health, ${dashboard}, the image's own probe, a clean stop`, async () => {
    const port = await freePort(0)
    const server = spawn(process.execPath, ['bin/cali.js', 'serve'], {
      cwd: app,
      env: { ...environment(), CALI_SERVER_PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(server)
    await new Promise<void>((resolve, reject) => {
      server.once('exit', (code) => reject(new Error(`ended with ${code}`)))
      createInterface({ input: server.stdout as NonNullable<typeof server.stdout> }).on('line', (line) => {
        if (line.includes('"started"')) resolve()
      })
    })
    expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()).toEqual({ status: 'ok' })
    expect(await probe(stage, port)).toBe(0)
    const page = await fetch(`http://127.0.0.1:${port}/`)
    if (built) expect(await page.text()).toBe(readFileSync(join(ROOT, 'web/dist/index.html'), 'utf8'))
    else expect(page.status).toBe(503)
    server.removeAllListeners('exit')
    const exit = once(server, 'exit')
    server.kill('SIGTERM')
    if (process.platform !== 'win32') expect((await exit)[0]).toBe(0)
    else await exit
    expect(await probe(stage, port)).toBe(1)
  })

  if (name === 'cali.Dockerfile') return
  const jars = kclJarsFolder()
  const noJars = jarFaults(jars).length > 0
  const why = noJars ? ' (skipped: no KCL jars here, node tools/peers-kcl.ts)' : ''
  if (noJars) process.stderr.write(`${name}: the check of the jars${why}\n`)
  it.skipIf(noJars)(`find Java and every jar right, as the build asks${why}`, () => {
    const checked = run(['kcl', 'check'], { CALI_KCL_JARS: jars })
    expect(checked.stderr).toBe('')
    expect(checked.stdout).toMatch(/^Java \d+; jars in .*, all checksums right\n$/)
    expect(run(['kcl', 'check'], { CALI_KCL_JARS: join(app, 'src') }).status).not.toBe(0)
  })
})

it('compose builds the image that is tested here, and starts it in ways that it knows', () => {
  const { services } = readCompose('compose.yaml')
  for (const name of ['cali', 'generator']) {
    const { build, command = [] } = services[name] ?? {}
    expect(join(COMPOSE, build?.context ?? '', build?.dockerfile ?? '')).toBe(
      join(ROOT, 'deploy/docker/cali.Dockerfile'),
    )
    const help = spawnSync(process.execPath, [join(ROOT, 'bin/cali.js'), command[0] ?? '', '--help'], {
      encoding: 'utf8',
    })
    for (const flag of command.filter((word) => word.startsWith('--'))) expect(help.stdout).toContain(flag)
  }
})

/** Runs the image's HEALTHCHECK with the Node.js of this machine. */
async function probe(stage: Stage, port: number): Promise<unknown> {
  const [, ...args] = listOf(stage, 'HEALTHCHECK')
  const child = spawn(process.execPath, args, {
    stdio: 'ignore',
    env: { ...process.env, CALI_SERVER_PORT: String(port) },
  })
  return (await once(child, 'exit'))[0]
}

function textsOfSource(app: string): { file: string; text: string }[] {
  const listed = spawnSync('git', ['ls-files', 'src'], { cwd: ROOT, encoding: 'utf8' }).stdout.split('\n')
  return listed
    .filter((name) => name.endsWith('.ts') && existsSync(join(app, name)))
    .map((name) => ({ file: join(app, name), text: readFileSync(join(app, name), 'utf8') }))
}
