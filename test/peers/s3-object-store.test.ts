import { hash } from 'node:crypto'
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archived, entryOf, openWriter } from '../../src/pipeline/forward/archive.test-data.ts'
import { objectStoreContract } from '../../src/pipeline/forward/object-store.contract.ts'
import type { OwnedObjectStore } from '../../src/pipeline/forward/object-store.ts'
import { createS3ObjectStore, type S3Address } from '../../src/pipeline/forward/s3-object-store.ts'
import { type AwsServer, type AwsServerName, isInstalled, startAwsServer } from './aws-server.ts'

const BUCKET = 'cali-peers'
const bytes = Buffer.from('body')

for (const name of ['ministack', 'moto'] as const) {
  describe.skipIf(!isInstalled(name))(
    isInstalled(name) ? name : `${name} is not installed: node tools/peers-aws.ts installs it`,
    () => peers(name),
  )
}

function peers(name: AwsServerName): void {
  let server: AwsServer
  let client: S3Client
  let folder = 0
  const opened: OwnedObjectStore[] = []
  const open = (more: Partial<S3Address> = {}): OwnedObjectStore => {
    const store = createS3ObjectStore({
      bucket: BUCKET,
      prefix: `run-${folder++}/`,
      region: 'us-east-1',
      endpoint: server.endpoint,
      timeoutMs: 20_000,
      ...more,
    })
    opened.push(store)
    return store
  }

  beforeAll(async () => {
    server = await startAwsServer(name)
    client = new S3Client({
      region: 'us-east-1',
      endpoint: server.endpoint,
      forcePathStyle: true,
      requestHandler: new NodeHttpHandler(),
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    })
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  })
  afterAll(async () => {
    for (const store of opened) store.close()
    client?.destroy()
    await server?.stop()
  })

  objectStoreContract(`S3 of ${name}`, async () => open())

  test('more keys than a page are listed in order, and from the middle on', async () => {
    const store = open()
    const keys = Array.from({ length: 1_200 }, (_, i) => `page/${String(i).padStart(5, '0')}`)
    for (let at = 0; at < keys.length; at += 100)
      await Promise.all(keys.slice(at, at + 100).map((key) => store.putIfAbsent(key, bytes)))
    const listed = async (after?: string) =>
      (await Array.fromAsync(store.list('page/', after))).map((object) => object.key)
    expect(await listed()).toEqual(keys)
    expect(await listed('page/00100')).toEqual(keys.slice(101))
  })

  test('ten writers of one chain leave every record once, whoever is first', async () => {
    const store = open()
    const writers = Array.from({ length: 10 }, () => openWriter(store))
    await Promise.all(
      writers.map(async ({ stage }, i) => {
        // Each cuts its objects elsewhere, as after another crash.
        for (let at = 1; at <= 40; at += i + 2) {
          void stage.append(entryOf(Array.from({ length: Math.min(i + 2, 41 - at) }, (_, j) => at + j)))
          await stage.flush()
        }
      }),
    )
    expect((await archived(store)).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
  })

  test('the check passes, and names a bucket that is not there', async () => {
    await open().check()
    await expect(open({ bucket: 'no-such-bucket' }).check()).rejects.toThrow(/no bucket "no-such-bucket".*s3\.bucket/)
  })

  test('objects are encrypted with the key that is set', async () => {
    const prefix = `run-${folder}/`
    await open({ kmsKey: 'alias/cali' }).putIfAbsent('a/key', bytes, { first: '1' })
    const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: `${prefix}a/key` }))
    expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: expect.stringContaining('alias/cali') })
    // MiniStack forgets it.
    if (name === 'moto') expect(head.BucketKeyEnabled).toBe(true)
  })

  test.skipIf(name === 'moto')('a body that changed on its way is refused (moto accepts it)', async () => {
    const command = new PutObjectCommand({
      Bucket: BUCKET,
      Key: 'changed',
      Body: 'another body',
      ChecksumSHA256: hash('sha256', bytes, 'base64'),
    })
    await expect(client.send(command)).rejects.toMatchObject({ name: 'BadDigest' })
  })
}
