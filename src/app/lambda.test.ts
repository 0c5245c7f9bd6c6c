import { describe, expect, it } from 'vitest'
import { createFakePipeline, createFakeState } from '../../test/support/fake-stream.ts'
import { createLambdaHandler, type LambdaParts } from './lambda.ts'

const context = { getRemainingTimeInMillis: () => 60_000 }
const environment = { CALI_POSTGRES_URL: 'postgres://cali@localhost/cali', CALI_S3_BUCKET: 'logs' }
const event = {
  Records: [
    {
      eventSource: 'aws:kinesis',
      eventID: 'shardId-000000000001:11',
      kinesis: { data: 'eA==', sequenceNumber: '11', approximateArrivalTimestamp: 1 },
    },
  ],
}

function parts(): LambdaParts & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    source: createFakePipeline(createFakeState()),
    system: {
      tick: async () => asked.push('tick'),
      deliver: async () => asked.push('deliver'),
    },
  }
}

describe('the Lambda function', () => {
  it('processes a batch, sends the messages that it caused, and keeps its system for the next one', async () => {
    const made = parts()
    let starts = 0
    const handler = createLambdaHandler(environment, async () => {
      starts++
      return made
    })
    expect(await handler(event, context)).toEqual({ batchItemFailures: [] })
    expect(await handler({ source: 'aws.events' }, context)).toEqual({ delivered: 2 })
    expect([made.asked, starts]).toEqual([['deliver', 'tick'], 1])
  })

  it('starts again at the next invocation when the first one could not', async () => {
    let starts = 0
    const handler = createLambdaHandler(environment, async () => {
      if (++starts === 1) throw new Error('PostgreSQL is away')
      return parts()
    })
    await expect(handler(event, context)).rejects.toThrow('PostgreSQL is away')
    expect(await handler(event, context)).toEqual({ batchItemFailures: [] })
  })

  it('says which settings it cannot do without', async () => {
    const handler = createLambdaHandler({}, async () => parts())
    await expect(handler(event, context)).rejects.toThrow(
      'a Lambda function keeps nothing of its own: set postgres.url (CALI_POSTGRES_URL) and s3.bucket (CALI_S3_BUCKET)',
    )
  })
})
