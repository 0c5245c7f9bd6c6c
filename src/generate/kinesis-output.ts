import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { CaliError, isAbort, messageOf } from '../platform/error.ts'
import { type RetryPolicy, retry } from '../platform/retry.ts'
import type { GeneratedEvent } from './event.ts'
import { formatFluentBit } from './format.ts'

export interface KinesisOutput {
  /** Resolves when the stream has taken every event; throws CaliError when some stay refused. */
  write(events: readonly GeneratedEvent[], signal?: AbortSignal): Promise<{ records: number; events: number }>
  close(): void
}

interface KinesisOutputOptions {
  readonly endpoint?: string
  readonly region: string
  readonly stream: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly random: () => number
}

/** Bytes before compression; Fluent Bit's aggregation stops at 1 MB (fluent-bit plugins/out_kinesis_streams). */
const MOST_RECORD_BYTES = 900_000
/** PutRecords takes 500 records and 5 MB; gzip makes the count the limit, but a batch of noise could reach the bytes. */
const MOST_BATCH_RECORDS = 500
const MOST_BATCH_BYTES = 4_500_000
const RETRY: RetryPolicy = { baseMs: 100, capMs: 3000, attempts: 8 }
/** Refusals that waiting does not cure. */
const LASTING =
  /ResourceNotFound|AccessDenied|UnrecognizedClient|InvalidSignature|ValidationException|CredentialsProvider/

const compress = promisify(gzip)

/** Sends events as Fluent Bit does: NDJSON, gzip, random partition keys. */
export function createKinesisOutput(o: KinesisOutputOptions): KinesisOutput {
  const client = new KinesisClient({
    region: o.region,
    ...(o.endpoint === undefined ? {} : { endpoint: o.endpoint }),
    ...(o.credentials === undefined ? {} : { credentials: o.credentials }),
    // retry() below is the one place that waits and tries again.
    maxAttempts: 1,
    // The SDK's own choice is HTTP/2, which local Kinesis servers and proxies do not speak.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 5000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
    }),
  })
  const offsets = new Map<string, number>()

  const put = async (entries: readonly PutRecordsRequestEntry[], signal: AbortSignal | undefined) => {
    const command = new PutRecordsCommand({ StreamName: o.stream, Records: [...entries] })
    try {
      const { Records = [] } = await client.send(command, signal === undefined ? {} : { abortSignal: signal })
      return Records
    } catch (cause) {
      if (isAbort(cause)) throw cause
      const retryable = !LASTING.test(cause instanceof Error ? cause.name : '')
      const message = `cannot write to stream ${o.stream} in ${o.region}: ${messageOf(cause)}`
      throw new CaliError('stream_write_failed', message, { retryable, cause })
    }
  }

  const send = (entries: readonly PutRecordsRequestEntry[], signal: AbortSignal | undefined): Promise<void> => {
    let left = entries
    const attempt = async (): Promise<void> => {
      const answers = await put(left, signal)
      const reason = answers.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode
      left = left.filter((_, index) => answers[index]?.ErrorCode !== undefined)
      if (left.length > 0) {
        const message = `stream ${o.stream} refused ${left.length} records (${reason})`
        throw new CaliError('stream_refused_records', message, { retryable: true })
      }
    }
    return retry(RETRY, attempt, { random: o.random, ...(signal === undefined ? {} : { signal }) })
  }

  const ndjson = function* (events: readonly GeneratedEvent[]): Generator<string> {
    let lines: string[] = []
    let bytes = 0
    for (const event of events) {
      const offset = offsets.get(event.pod) ?? 0
      const line = `${JSON.stringify(formatFluentBit(event, offset))}\n`
      const size = Buffer.byteLength(line)
      // A file's offset grows by what the runtime wrote, about the text and 45 bytes a line; only its order matters.
      offsets.set(event.pod, offset + Buffer.byteLength(event.text) + 120)
      if (bytes + size > MOST_RECORD_BYTES && lines.length > 0) {
        yield lines.join('')
        lines = []
        bytes = 0
      }
      lines.push(line)
      bytes += size
    }
    if (lines.length > 0) yield lines.join('')
  }

  return {
    write: async (events, signal) => {
      let records = 0
      let batch: PutRecordsRequestEntry[] = []
      let bytes = 0
      const flush = async (): Promise<void> => {
        if (batch.length === 0) return
        await send(batch, signal)
        records += batch.length
        batch = []
        bytes = 0
      }
      for (const text of ndjson(events)) {
        signal?.throwIfAborted()
        const data = await compress(text)
        if (batch.length === MOST_BATCH_RECORDS || bytes + data.length > MOST_BATCH_BYTES) await flush()
        batch.push({ Data: data, PartitionKey: partitionKey(o.random) })
        bytes += data.length
      }
      await flush()
      return { records, events: events.length }
    },
    close: () => client.destroy(),
  }
}

/** Eight characters, as Fluent Bit draws them. */
function partitionKey(random: () => number): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
  let key = ''
  for (let i = 0; i < 8; i++) key += alphabet[Math.floor(random() * alphabet.length)]
  return key
}
