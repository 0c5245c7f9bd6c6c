/**
 * The MultiLang protocol of the Kinesis Client Library: one JSON message per line, one conversation per shard, one
 * question at a time. While the daemon waits for the `status` of its question, the child may ask for a checkpoint.
 * Source: MultiLangProtocol and its messages in github.com/awslabs/amazon-kinesis-client (2.7.2).
 */
import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'
import { CaliError } from '../../platform/error.ts'

const record = z.object({
  data: z.string(),
  sequenceNumber: z.string().regex(/^\d{1,128}$/),
  /** Place in a KPL aggregate, which the daemon has taken apart. */
  subSequenceNumber: z.number().int().nonnegative().nullish(),
  approximateArrivalTimestamp: z.number().nullish(),
})

const message = z.discriminatedUnion('action', [
  z.object({ action: z.literal('initialize'), shardId: z.string() }),
  z.object({
    action: z.literal('processRecords'),
    records: z.array(record),
    millisBehindLatest: z.number().nullish(),
  }),
  z.object({
    action: z.literal('checkpoint'),
    sequenceNumber: z.string().nullish(),
    /** Name of a Java exception; absent when it was saved. */
    error: z.string().nullish(),
  }),
  z.object({ action: z.literal('leaseLost') }),
  z.object({ action: z.literal('shardEnded') }),
  z.object({ action: z.literal('shutdownRequested') }),
])

export type KclMessage = z.output<typeof message>
export type KclRecord = z.output<typeof record>
/** What the daemon asks, and waits for the status of. */
export type KclQuestion = Exclude<KclMessage, { action: 'checkpoint' }>

/** A batch of the daemon is at most maxRecords records of 10 MiB in base64; beyond this the line is not from it. */
const MAX_LINE_BYTES = 512 * 1024 * 1024

/** Messages in the order in which they come; ends with the input. Throws a CaliError for what is none. */
export async function* readKclMessages(input: Readable): AsyncGenerator<KclMessage> {
  let parts: Buffer[] = []
  let length = 0
  for await (const chunk of input as AsyncIterable<Buffer>) {
    let from = 0
    // Lines are large and chunks are small: parts are joined once per line, not once per chunk.
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      parts.push(chunk.subarray(from, end))
      const line = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
      parts = []
      length = 0
      from = end + 1
      if (line.length > 0) yield parse(line.toString('utf8'))
    }
    if (from === chunk.length) continue
    parts.push(from === 0 ? chunk : chunk.subarray(from))
    length += chunk.length - from
    if (length > MAX_LINE_BYTES) throw protocolFault(`a line of more than ${MAX_LINE_BYTES} bytes`)
  }
}

function parse(line: string): KclMessage {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw protocolFault('a line that is not JSON')
  }
  const parsed = message.safeParse(value)
  if (parsed.success) return parsed.data
  const { path, message: reason } = parsed.error.issues[0] ?? { path: [], message: '' }
  throw protocolFault(`a message that is not known: ${path.join('.')} ${reason}`)
}

const protocolFault = (what: string): CaliError =>
  new CaliError(
    'kcl_protocol',
    `the KCL daemon sent ${what}. Its jars must be those of "cali kcl install" (amazon-kinesis-client-multilang 2.7).`,
  )

export type KclAnswer =
  | { readonly action: 'status'; readonly responseFor: KclQuestion['action'] }
  /** null: all that was delivered, at the end of a shard. */
  | { readonly action: 'checkpoint'; readonly sequenceNumber: string | null; readonly subSequenceNumber: number | null }

/** Resolves when the answer is handed over; rejects when nobody listens any more. */
export function writeKclAnswer(output: Writable, answer: KclAnswer): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(`${JSON.stringify(answer)}\n`, (error) => (error == null ? resolve() : reject(error)))
  })
}
