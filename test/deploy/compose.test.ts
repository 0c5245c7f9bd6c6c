import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import { exampleEnvironment, variablesIn } from '../support/fluent-bit.ts'
import {
  COMPOSE,
  exampleVariables,
  FILES,
  interpolate,
  mebibytes,
  readCompose,
  resolved,
  type Service,
  textOf,
  variablesOf,
} from './compose-file.ts'

const ALL_VARIABLES = { ...exampleVariables(), LOCALSTACK_AUTH_TOKEN: 'given' }
const compose = resolved('compose.yaml', ALL_VARIABLES)
const override = resolved('compose.localstack.yaml', ALL_VARIABLES)
const services = Object.entries(compose.services)
const both = [...services, ...Object.entries(override.services)]
const volumesOf = (service: Service) =>
  (service.volumes ?? []).map((line) => {
    const [source = '', target = '', mode] = line.split(':')
    return { source, target, mode }
  })
const networksOf = ({ networks = ['default'] }: Service): readonly string[] =>
  Array.isArray(networks) ? networks : Object.keys(networks)
const small = services.filter(([, service]) => service.profiles === undefined)

describe('images', () => {
  it.each(both)('of %s has a tag, and one that does not move', (_name, service) => {
    expect(service.image).toMatch(/^[a-z0-9./-]+:[A-Za-z0-9][\w.-]*$/)
    expect(service.image).not.toMatch(/:(?:latest|stable|main|nightly|\d+)$/)
  })

  it('of CALI is built from this checkout for every service that uses it', () => {
    const ours = services.filter(([, service]) => service.image.startsWith('cali:'))
    expect(ours.map(([name]) => name)).toEqual(['generator', 'cali'])
    for (const [, { build }] of ours)
      expect(existsSync(join(COMPOSE, build?.context ?? '-', build?.dockerfile ?? '-'))).toBe(true)
  })
})

describe('what a service names', () => {
  it.each(both)(
    '%s: every file and folder that is mounted from here exists, and cannot be written to',
    (_n, service) => {
      for (const { source, mode } of volumesOf(service).filter((volume) => volume.source.startsWith('.'))) {
        expect(existsSync(join(COMPOSE, source)), source).toBe(true)
        expect(mode).toBe('ro')
      }
    },
  )

  it('volumes and networks are all defined, and all used', () => {
    const used = both.flatMap(([, service]) => volumesOf(service).map(({ source }) => source))
    const named = used.filter((source) => !source.startsWith('.'))
    const defined = [...Object.keys(compose.volumes ?? {}), ...Object.keys(override.volumes ?? {})]
    expect([...new Set(named)].sort()).toEqual(defined.sort())
    const networks = services.filter(([, s]) => s.network_mode === undefined).flatMap(([, s]) => networksOf(s))
    expect([...new Set(networks)].sort()).toEqual(Object.keys(compose.networks ?? {}).sort())
  })

  it('a volume is written by one service, but for those that the first one prepares', () => {
    const writers = Map.groupBy(
      services.flatMap(([name, service]) =>
        volumesOf(service)
          .filter(({ source, mode }) => !source.startsWith('.') && mode === undefined)
          .map(({ source }) => ({ name, source })),
      ),
      ({ source }) => source,
    )
    for (const [volume, by] of writers)
      expect(
        by.map(({ name }) => name).filter((name) => name !== 'prepare').length,
        `${volume} is written by ${by.map(({ name }) => name)}`,
      ).toBeLessThanOrEqual(1)
  })

  it('dependencies exist; who waits for health finds a check, who waits for an end finds a one-shot', () => {
    for (const [name, { depends_on = {} }] of services)
      for (const [other, { condition, required }] of Object.entries(depends_on)) {
        const wanted = compose.services[other] as Service
        expect(wanted, `${name} -> ${other}`).toBeDefined()
        if (condition === 'service_healthy') expect(wanted.healthcheck?.test, other).toBeDefined()
        else expect([condition, wanted.restart], other).toEqual(['service_completed_successfully', undefined])
        // Without its profile a service is not there, and must not be waited for.
        expect(required, `${name} -> ${other}`).toBe(wanted.profiles === undefined ? undefined : false)
      }
  })

  it('a service of the profile waits for nothing but what is always there', () => {
    const own = services.filter(([, service]) => service.profiles !== undefined)
    expect(own.map(([name, { profiles }]) => [name, profiles])).toEqual([
      ['postgres', ['full']],
      ['opensearch', ['full']],
      ['milvus', ['full']],
    ])
    for (const [, { depends_on = {} }] of own)
      for (const other of Object.keys(depends_on)) expect(compose.services[other]?.profiles).toBeUndefined()
  })
})

describe('safety', () => {
  it('every port is published on this machine alone, and each once', () => {
    const ports = both.flatMap(([, service]) => service.ports ?? [])
    expect(ports).toHaveLength(3)
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
    expect(new Set(ports.map((port) => port.split(':')[1])).size).toBe(ports.length)
  })

  it.each(services)(
    '%s has no capability, gains none, and its root is read-only where its image allows it',
    (name, s) => {
      expect(s.cap_drop).toEqual(['ALL'])
      expect(s.cap_add).toBeUndefined()
      expect(s.privileged).toBeUndefined()
      expect(s.security_opt).toContain('no-new-privileges:true')
      // Both write into their own program folders while they start.
      expect(s.read_only ?? false).toBe(!['opensearch', 'milvus'].includes(name))
    },
  )

  it('engines stand on a network that leads nowhere, together with CALI alone', () => {
    expect(compose.networks?.['engines']?.internal).toBe(true)
    const there = services.filter(([, service]) => networksOf(service).includes('engines')).map(([name]) => name)
    expect(there.sort()).toEqual(['cali', 'milvus', 'opensearch', 'postgres'])
    for (const name of ['postgres', 'opensearch', 'milvus'])
      expect(networksOf(compose.services[name] as Service)).toEqual(['engines'])
  })

  it('the key of the certificate is mounted into the emulator alone, secrets into CALI and PostgreSQL', () => {
    const readers = (volume: string) =>
      services
        .filter(([, service]) => volumesOf(service).some(({ source, mode }) => source === volume && mode === 'ro'))
        .map(([name]) => name)
    expect(readers('certificate')).toEqual(['emulator'])
    expect(readers('secrets')).toEqual(['cali', 'postgres'])
  })

  it('no Docker socket, no folder of the machine, no secret in the files', () => {
    for (const file of [...FILES, '.env.example'])
      expect(textOf(file)).not.toMatch(/docker\.sock|xox[bp]-\w{8}|xapp-\w{8}|sk-\w{8}/)
    for (const [, service] of both)
      for (const { source } of volumesOf(service)) expect(source).not.toMatch(/^[/~]|^[A-Za-z]:/)
  })
})

describe('size', () => {
  it('the small form, one-shots included, may use no more than 2 GB', () => {
    const sum = small.reduce((total, [, service]) => total + mebibytes(service.mem_limit), 0)
    expect(sum).toBeLessThanOrEqual(2048)
  })

  it('the full form may use no more than the 6 GB that .env.example names', () => {
    const sum = services.reduce((total, [, service]) => total + mebibytes(service.mem_limit), 0)
    expect(sum).toBeLessThanOrEqual(6 * 1024)
    expect(textOf('.env.example')).toContain('6 GB')
  })
})

describe('variables', () => {
  it('.env.example explains exactly those that the files use, each behind a comment', () => {
    const used = [...new Set(FILES.flatMap(variablesOf))].sort()
    expect(Object.keys(exampleVariables()).sort()).toEqual(used)
    const lines = textOf('.env.example').split('\n')
    for (const name of used) {
      const at = lines.findIndex((line) => line.startsWith(`${name}=`))
      const before = lines.slice(0, at).reverse()
      const comment = before.slice(0, Math.max(1, before.indexOf(''))).find((l) => l.startsWith('#'))
      expect(comment, `comment of ${name}`).toBeDefined()
    }
  })

  it('.env.example, copied as it is, changes nothing', () => {
    expect(resolved('compose.yaml', exampleVariables())).toEqual(resolved('compose.yaml', {}))
  })

  it('the environment of Fluent Bit is what its configuration asks for, no more', () => {
    const { environment = {} } = compose.services['fluent-bit'] as Service
    const asked = variablesIn(textOf('../fluent-bit/files-to-kinesis.yaml'))
    const credentials = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
    expect(Object.keys(environment).sort()).toEqual([...asked, ...credentials].sort())
    for (const name of Object.keys(environment)) expect(Object.keys(exampleEnvironment())).toContain(name)
  })

  it('the variables of Terraform are variables of the example that it applies', () => {
    const { environment = {} } = compose.services['setup'] as Service
    const given = Object.keys(environment).flatMap((name) => /^TF_VAR_(\w+)$/.exec(name)?.[1] ?? [])
    const known = textOf('../terraform/examples/local/variables.tf')
    expect(given.sort()).toEqual(['aws_endpoint', 'bucket'])
    for (const name of given) expect(known).toContain(`variable "${name}"`)
  })

  it('LocalStack without a token is refused with the name of what is missing', () => {
    expect(() => resolved('compose.localstack.yaml', {})).toThrow('LOCALSTACK_AUTH_TOKEN: set it in .env')
    const reference = (rest: string): string => `$\{B${rest}}`
    expect(interpolate(`$$a ${reference(':-c')} ${reference(':+d')}|`, {})).toBe('$a c |')
  })
})

describe("CALI's settings", () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cali-compose-'))
    await writeFile(join(folder, 'server-token'), 'a-token-of-the-test')
    await writeFile(join(folder, 'postgres-url'), 'postgres://cali:secret@postgres:5432/cali')
    // An empty cali.yaml, so that one in the working folder is not read.
    await writeFile(join(folder, 'cali.yaml'), '{}')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  /** The configuration that the service `cali` comes to. */
  const configOf = (variables: Record<string, string>) => {
    const { environment = {} } = resolved('compose.yaml', variables).services['cali'] as Service
    const local = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [
        name,
        String(value).replace(/^\/secrets\/(.+)$/, (_, file: string) => join(folder, file)),
      ]),
    )
    return readConfig({ environment: local, file: join(folder, 'cali.yaml') })
  }

  it('are accepted in the small form, which keeps state, index and knowledge to itself', () => {
    const { value, origins } = configOf({})
    expect(value).toMatchObject({
      dataDir: '/data',
      timeZone: 'Asia/Seoul',
      server: { host: '0.0.0.0', token: 'a-token-of-the-test', publicUrl: 'http://127.0.0.1:7070' },
      kinesis: { stream: 'cali-log-stream', region: 'ap-south-1', endpoint: 'https://localstack:4566' },
      aws: { endpoint: 'https://localstack:4566' },
      s3: { bucket: 'cali-archive-local' },
    })
    expect([value.postgres.url, value.opensearch.url, value.milvus.address]).toEqual([undefined, undefined, undefined])
    expect(origins.get('opensearch.replicas')).toBe('default')
  })

  it('are accepted in the full form, and name the services of the profile', () => {
    const { value } = configOf({ COMPOSE_PROFILES: 'full' })
    expect([value.postgres.url, value.opensearch.url, value.opensearch.replicas, value.milvus.address]).toEqual([
      'postgres://cali:secret@postgres:5432/cali',
      'http://opensearch:9200',
      0,
      'milvus:19530',
    ])
  })

  it('take what .env sets: port, language, Slack, model', () => {
    const { value } = configOf({
      CALI_PORT: '8080',
      CALI_LANG: 'ko',
      CALI_SLACK_BOT_TOKEN: 'xoxb-of-the-test',
      CALI_SLACK_CHANNEL: 'C0123456789',
      CALI_OPENAI_API_KEY: 'key',
    })
    expect(value).toMatchObject({
      lang: 'ko',
      server: { publicUrl: 'http://127.0.0.1:8080' },
      slack: { botToken: 'xoxb-of-the-test', channel: 'C0123456789' },
      openai: { apiKey: 'key' },
    })
  })

  it.each(services)('%s: every variable that begins with CALI_ is known to who reads it', (name, service) => {
    const names = Object.keys(service.environment ?? {}).filter((key) => key.startsWith('CALI_'))
    if (name === 'cali') return expect(names.length).toBeGreaterThan(10)
    // Only the first script reads some as well.
    for (const key of names) expect(textOf('prepare.sh')).toContain(key)
  })
})

const version = spawnSync('docker', ['compose', 'version', '--short'], { encoding: 'utf8' })
const hasCompose = version.status === 0
if (!hasCompose) process.stderr.write('skipped: no "docker compose" here; the files were read, but not by Compose\n')

describe.skipIf(!hasCompose)(`docker compose${hasCompose ? '' : ' (skipped: no docker compose on PATH)'}`, () => {
  it.each([
    ['small', ['-f', 'compose.yaml'], { COMPOSE_PROFILES: '' }, 6],
    ['full', ['-f', 'compose.yaml'], { COMPOSE_PROFILES: 'full' }, 9],
    ['LocalStack', ['-f', 'compose.yaml', '-f', 'compose.localstack.yaml'], { LOCALSTACK_AUTH_TOKEN: 'given' }, 6],
  ])('accepts the %s form', (_name, files, variables, count) => {
    const run = spawnSync('docker', ['compose', ...files, 'config', '--services'], {
      cwd: COMPOSE,
      env: { ...process.env, ...variables },
      encoding: 'utf8',
    })
    expect(run.stderr).not.toMatch(/error|not set/i)
    expect(run.stdout.trim().split('\n')).toHaveLength(count)
  })
})

it('the two files stay what they are called in the guides', () => {
  for (const guide of ['README.md', 'README.ko.md'])
    for (const file of [...FILES, '.env.example', 'smoke.ts']) expect(textOf(guide)).toContain(file)
  expect(Object.keys(readCompose('compose.localstack.yaml').services)).toEqual(['emulator'])
})
