import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeFault, type FakeOpenSearch, startFakeOpenSearch } from '../../../test/support/fake-opensearch.ts'
import { createManualClock } from '../../platform/clock.ts'
import { CaliError, messageOf } from '../../platform/error.ts'
import type { LogRecord } from '../record.ts'
import { type IndexedLine, lineRecord } from './log-index.contract.ts'
import type { OpenSearchAddress } from './opensearch-client.ts'
import { type OpenSearchLogIndex, openOpenSearchLogIndex } from './opensearch-log-index.ts'
import type { OpenSearchLayout } from './opensearch-template.ts'

const NOON = Date.parse('2026-01-20T12:00:00Z')
const TODAY = 'cali-logs-2026.01.20'
let server: FakeOpenSearch
const clock = createManualClock(NOON)
const open: OpenSearchLogIndex[] = []
beforeEach(async () => {
  clock.set(NOON)
  server = await startFakeOpenSearch({ ism: true })
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((index) => index.close()))
  await server.stop()
})

function indexOf(options: { address?: Partial<OpenSearchAddress>; layout?: Partial<OpenSearchLayout> } = {}) {
  const index = openOpenSearchLogIndex({
    address: { url: server.url, timeoutMs: 5_000, ...options.address },
    layout: {
      index: 'cali-logs',
      shards: 1,
      replicas: 1,
      korean: 'none',
      retentionDays: 14,
      serverless: false,
      ...options.layout,
    },
    clock,
    random: () => 0,
    retryPolicy: { baseMs: 0, capMs: 0, attempts: 4 },
  })
  open.push(index)
  return index
}
const lines = (...ids: string[]): LogRecord[] => ids.map((id) => lineRecord({ id, body: `line ${id}` }))
const stored = (name = TODAY): string[] => [...(server.indices.get(name)?.keys() ?? [])].sort()
const bulkFault = (fault: (n: number) => FakeFault | undefined): void =>
  server.failWith(({ path }, n) => (path === '/_bulk' ? fault(n) : undefined))
const faultOf = async (work: Promise<unknown>): Promise<CaliError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof CaliError)) throw new Error(`no CaliError but ${messageOf(error)}`)
  return error
}
const bulkIds = (n: number): string[] =>
  (server.requests.filter(({ path }) => path === '/_bulk')[n - 1]?.body ?? '')
    .split('\n')
    .flatMap((line) => /^\{"create":.*"_id":"([^"]*)"/.exec(line)?.[1] ?? [])

describe('writing', () => {
  it('goes to the day on which a record arrived, whatever day it is now', async () => {
    const index = indexOf()
    const at = (id: string, time: string): LogRecord => {
      const arrival = Date.parse(time)
      return lineRecord({ id, body: 'x', more: { at: arrival - 86_400_000, observedAt: arrival } })
    }
    const records = [at('a', '2026-01-19T23:59:59.999Z'), at('b', '2026-01-20T00:00:00Z')]
    await index.write(records)
    clock.set(NOON + 86_400_000)
    await index.write(records)
    expect([stored('cali-logs-2026.01.19'), stored(TODAY), [...server.indices.keys()].length]).toEqual([
      ['a'],
      ['b'],
      2,
    ])
  })

  it('does not bring back a day that retention has deleted', async () => {
    const old = NOON - 15 * 86_400_000
    expect(await indexOf().write([lineRecord({ id: 'a', body: 'x', more: { observedAt: old } })])).toEqual([])
    expect([server.bulks(), server.indices.size]).toEqual([0, 0])
  })

  it('makes an id that is too long for OpenSearch, or no text, into one that is the same every time', async () => {
    const index = indexOf()
    const records = ['x'.repeat(513), '한'.repeat(171), 'x'.repeat(512), 'broken \ud800'].map((id) =>
      lineRecord({ id, body: 'x' }),
    )
    await index.write(records)
    await index.write(records)
    expect(stored().map((id) => id.slice(0, 5))).toEqual(['hash:', 'hash:', 'hash:', 'xxxxx'])
    expect(stored().every((id) => Buffer.byteLength(id) <= 512)).toBe(true)
  })

  it('keeps bodies small: a batch of any size goes in several', async () => {
    const big = Array.from({ length: 40 }, (_, i) => lineRecord({ id: `r${i}`, body: 'y'.repeat(100_000) }))
    await indexOf().write(big)
    const bodies = server.requests.filter(({ path }) => path === '/_bulk').map(({ body }) => body.length)
    expect(bodies.length).toBeGreaterThan(1)
    expect(Math.max(...bodies)).toBeLessThanOrEqual(5 * 1024 * 1024)
    expect(stored()).toHaveLength(40)
  })

  it('F18: sends again only what the server was too busy for, and gives back what it refuses', async () => {
    bulkFault((n) => ({
      item: (_, id) =>
        id === 'bad'
          ? { status: 400, error: { type: 'mapper_parsing_exception', reason: 'failed to parse' } }
          : id === 'busy' && n < 3
            ? { status: 429, error: { type: 'rejected_execution_exception', reason: 'queue is full' } }
            : id === 'down' && n < 2
              ? { status: 503, error: { type: 'unavailable_shards_exception', reason: 'primary' } }
              : undefined,
    }))
    const refused = await indexOf().write(lines('a', 'bad', 'busy', 'down'))
    expect(refused.map(({ record, reason }) => [record.id, reason])).toEqual([
      ['bad', 'mapper_parsing_exception: failed to parse'],
    ])
    expect(stored()).toEqual(['a', 'busy', 'down'])
    expect([1, 2, 3, 4].map(bulkIds)).toEqual([['a', 'bad', 'busy', 'down'], ['busy', 'down'], ['busy'], []])
  })

  it('F18: does not try for ever', async () => {
    bulkFault(() => ({
      item: () => ({ status: 429, error: { type: 'rejected_execution_exception', reason: 'full' } }),
    }))
    const fault = await faultOf(indexOf().write(lines('a')))
    expect([fault.code, fault.retryable, server.bulks()]).toEqual(['opensearch_busy', true, 4])
  })

  it('F19: a bulk that was done but not answered leaves no second copy', async () => {
    const index = indexOf({ address: { timeoutMs: 200 } })
    bulkFault((n) => (n === 1 ? 'done-unanswered' : undefined))
    expect((await faultOf(index.write(lines('a', 'b')))).code).toBe('opensearch_timeout')
    expect(await index.write(lines('a', 'b'))).toEqual([])
    expect([stored(), server.bulks()]).toEqual([['a', 'b'], 2])
  })

  it('splits what is too large for the server, and gives back the record that is too large alone', async () => {
    server.failWith(({ path, body }) => (path === '/_bulk' && body.includes('huge') ? { status: 413 } : undefined))
    const refused = await indexOf().write([
      ...lines('a', 'b', 'c'),
      lineRecord({ id: 'd', body: 'huge' }),
      ...lines('e'),
    ])
    expect(refused.map(({ record }) => record.id)).toEqual(['d'])
    expect(stored()).toEqual(['a', 'b', 'c', 'e'])
  })

  it.each<[string, FakeFault, string, RegExp]>([
    ['a 503', { status: 503, body: { error: 'no master' } }, 'opensearch_unavailable', /answers 503: no master/],
    [
      'a whole 429',
      { status: 429, body: { error: { type: 'circuit_breaking_exception' } } },
      'opensearch_busy',
      /429 circuit/,
    ],
    [
      'a whole 400',
      { status: 400, body: { error: { type: 'illegal_argument_exception', reason: 'no' } } },
      'opensearch_refused',
      /400/,
    ],
    ['a page of a proxy', { raw: '<html>hello</html>' }, 'opensearch_garbage', /broken JSON/],
    ['an answer that stalls', 'stall', 'opensearch_timeout', /not answered within 0.3 s/],
    ['no answer', 'hang', 'opensearch_timeout', /opensearch.timeout/],
    ['a closed connection', 'close', 'opensearch_unreachable', /ECONNRESET/],
    ['an answer for others', { raw: '{"errors":true,"items":[]}' }, 'opensearch_garbage', /bulk of 1 documents for 0/],
    [
      'a full disk',
      {
        item: () => ({
          status: 429,
          error: { type: 'cluster_block_exception', reason: 'TOO_MANY_REQUESTS/12/disk usage' },
        }),
      },
      'opensearch_blocked',
      /disk usage.*Make room/,
    ],
    [
      'a write block',
      {
        item: () => ({
          status: 403,
          error: { type: 'cluster_block_exception', reason: 'FORBIDDEN/8/index write (api)' },
        }),
      },
      'opensearch_blocked',
      /lift the block/,
    ],
    [
      'the limit of shards',
      { item: () => ({ status: 400, error: { type: 'validation_exception', reason: 'would add [2] total shards' } }) },
      'opensearch_shard_limit',
      /cluster.max_shards_per_node/,
    ],
    [
      'an index that may not be made',
      { item: () => ({ status: 404, error: { type: 'index_not_found_exception', reason: 'no such index' } }) },
      'opensearch_missing',
      /has no index cali-logs-2026/,
    ],
  ])("%s is nobody document's fault: nothing is given up, and it is said", async (_words, fault, code, text) => {
    const index = indexOf({ address: { timeoutMs: 300 } })
    bulkFault(() => fault)
    const error = await faultOf(index.write(lines('secret-id')))
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(text)])
    bulkFault(() => undefined)
    expect(await index.write(lines('secret-id'))).toEqual([])
    expect(stored()).toEqual(['secret-id'])
  })

  it('an error never shows what was sent', async () => {
    bulkFault(() => ({ status: 500, body: { error: 'boom' } }))
    const error = await faultOf(indexOf().write([lineRecord({ id: 'a', body: 'hunter2' })]))
    const { inspect } = await import('node:util')
    expect(`${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}`).not.toContain('hunter2')
  })

  it('prints nothing when an answer breaks off', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    try {
      bulkFault(() => 'stall')
      await faultOf(indexOf({ address: { timeoutMs: 200 } }).write(lines('a')))
      bulkFault(() => 'cut')
      await faultOf(indexOf().write(lines('a')))
      expect(log).not.toHaveBeenCalled()
    } finally {
      log.mockRestore()
    }
  })

  it('makes the day again when somebody has deleted it', async () => {
    const index = indexOf()
    await index.write(lines('a'))
    await index.expire('2026-02-01')
    expect(server.indices.size).toBe(0)
    await index.write(lines('b'))
    expect([stored(), server.requests.filter(({ method, path }) => method === 'PUT' && path === `/${TODAY}`)]).toEqual([
      ['b'],
      [expect.anything(), expect.anything()],
    ])
  })

  it('refuses a day that has another mapping, because searches would not find its lines', async () => {
    server.failWith(({ path }) =>
      path === `/${TODAY}/_mapping` ? { status: 200, body: { [TODAY]: { mappings: {} } } } : undefined,
    )
    const error = await faultOf(indexOf().write(lines('a')))
    expect([error.code, error.message, server.bulks()]).toEqual([
      'index_foreign_index',
      expect.stringContaining('choose another opensearch.index'),
      0,
    ])
  })

  it('ends at once when the program stops', async () => {
    const stop = new AbortController()
    const index = indexOf({ address: { signal: stop.signal, timeoutMs: 60_000 } })
    bulkFault(() => {
      setImmediate(() => stop.abort())
      return 'hang'
    })
    expect((await faultOf(index.write(lines('a')))).code).toBe('opensearch_stopped')
  })
})

describe('who asks', () => {
  const authorization = (): string => String(server.requests[0]?.headers.authorization)

  it('logs in with user and password', async () => {
    await indexOf({ address: { basic: { username: 'cali', password: 'p:w' } } }).prepare()
    expect(authorization()).toBe(`Basic ${Buffer.from('cali:p:w').toString('base64')}`)
  })

  it('signs for AWS, bulk bodies included', async () => {
    const index = indexOf({
      address: {
        signed: {
          service: 'es',
          region: 'ap-northeast-2',
          credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x', sessionToken: 'token' }),
        },
      },
    })
    await index.write(lines('a'))
    const { createHash } = await import('node:crypto')
    for (const { headers, body } of server.requests) {
      expect(headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/ap-northeast-2\/es\/aws4_request, SignedHeaders=/,
      )
      expect(headers['x-amz-security-token']).toBe('token')
      expect(headers['x-amz-content-sha256']).toBe(createHash('sha256').update(body).digest('hex'))
    }
    expect(stored()).toEqual(['a'])
  })

  it('says where credentials are looked for when there are none', async () => {
    const index = indexOf({
      address: {
        signed: {
          service: 'es',
          region: 'x',
          credentials: () => Promise.reject(new Error('Could not load credentials from any providers')),
        },
      },
    })
    const error = await faultOf(index.prepare())
    expect([error.code, error.message]).toEqual(['opensearch_credentials', expect.stringContaining('AWS_PROFILE')])
  })
})

describe('the start', () => {
  const start = (options: Parameters<typeof indexOf>[0] = {}) => faultOf(indexOf(options).prepare())

  it('makes the template, and leaves it when it is right', async () => {
    await indexOf().prepare()
    await indexOf().prepare()
    expect(server.requests.filter(({ method }) => method === 'PUT').map(({ path }) => path)).toEqual([
      '/_index_template/cali-logs',
    ])
    expect(server.templates.get('cali-logs')).toMatchObject({
      index_patterns: ['cali-logs-2*.*.*'],
      template: { aliases: { 'cali-logs': {} }, settings: { index: { number_of_shards: 1, number_of_replicas: 1 } } },
    })
  })

  it('renews a template of other settings', async () => {
    await indexOf().prepare()
    await indexOf({ layout: { replicas: 0 } }).prepare()
    expect(server.templates.get('cali-logs')).toMatchObject({
      template: { settings: { index: { number_of_replicas: 0 } } },
    })
  })

  it.each([
    ['2.6.0', 'opensearch', 'opensearch_too_old', /is 2\.6\.0: 2\.7 or newer.*flat_object/],
    ['1.3.20', 'opensearch', 'opensearch_too_old', /2\.7 or newer/],
    ['7.10.2', undefined, 'opensearch_other_server', /override_main_response_version/],
    ['8.15.0', undefined, 'opensearch_other_server', /Elasticsearch 8\.15\.0/],
  ])('refuses %s of %s', async (number, distribution, code, text) => {
    server.version(number, distribution)
    const error = await start()
    expect([error.code, error.message, error.retryable]).toEqual([code, expect.stringMatching(text), false])
  })

  it.each<[string, FakeFault, string, RegExp]>([
    ['a wrong password', { status: 401, body: 'Unauthorized' }, 'opensearch_denied', /set opensearch.username/],
    [
      'AWS says no',
      { status: 403, body: { Message: 'User: anonymous is not authorized' } },
      'opensearch_denied',
      /not authorized/,
    ],
    ['another web server', { raw: '"hello"' }, 'opensearch_garbage', /not OpenSearch/],
  ])('%s is said with the setting', async (_words, fault, code, text) => {
    server.failWith(() => fault)
    const error = await start()
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(text)])
  })

  it('says "cali setup" when it may not make the template', async () => {
    server.failWith(({ method }) =>
      method === 'PUT'
        ? {
            status: 403,
            body: {
              error: { type: 'security_exception', reason: 'no permissions for [indices:admin/index_template/put]' },
            },
          }
        : undefined,
    )
    const error = await start()
    expect([error.code, error.message]).toEqual([
      'index_not_set_up',
      expect.stringMatching(/index_template\/put.*cali setup/),
    ])
  })

  it('does not touch a template that is not its own, or of a newer CALI', async () => {
    server.templates.set('cali-logs', { index_patterns: ['x'] })
    expect((await start()).code).toBe('index_foreign_template')
    server.templates.set('cali-logs', { _meta: { cali: { mapping: 2, hash: 'x' } } })
    expect((await start()).code).toBe('index_newer_template')
  })

  it('says what to install when the server does not know nori', async () => {
    server.failWith(({ method }) =>
      method === 'PUT'
        ? {
            status: 400,
            body: {
              error: {
                type: 'mapper_parsing_exception',
                reason: 'analyzer [nori] has not been configured in mappings',
              },
            },
          }
        : undefined,
    )
    const error = await start({ layout: { korean: 'nori' } })
    expect([error.code, error.message]).toEqual(['opensearch_no_analyzer', expect.stringContaining('analysis-nori')])
  })

  it.each([
    ['no server', 'http://127.0.0.1:1', 'opensearch_unreachable', /ECONNREFUSED/],
    ['no such name', 'http://nowhere.invalid:9200', 'opensearch_unreachable', /not known by this name|EAI_AGAIN/],
  ])('%s at the address is said', async (_words, url, code, text) => {
    const error = await start({ address: { url } })
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(text)])
  })

  it('https to a server without TLS is said', async () => {
    const error = await start({ address: { url: server.url.replace('http:', 'https:') } })
    expect([error.code, error.message]).toEqual(['opensearch_protocol', expect.stringContaining('http://')])
  })

  it('a certificate authority that cannot be read is said', () => {
    expect(() => indexOf({ address: { caFile: '/no/such/ca.pem' } })).toThrow(
      /opensearch.caFile is "\/no\/such\/ca.pem"/,
    )
  })
})

describe('cali setup', () => {
  const run = async (options: Parameters<typeof indexOf>[0] = {}, dryRun = false) => {
    const states: string[] = []
    for (const step of indexOf(options).setup) states.push((await step.run(dryRun)).state)
    return states
  }

  it('makes template, alias and policy once', async () => {
    expect(await run({}, true)).toEqual(['created', 'created', 'created'])
    expect([server.templates.size, server.indices.size, server.policies.size]).toEqual([0, 0, 0])
    expect(await run()).toEqual(['created', 'created', 'created'])
    expect([...server.indices.keys()]).toEqual([TODAY])
    expect(await run()).toEqual(['unchanged', 'unchanged', 'unchanged'])
  })

  it('changes what other settings ask for', async () => {
    await run()
    expect(await run({ layout: { retentionDays: 30, replicas: 0 } })).toEqual(['changed', 'unchanged', 'changed'])
    expect(JSON.stringify(server.policies.get('cali-logs'))).toContain('"min_index_age":"31d"')
    expect(server.requests.filter(({ method, path }) => method === 'PUT' && path.includes('_ism'))).toHaveLength(2)
  })

  it('goes on without the plugin for policies, and says who deletes then', async () => {
    await server.stop()
    server = await startFakeOpenSearch()
    const outcome = await indexOf().setup[2]?.run(false)
    expect(outcome).toEqual({
      state: 'unavailable',
      detail: expect.stringContaining('CALI deletes days older than 14'),
    })
  })

  it('refuses an index that has the name of the alias', async () => {
    server.failWith(({ path }) =>
      path === '/cali-logs/_alias' ? { status: 200, body: { 'cali-logs': { aliases: {} } } } : undefined,
    )
    expect((await faultOf(indexOf().setup[1]?.run(false) ?? Promise.resolve())).code).toBe('index_foreign_index')
  })
})

describe('expiry', () => {
  it('deletes the days before by their exact names, and nothing that only looks like one', async () => {
    const index = indexOf()
    const day = (id: string, date: string): IndexedLine => ({ id, body: 'x', more: { observedAt: Date.parse(date) } })
    await index.write([day('a', '2026-01-18'), day('b', '2026-01-19'), day('c', '2026-01-20')].map(lineRecord))
    await index.write([])
    ;(server.indices as Map<string, unknown>).set('cali-logs-2x-2020.01.01', new Map())
    ;(server.indices as Map<string, unknown>).set('cali-logs-2020.01.01-old', new Map())
    await index.expire('2026-01-19')
    expect([...server.indices.keys()].sort()).toEqual([
      'cali-logs-2020.01.01-old',
      'cali-logs-2026.01.19',
      'cali-logs-2026.01.20',
      'cali-logs-2x-2020.01.01',
    ])
  })
})
