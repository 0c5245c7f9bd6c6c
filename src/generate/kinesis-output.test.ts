import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { formatText } from './format.ts'
import { createGenerator } from './generator.ts'
import { createKinesisOutput } from './kinesis-output.ts'
import { createRandom } from './random.ts'

interface Entry {
  readonly Data: string
  readonly PartitionKey: string
}

type Answer = { status: number; body: unknown }

let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A stand-in for Kinesis that speaks HTTP/1.1 and answers as told. */
async function listen(answer: (entries: readonly Entry[]) => Answer): Promise<string> {
  server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { Records } = JSON.parse(Buffer.concat(chunks).toString()) as { Records: readonly Entry[] }
    const { status, body } = answer(Records)
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const open = (endpoint: string) =>
  createKinesisOutput({
    endpoint,
    region: 'ap-northeast-2',
    stream: 'cali-logs',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    random: createRandom(1).next,
  })

const accept = (entries: readonly Entry[]): Answer => ({
  status: 200,
  body: {
    FailedRecordCount: 0,
    Records: entries.map((_, i) => ({ SequenceNumber: String(i), ShardId: 'shardId-000000000000' })),
  },
})

const textOf = ({ Data }: Entry): string => gunzipSync(Buffer.from(Data, 'base64')).toString()
const events = createGenerator({ seed: 1, scenarios: ['all'], rate: 500, startAt: 0 }).advance(8000)

describe('the Kinesis output', () => {
  it('packs events as gzip NDJSON under the aggregation limit, complete and in order', async () => {
    const taken: Entry[] = []
    const output = open(
      await listen((entries) => {
        taken.push(...entries)
        return accept(entries)
      }),
    )
    const result = await output.write(events)
    output.close()
    expect(result).toEqual({ records: taken.length, events: events.length })
    expect(taken.length).toBeGreaterThan(2)
    for (const entry of taken) expect(Buffer.byteLength(textOf(entry))).toBeLessThanOrEqual(900_000)
    expect(new Set(taken.map(({ PartitionKey }) => PartitionKey)).size).toBe(taken.length)
    const lines = taken.flatMap((entry) => textOf(entry).trimEnd().split('\n'))
    const contents = lines.map((line) => (JSON.parse(line) as { log_content: string }).log_content)
    expect(contents).toEqual(events.map((event) => formatText(event).join('\n')))
  })

  it('sends again only what was refused', async () => {
    const batches: (readonly Entry[])[] = []
    const output = open(
      await listen((entries) => {
        batches.push(entries)
        if (batches.length > 1) return accept(entries)
        const Records = entries.map((_, i) =>
          i === 1 ? { ErrorCode: 'ProvisionedThroughputExceededException' } : { SequenceNumber: '1' },
        )
        return { status: 200, body: { FailedRecordCount: 1, Records } }
      }),
    )
    await output.write(events)
    output.close()
    expect(batches.map(({ length }) => length)).toEqual([batches[0]?.length, 1])
    expect(batches[1]?.[0]).toEqual(batches[0]?.[1])
  })

  it('says at once that a stream does not exist', async () => {
    let calls = 0
    const output = open(
      await listen(() => {
        calls++
        return { status: 400, body: { __type: 'ResourceNotFoundException', message: 'Stream cali-logs not found' } }
      }),
    )
    await expect(output.write(events.slice(0, 3))).rejects.toThrow('cannot write to stream cali-logs in ap-northeast-2')
    output.close()
    expect(calls).toBe(1)
  })

  it('increases the log offset of each pod', async () => {
    const seen = new Map<string, number>()
    const output = open(
      await listen((entries) => {
        for (const line of entries.flatMap((entry) => textOf(entry).trimEnd().split('\n'))) {
          const { log_file, log_offset } = JSON.parse(line) as { log_file: string; log_offset: number }
          expect(log_offset).toBeGreaterThan(seen.get(log_file) ?? -1)
          seen.set(log_file, log_offset)
        }
        return accept(entries)
      }),
    )
    await output.write(events.slice(0, 500))
    await output.write(events.slice(500, 1000))
    output.close()
    expect(seen.size).toBeGreaterThan(10)
  })
})
