import { KinesisClient } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { CaliError, messageOf } from '../../platform/error.ts'
import { EMULATOR_CREDENTIALS, isLoopbackEndpoint } from '../../platform/loopback.ts'

export interface KinesisAddress {
  readonly region: string
  /** Absent: AWS. */
  readonly endpoint?: string
}

/**
 * Client over HTTP/1.1 with keep-alive: the SDK's default handler speaks HTTP/2, which emulators do not, and opens a
 * connection per call (https://github.com/aws/aws-sdk-js-v3/issues/8279).
 */
export function createKinesisClient(address: KinesisAddress): KinesisClient {
  return new KinesisClient({
    region: address.region,
    requestHandler: new NodeHttpHandler({
      requestTimeout: 20_000,
      // Without it the handler only warns, and a call into a black hole never ends.
      throwOnRequestTimeout: true,
      connectionTimeout: 5_000,
    }),
    maxAttempts: 1,
    ...(address.endpoint === undefined ? {} : { endpoint: address.endpoint }),
    ...(isLoopbackEndpoint(address.endpoint) ? { credentials: EMULATOR_CREDENTIALS } : {}),
  })
}

/** Says what was asked, where, and what to do; tells the faults that pass from those that do not. */
export function explainKinesis(error: unknown, address: KinesisAddress, stream: string): CaliError {
  const { name = '', code = '', $retryable } = error as { name?: string; code?: string; $retryable?: unknown }
  const place = `in ${address.region} (${address.endpoint === undefined ? 'AWS' : `endpoint ${address.endpoint}`})`
  const fault = (id: string, text: string, retryable: boolean): CaliError =>
    new CaliError(id, text, { cause: error, retryable })
  if (name === 'ResourceNotFoundException')
    return fault(
      'kinesis_no_stream',
      `stream "${stream}" not found ${place}. Check kinesis.stream and kinesis.region, or create the stream.`,
      false,
    )
  if (
    name === 'AccessDeniedException' ||
    name === 'UnrecognizedClientException' ||
    name === 'InvalidSignatureException' ||
    name === 'ExpiredTokenException'
  ) {
    return fault(
      'kinesis_denied',
      `AWS refuses to read stream "${stream}" ${place}: ${messageOf(error)}. The role needs kinesis:DescribeStreamSummary, ListShards, GetShardIterator and GetRecords.`,
      false,
    )
  }
  if (name === 'CredentialsProviderError')
    return fault(
      'kinesis_credentials',
      `no AWS credentials for stream "${stream}" ${place}: set AWS_PROFILE or AWS_ACCESS_KEY_ID, or run where a role is attached.`,
      false,
    )
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return fault(
      'kinesis_unreachable',
      `${address.endpoint ?? `the Kinesis endpoint of ${address.region}`} is not found (${code}). Check kinesis.region and the network; for an emulator set kinesis.endpoint.`,
      true,
    )
  if (code === 'ECONNREFUSED')
    return fault(
      'kinesis_unreachable',
      `nothing answers at ${address.endpoint ?? 'the Kinesis endpoint'}: is the emulator running?`,
      true,
    )
  if (name === 'ProvisionedThroughputExceededException' || name === 'LimitExceededException')
    return fault('kinesis_throttled', `stream "${stream}" is read faster than its limits allow`, true)
  return fault(
    'kinesis_error',
    `stream "${stream}" ${place}: ${messageOf(error)}`,
    $retryable !== undefined || code !== '' || /Internal|Unavailable|Timeout/.test(name),
  )
}
