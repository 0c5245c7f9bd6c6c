/** What can be said of `deploy/fluent-bit` without a Fluent Bit; `fluent-bit.test.ts` runs one where there is one. */
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  CLASSIC,
  CONTAINER_ID,
  exampleEnvironment,
  FILES,
  FOLDER,
  KUBERNETES,
  named,
  only,
  PIPELINES,
  readDeployed,
  readParsers,
  readPipeline,
  reads,
  type Section,
  seconds,
  setting,
  variablesIn,
} from '../support/fluent-bit.ts'

const BUILT_IN = ['docker', 'cri']
const ENVIRONMENT = exampleEnvironment()

const parsersOf = (name: string) =>
  name === CLASSIC ? readParsers('classic/parsers.conf', 'classic/multiline.conf') : readParsers('parsers.yaml')
const variable = (name: string): string => `\${${name}}`
const withoutKey = (section: Section, key: string): Section =>
  new Map([...section].filter(([candidate]) => candidate !== key))

describe('every Fluent Bit configuration', () => {
  it('is one of those tested here', () => {
    const found = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => /-to-\w+\.(?:yaml|conf)$/.test(name))
    expect(found.sort()).toEqual([...PIPELINES].sort())
  })

  it.each(PIPELINES)('%s names only parsers, scripts and Lua functions that exist', (name) => {
    const { service, inputs, processors, filters } = readPipeline(name)
    const { headers, multiline } = parsersOf(name)
    for (const path of service.get('parsers_file') ?? [])
      expect(
        path.replace(`${variable('EDGE_CONF')}/`, name === CLASSIC ? 'classic/' : ''),
        `${path} holds the parsers that this test reads`,
      ).toMatch(name === CLASSIC ? /^classic\/(?:parsers|multiline)\.conf$/ : /^parsers\.yaml$/)
    for (const section of [...inputs, ...processors])
      for (const parser of (setting(section, 'multiline.parser') ?? '').split(',').filter((part) => part !== ''))
        expect([...multiline.keys(), ...BUILT_IN]).toContain(parser)
    expect([...headers.keys()]).toEqual(expect.arrayContaining([...(named(filters, 'parser').get('parser') ?? [])]))
    const lua = named(filters, 'lua')
    expect(readDeployed((setting(lua, 'script') ?? '').replace(`${variable('EDGE_CONF')}/`, ''))).toMatch(
      new RegExp(`^function ${setting(lua, 'call')}\\(tag, timestamp, record\\)$`, 'm'),
    )
  })

  it.each(PIPELINES)('%s joins events on the input, never in a filter', (name) => {
    const { inputs, processors, filters } = readPipeline(name)
    expect(filters.map((filter) => setting(filter, 'name'))).not.toContain('multiline')
    const joining = KUBERNETES.includes(name) ? named(processors, 'multiline') : only(inputs)
    expect(setting(joining, 'multiline.parser')).toMatch(/^cali_ml/)
  })

  it.each(PIPELINES)('%s keeps on disk what waits, and never pauses the input', (name) => {
    const { service, inputs } = readPipeline(name)
    const input = only(inputs)
    expect(setting(service, 'storage.path')).toBe(`${variable('EDGE_STATE')}/storage`)
    expect(setting(input, 'storage.type')).toBe('filesystem')
    expect(setting(input, 'db')).toMatch(/^\$\{EDGE_STATE\}\//)
    expect([...input.keys()].filter((key) => /mem_buf_limit|pause_on_chunks_overlimit/.test(key))).toEqual([])
    expect(setting(input, 'buffer_max_size')).toBe('4M')
  })

  it.each(PIPELINES)('%s never gives a chunk up, and never hangs', (name) => {
    const output = only(readPipeline(name).outputs)
    expect(setting(output, 'retry_limit')).toBe('no_limits')
    expect(setting(output, 'storage.total_limit_size')).toMatch(/^\d+G$/)
    expect(seconds(setting(output, 'net.io_timeout'))).toBeGreaterThan(0)
  })

  it.each(PIPELINES)('%s serves health and metrics', (name) => {
    const { service } = readPipeline(name)
    for (const key of ['http_server', 'health_check', 'storage.metrics']) expect(setting(service, key), key).toBe('on')
  })

  it.each(PIPELINES)('%s sends all it reads, and keeps the whole event in log_content', (name) => {
    const { inputs, filters, outputs } = readPipeline(name)
    const tag = setting(only(inputs), 'tag')
    for (const section of [...filters, ...outputs]) expect(setting(section, 'match')).toBe(tag)
    const parser = named(filters, 'parser')
    expect([setting(parser, 'preserve_key'), setting(parser, 'reserve_data')]).toEqual(['on', 'on'])
    if (!KUBERNETES.includes(name)) expect(setting(parser, 'key_name')).toBe('log_content')
    else {
      expect(setting(parser, 'key_name')).toBe('log')
      expect(setting(named(filters, 'modify'), 'rename')).toBe('log log_content')
      const kubernetes = named(filters, 'kubernetes')
      expect([setting(kubernetes, 'merge_log'), setting(kubernetes, 'keep_log')]).toEqual(['off', 'on'])
    }
  })

  it.each(PIPELINES)('%s gives each event host, file and offset before Lua makes an id of them', (name) => {
    const { inputs, filters } = readPipeline(name)
    const input = only(inputs)
    expect([setting(input, 'path_key'), setting(input, 'offset_key')]).toEqual(['log_file', 'log_offset'])
    expect(setting(named(filters, 'record_modifier'), 'record')).toBe(`host ${variable('EDGE_NODE')}`)
    expect(setting(filters.at(-1) as Section, 'name')).toBe('lua')
  })

  it.each(FILES)("%s leaves out its own log and CALI's", (name) => {
    expect(
      ['fluent-bit.log', 'cali.log', 'cali-2026-01-20.log', 'app.log', 'calculator.log'].filter(reads(name)),
    ).toEqual(['app.log', 'calculator.log'])
  })

  it.each(KUBERNETES)("%s leaves out its own pods and CALI's", (name) => {
    const file = (pod: string): string => `${pod}-${CONTAINER_ID}.log`
    const others = ['order-service-7d9f8b6c5d-x2k4q_shop_app', 'calico-node-8xk2p_calico-system_calico-node'].map(file)
    const own = [
      'fluent-bit-9xk2p_logging_fluent-bit',
      'cali-6d5f8b7c9-abcde_ops_cali',
      'api-6d5f8b7c9-abcde_cali_api',
      'kube-proxy-x2k4q_kube-system_kube-proxy',
    ].map(file)
    expect([...others, ...own].filter(reads(name))).toEqual(others)
    expect(setting(named(readPipeline(name).filters, 'kubernetes'), 'k8s-logging.exclude')).toBe('on')
  })

  it.each([
    ['files-to-kinesis.yaml', 'files-to-http.yaml'],
    ['kubernetes-to-kinesis.yaml', 'kubernetes-to-http.yaml'],
  ])('%s and %s differ in the output alone', (one, other) => {
    expect({ ...readPipeline(other), outputs: [] }).toEqual({ ...readPipeline(one), outputs: [] })
  })

  it('in the classic form is the YAML one, setting by setting', () => {
    const [classic, yaml] = [readPipeline(CLASSIC), readPipeline('files-to-kinesis.yaml')]
    const comparable = ({ service, ...rest }: typeof yaml) => ({
      ...rest,
      service: withoutKey(service, 'parsers_file'),
    })
    expect(comparable(classic)).toEqual(comparable(yaml))
  })
})

describe('the outputs', () => {
  it.each(PIPELINES.filter((name) => name.includes('kinesis')))(
    '%s sends few large records to AWS or a local stream',
    (name) => {
      const output = named(readPipeline(name).outputs, 'kinesis_streams')
      expect(Object.fromEntries([...output].map(([key, [value]]) => [key, value]))).toMatchObject({
        region: variable('AWS_REGION'),
        stream: variable('KINESIS_STREAM'),
        endpoint: variable('KINESIS_HOST'),
        port: variable('KINESIS_PORT'),
        'tls.ca_file': variable('KINESIS_CA_FILE'),
        time_key: '@timestamp',
        simple_aggregation: 'on',
        compression: 'gzip',
      })
      // partition_key does not exist, log_key also sends keys that begin like it, tls stops the start.
      for (const key of ['partition_key', 'log_key', 'tls', 'tls.verify']) expect([...output.keys()]).not.toContain(key)
    },
  )

  it.each(PIPELINES.filter((name) => name.includes('http')))(
    '%s sends JSON lines with gzip and token to /ingest',
    (name) => {
      const output = named(readPipeline(name).outputs, 'http')
      expect(Object.fromEntries([...output].map(([key, [value]]) => [key, value]))).toMatchObject({
        host: variable('CALI_HOST'),
        port: variable('CALI_PORT'),
        tls: variable('CALI_TLS'),
        uri: '/ingest',
        format: 'json_lines',
        compress: 'gzip',
        json_date_key: '@timestamp',
        header: `Authorization Bearer ${variable('CALI_SERVER_TOKEN')}`,
      })
    },
  )
})

describe('.env.example', () => {
  /** Read by the Kinesis output itself. */
  const CREDENTIALS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']

  it('names every variable that a configuration uses, and no other', () => {
    const used = new Set([...PIPELINES.flatMap((name) => variablesIn(readDeployed(name))), ...CREDENTIALS])
    expect(Object.keys(ENVIRONMENT).sort()).toEqual([...used].sort())
  })

  it('has a value for each: Fluent Bit takes an empty one for not set', () => {
    expect(Object.entries(ENVIRONMENT).filter(([, value]) => value === '' || /["'#\s]/.test(value))).toEqual([])
  })
})
