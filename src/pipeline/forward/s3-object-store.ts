/**
 * Object store in an S3 bucket. `If-None-Match: *` makes a PUT fail where the key is taken
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html), so that any number of writers keep
 * the promise of putIfAbsent. Facts are the metadata of the object. HTTP/1.1 with keep-alive; nothing is tried again
 * here: writers wait patiently (archive-stage.ts), readers ask again.
 */

import { hash } from 'node:crypto'
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { EMULATOR_CREDENTIALS, isLoopbackEndpoint } from '../../platform/loopback.ts'
import { assertStorable, type ListedObject, type ObjectFacts, type OwnedObjectStore } from './object-store.ts'
import { explainS3, isMissing, isTaken, type S3Place } from './s3-error.ts'

export interface S3Address extends S3Place {
  /** In front of every key: empty, or ending in a slash. */
  readonly prefix: string
  /** Id, ARN or alias of a KMS key; absent: the bucket's own encryption. */
  readonly kmsKey?: string
  readonly timeoutMs: number
}

const CONNECT_MS = 5_000

export function createS3ObjectStore(address: S3Address): OwnedObjectStore {
  const { bucket, prefix } = address
  const client = createClient(address)
  const encryption =
    address.kmsKey === undefined
      ? {}
      : // A bucket key spares a call to KMS, and its price, for each object.
        { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: address.kmsKey, BucketKeyEnabled: true }

  /** One request and its answer, body included, within the time-out. */
  const call = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const signal = AbortSignal.timeout(address.timeoutMs)
    const late = Promise.withResolvers<never>()
    const expire = (): void => late.reject(signal.reason)
    signal.addEventListener('abort', expire)
    try {
      return await Promise.race([work(signal), late.promise])
    } catch (error) {
      throw explainS3(error, address)
    } finally {
      signal.removeEventListener('abort', expire)
    }
  }
  const page = (start: string, after: string | undefined, token: string | undefined, limit?: number) =>
    call((abortSignal) =>
      client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix + start,
          ...(after === undefined ? {} : { StartAfter: prefix + after }),
          ...(token === undefined ? {} : { ContinuationToken: token }),
          ...(limit === undefined ? {} : { MaxKeys: limit }),
        }),
        { abortSignal },
      ),
    )

  return {
    location: `s3://${bucket}/${prefix}`,
    putIfAbsent: async (key, bytes, facts) => {
      assertStorable(key, facts)
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: prefix + key,
        Body: bytes,
        IfNoneMatch: '*',
        ChecksumSHA256: hash('sha256', bytes, 'base64'),
        ...(facts === undefined ? {} : { Metadata: { ...facts } }),
        ...encryption,
      })
      return call(async (abortSignal) => {
        try {
          await client.send(command, { abortSignal })
          return true
        } catch (error) {
          if (isTaken(error)) return false
          throw error
        }
      })
    },
    get: (key) =>
      call((abortSignal) =>
        unlessMissing(async () => {
          const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: prefix + key }), { abortSignal })
          const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array()
          if (answer.ContentLength !== undefined && bytes.length !== answer.ContentLength)
            throw Object.assign(new Error(`${bytes.length} of ${answer.ContentLength} bytes came`), {
              code: 'ECONNRESET',
            })
          return bytes
        }),
      ),
    head: (key) =>
      call((abortSignal) =>
        unlessMissing(async () => {
          const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: prefix + key }), {
            abortSignal,
          })
          const facts: ObjectFacts = answer.Metadata ?? {}
          return { bytes: answer.ContentLength ?? 0, ...(Object.keys(facts).length === 0 ? {} : { facts }) }
        }),
      ),
    list: async function* (start, after): AsyncGenerator<ListedObject> {
      let token: string | undefined
      do {
        const answer: ListObjectsV2CommandOutput = await page(start, after, token)
        for (const { Key = '', Size = 0 } of answer.Contents ?? []) yield { key: Key.slice(prefix.length), bytes: Size }
        token = answer.IsTruncated === true ? answer.NextContinuationToken : undefined
      } while (token !== undefined)
    },
    check: async () => {
      await page('', undefined, undefined, 1)
    },
    close: () => client.destroy(),
  }
}

async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function createClient(address: S3Address): S3Client {
  const { endpoint } = address
  return new S3Client({
    region: address.region,
    requestHandler: new NodeHttpHandler({ connectionTimeout: CONNECT_MS }),
    maxAttempts: 1,
    // Names such as <bucket>.localhost resolve on few machines.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(isLoopbackEndpoint(endpoint) ? { credentials: EMULATOR_CREDENTIALS } : {}),
  })
}
