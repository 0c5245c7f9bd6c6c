/** Puts a probe into a stream, as a producer does. */
import { PutRecordCommand } from '@aws-sdk/client-kinesis'
import { createKinesisClient, explainKinesis, type KinesisAddress } from '../pipeline/consume/kinesis-client.ts'

export async function putProbe(address: KinesisAddress, stream: string, line: string): Promise<void> {
  const client = createKinesisClient(address)
  try {
    // A key of its own each time: in the course of time every shard is tried.
    await client.send(new PutRecordCommand({ StreamName: stream, Data: Buffer.from(line), PartitionKey: line }))
  } catch (error) {
    throw explainKinesis(error, address, stream)
  } finally {
    client.destroy()
  }
}
