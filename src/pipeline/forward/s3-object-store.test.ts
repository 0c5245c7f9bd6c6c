import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type FakeS3, type S3Fault, startFakeS3 } from '../../../test/support/fake-s3.ts'
import { archived, entryOf, openWriter } from './archive.test-data.ts'
import { objectStoreContract } from './object-store.contract.ts'
import type { OwnedObjectStore } from './object-store.ts'
import { explainS3 } from './s3-error.ts'
import { createS3ObjectStore, type S3Address } from './s3-object-store.ts'

let server: FakeS3
const opened: OwnedObjectStore[] = []

beforeAll(async () => {
  server = await startFakeS3({ pageSize: 3 })
})
afterAll(() => server.close())
afterEach(() => {
  for (const store of opened.splice(0)) store.close()
  server.objects.clear()
})

function open(more: Partial<S3Address> = {}): OwnedObjectStore {
  const store = createS3ObjectStore({
    bucket: server.bucket,
    prefix: 'team-a/',
    region: 'ap-northeast-2',
    endpoint: server.url,
    timeoutMs: 10_000,
    ...more,
  })
  opened.push(store)
  return store
}

let contracts = 0
objectStoreContract('S3, a stand-in of it', async () => open({ prefix: `contract-${contracts++}/` }))

const bytes = Buffer.from('body')
const refused = (status: number, code: string, more: Partial<S3Fault> = {}): S3Fault =>
  ({ kind: 'answer', status, code, ...more }) as S3Fault

describe('a write', () => {
  it('goes under the prefix, with key, checksum and facts as headers', async () => {
    await open({ kmsKey: 'alias/logs' }).putIfAbsent('a/key', bytes, { first: '7' })
    expect([...server.objects.keys()]).toEqual(['team-a/a/key'])
    expect(server.requests.at(-1)?.headers).toMatchObject({
      'if-none-match': '*',
      'x-amz-meta-first': '7',
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'alias/logs',
      'x-amz-server-side-encryption-bucket-key-enabled': 'true',
    })
  })

  it.each<[string, S3Fault]>([
    ['a conflict with another writer', refused(409, 'ConditionalRequestConflict')],
    ['too many requests', refused(503, 'SlowDown')],
    ['an error of the service', refused(500, 'InternalError')],
    ['an error after the write happened', refused(500, 'InternalError', { done: true })],
    ['a page of a proxy', refused(502, '', { body: '<html>Bad gateway' })],
    ['no answer that can be read', refused(503, '', { body: '{"not":"xml"' })],
    ['a connection that breaks before the write', { kind: 'reset' }],
    ['a connection that breaks after it', { kind: 'reset', done: true }],
  ])('that meets %s may be tried again, and is there once', async (_words, fault) => {
    const store = open()
    server.fail(fault)
    await expect(store.putIfAbsent('a/key', bytes)).rejects.toMatchObject({ retryable: true })
    const happened = server.objects.has('team-a/a/key')
    expect(await store.putIfAbsent('a/key', bytes)).toBe(!happened)
    expect(await store.get('a/key')).toEqual(new Uint8Array(bytes))
  })

  it('whose connection breaks says so, not that nobody answered', async () => {
    server.fail({ kind: 'reset' })
    await expect(open().putIfAbsent('a/key', bytes)).rejects.toMatchObject({ code: 's3_broken' })
  })

  it('that is not answered is given up after s3.timeout', async () => {
    server.fail({ kind: 'hang' })
    await expect(open({ timeoutMs: 50 }).putIfAbsent('a/key', bytes)).rejects.toMatchObject({
      code: 's3_timeout',
      retryable: true,
    })
  })
})

describe('a read', () => {
  it('that breaks off half way is an error that may be tried again, not a shorter object', async () => {
    const store = open()
    const large = Buffer.alloc(300_000, 'x')
    await store.putIfAbsent('a/key', large)
    server.fail({ kind: 'cut' })
    await expect(store.get('a/key')).rejects.toMatchObject({ retryable: true })
    expect(await store.get('a/key')).toHaveLength(large.length)
  })

  it('of many keys goes over all pages, and stops asking when its reader does', async () => {
    const store = open()
    for (const n of [1, 2, 3, 4, 5, 6, 7]) await store.putIfAbsent(`a/${n}`, bytes)
    expect(await Array.fromAsync(store.list('a/', 'a/2'))).toEqual(
      [3, 4, 5, 6, 7].map((n) => ({ key: `a/${n}`, bytes: 4 })),
    )
    const before = server.requests.length
    for await (const _ of store.list('a/')) break
    expect(server.requests.length - before).toBe(1)
  })
})

describe('the check', () => {
  it('passes for a bucket that can be listed, and writes nothing', async () => {
    await open().check()
    expect(server.objects.size).toBe(0)
  })

  it.each<[string, S3Fault | undefined, Partial<S3Address>, RegExp]>([
    ['no such bucket', undefined, { bucket: 'another' }, /no bucket "another".*Check s3\.bucket/],
    [
      'the wrong region',
      refused(301, 'PermanentRedirect', { headers: { 'x-amz-bucket-region': 'eu-west-1' } }),
      {},
      /set aws\.region to eu-west-1/,
    ],
    [
      'the wrong region, signed for',
      refused(400, 'AuthorizationHeaderMalformed', { message: "the region 'x' is wrong; expecting 'eu-west-1'" }),
      {},
      /set aws\.region to eu-west-1/,
    ],
    ['no right', refused(403, 'AccessDenied'), {}, /s3:ListBucket.*s3:PutObject/],
    ['a wrong key', refused(403, 'InvalidAccessKeyId'), {}, /AWS_ACCESS_KEY_ID/],
    ['no right to the KMS key', refused(400, 'KMS.DisabledException'), {}, /s3\.kmsKey/],
    ['a wrong clock', refused(403, 'RequestTimeTooSkewed'), {}, /Set the time/],
    ['a server without conditional writes', refused(501, 'NotImplemented'), {}, /If-None-Match/],
  ])('names what to mend: %s', async (_words, fault, address, words) => {
    if (fault !== undefined) server.fail(fault)
    await expect(open(address).check()).rejects.toMatchObject({
      message: expect.stringMatching(words),
      retryable: false,
    })
  })

  it('names the certificate that is not trusted', () => {
    const error = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(explainS3(error, { bucket: 'logs', region: 'eu-west-1' }).message).toContain('NODE_EXTRA_CA_CERTS')
  })

  it('says that nothing answers there, which may pass', async () => {
    await expect(open({ endpoint: 'http://127.0.0.1:1' }).check()).rejects.toMatchObject({
      code: 's3_unreachable',
      retryable: true,
    })
  })
})

describe('the archive chain on S3', () => {
  const faults: readonly (S3Fault | undefined)[] = [
    refused(503, 'SlowDown'),
    refused(500, 'InternalError', { done: true }),
    undefined,
    { kind: 'reset', done: true },
    refused(409, 'ConditionalRequestConflict'),
    { kind: 'reset' },
  ]

  it('holds every record once, whatever answers get lost', async () => {
    const store = open()
    // Behind the look for the end of the chain.
    server.fail(undefined, ...faults)
    const { stage, commits, errors } = openWriter(store, { maxBytes: 1 })
    await Promise.all([[1, 2], [3], [4, 5], [6]].map((part) => stage.append(entryOf(part))))
    expect(await archived(store)).toEqual([1, 2, 3, 4, 5, 6])
    expect(commits.map((commit) => commit.sequence)).toEqual(['2', '3', '5', '6'])
    expect(errors.length).toBeGreaterThan(3)
  })

  it('is gone on with behind an object of another writer, of which only the head is read', async () => {
    const store = open()
    const first = openWriter(store)
    void first.stage.append(entryOf([1, 2, 3]))
    await first.stage.flush()
    const before = server.requests.length
    const second = openWriter(store)
    void second.stage.append(entryOf([1, 2, 3, 4]))
    await second.stage.flush()
    expect(server.requests.slice(before).map((request) => request.method)).toEqual(['GET', 'HEAD', 'PUT'])
    expect(await archived(store)).toEqual([1, 2, 3, 4])
  })
})
