/** `cali stream peek` against a real Kinesis API on this machine. */
import { gzipSync } from 'node:zlib'
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createStream } from '../../src/app/demo.ts'
import { type LocalKinesis, startLocalKinesis } from '../../src/app/local-kinesis.ts'
import { createKinesisClient } from '../../src/pipeline/consume/kinesis-client.ts'
import { runCali } from '../support/program.ts'

describe('cali stream peek', () => {
  let kinesis: LocalKinesis
  let environment: Record<string, string>
  beforeAll(async () => {
    kinesis = await startLocalKinesis({ environment: process.env, region: 'ap-south-1', tlsPort: 0, plainPort: 0 })
    await createStream({ region: 'ap-south-1', endpoint: kinesis.endpoint }, 'cali-log-stream', 2)
    environment = { CALI_KINESIS_ENDPOINT: kinesis.endpoint, CALI_KINESIS_REGION: 'ap-south-1' }
  })
  afterAll(() => kinesis?.stop())

  const put = async (records: readonly (string | Buffer)[]): Promise<void> => {
    const client = createKinesisClient({ region: 'ap-south-1', endpoint: kinesis.endpoint })
    const Records = records.map((data, i) => ({ Data: Buffer.from(data), PartitionKey: `${i}` }))
    await client.send(new PutRecordsCommand({ StreamName: 'cali-log-stream', Records }))
    client.destroy()
  }

  test('says that a stream is there and empty, in Korean too, and ends with 1', async () => {
    const run = await runCali(['stream', 'peek', '--lang', 'ko'], { env: environment })
    expect(run).toMatchObject({ code: 1, stderr: '' })
    expect(run.stdout).toContain('cali-log-stream 스트림은 있지만 최근 10m 동안 들어온 것이 없어요')
  })

  test('shows the newest records decoded and redacted, and what cannot be read', async () => {
    await put([
      '{"level":"ERROR","service":"주문","message":"결제 실패 password=hunter2secret"}\n',
      gzipSync(
        '{"level":"INFO","service":"order","message":"one"}\n{"level":"WARN","service":"order","message":"two"}\n',
      ),
      Buffer.from([0x1f, 0x8b, 8, 0, 0]),
      '\u001b[2Jhostile\u001b]0;title\u0007\n',
    ])
    const run = await runCali(['stream', 'peek', '--lang', 'en', '--since', '5m'], { env: environment })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toContain('cali-log-stream · 2 shards · 4 records in the last 5m · the newest 4:')
    expect(run.stdout).toContain('ERROR 주문')
    expect(run.stdout).toMatch(/INFO\s+order {2}.*one/)
    expect(run.stdout).toMatch(/WARN\s+order {2}.*two/)
    expect(run.stdout).toContain('truncated_compression')
    expect(run.stdout).not.toContain('hunter2secret')
    expect(run.stdout).not.toContain('\u001b')
    const json = await runCali(['stream', 'peek', '--json', '--limit', '2'], { env: environment })
    expect(json.stdout.trim().split('\n')).toHaveLength(2)
    expect(JSON.parse(json.stdout.split('\n')[0] ?? '')).toHaveProperty('lines')
  })

  test('shows the first events of a record that holds many, and how many more there are', async () => {
    const lines = Array.from({ length: 300 }, (_, i) => `{"level":"INFO","service":"bulk","message":"number ${i}"}`)
    await put([`${lines.join('\n')}\n`])
    const run = await runCali(['stream', 'peek', '--lang', 'ko', '--limit', '1'], { env: environment })
    expect(run.stdout.match(/bulk/g)).toHaveLength(5)
    expect(run.stdout).toContain('외 295개 (--json으로 모두 볼 수 있어요)')
  })

  test.each([
    [['--since', 'yesterday'], 2, '--since is "yesterday": a duration is accepted'],
    [['--limit', '0'], 2, '--limit is "0": a number from 1 on is accepted'],
    [['--shard', 'nine'], 2, '--shard is "nine": stream "cali-log-stream" has shardId-000000000000'],
  ])('refuses %j', async (args, code, words) => {
    const run = await runCali(['stream', 'peek', ...args], { env: environment })
    expect(run.code).toBe(code)
    expect(run.stderr).toContain(words)
  })

  test('names a stream that is not there', async () => {
    const run = await runCali(['stream', 'peek'], { env: { ...environment, CALI_KINESIS_STREAM: 'another' } })
    expect(run.code).toBe(1)
    expect(run.stderr).toContain('stream "another" not found in ap-south-1')
    expect(run.stderr).toContain('kinesis.stream')
  })
})
