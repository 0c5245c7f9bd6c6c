/** Demo: labelled traffic into the local Kinesis, in the wire format that Fluent Bit sends. */
import { setTimeout as delay } from 'node:timers/promises'
import { CreateStreamCommand, DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis'
import { createDemoTraffic } from '../generate/demo.ts'
import { createKinesisOutput } from '../generate/kinesis-output.ts'
import { createKinesisClient } from '../pipeline/consume/kinesis-client.ts'
import type { Clock } from '../platform/clock.ts'
import { messageOf } from '../platform/error.ts'
import type { Logger } from '../platform/logger.ts'

export interface DemoOptions {
  readonly endpoint: string
  readonly region: string
  readonly stream: string
  readonly seed: number
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
}

const FLUSH_MS = 500
export const DEMO_SEED = 20260120
export const DEMO_SHARDS = 2

/** Makes the stream in an emulator; one that is there already is used as it is. */
export async function createStream(
  address: { region: string; endpoint: string },
  stream: string,
  shards: number,
): Promise<void> {
  const client = createKinesisClient(address)
  try {
    await client
      .send(new CreateStreamCommand({ StreamName: stream, ShardCount: shards }))
      .catch((error: { name?: string }) => {
        if (error.name !== 'ResourceInUseException') throw error
      })
    for (;;) {
      const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName: stream }))
      if (answer.StreamDescriptionSummary?.StreamStatus === 'ACTIVE') return
      await delay(50)
    }
  } finally {
    client.destroy()
  }
}

/** Sends traffic until `signal` aborts; resolves with the number of events sent. */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const traffic = createDemoTraffic({ seed: options.seed, startAt: options.clock.now() })
  const output = createKinesisOutput({
    endpoint: options.endpoint,
    region: options.region,
    stream: options.stream,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    random: options.random,
  })
  let sent = 0
  try {
    while (!signal.aborted) {
      await delay(FLUSH_MS, undefined, { signal }).catch(() => undefined)
      const events = traffic.advance(options.clock.now())
      if (events.length === 0) continue
      try {
        await output.write(events)
        sent += events.length
      } catch (error) {
        if (!signal.aborted) options.logger.error({ event: 'demo_not_sent', reason: messageOf(error) })
      }
    }
    return sent
  } finally {
    output.close()
  }
}
