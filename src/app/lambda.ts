/**
 * CALI as a Lambda function: the consumer behind an event source mapping of the stream, and, called by a schedule, what
 * elsewhere runs beside it: messages that wait, quiet incidents, debts. Between invocations nothing runs.
 */
import { createKinesisClient } from '../pipeline/consume/kinesis-client.ts'
import { lookUpIncarnation } from '../pipeline/consume/kinesis-source.ts'
import { type BatchResponse, processLambdaBatch, readKinesisEvent } from '../pipeline/consume/lambda-batch.ts'
import { systemClock } from '../platform/clock.ts'
import { type Environment, processEnvironment } from '../platform/config/environment.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import { createLogger } from '../platform/logger.ts'
import { type Config, readConfig } from './config.ts'
import type { LambdaSource } from './operations.ts'
import { type System, startSystem } from './system.ts'

export interface LambdaContext {
  getRemainingTimeInMillis(): number
}

export type LambdaHandler = (event: unknown, context: LambdaContext) => Promise<BatchResponse | { delivered: number }>

/** Answering, and what it takes to end work that was given up. */
const ANSWER_MS = 3_000
/** Messages that the batch itself caused go out with it, unless they would take too long. */
const DELIVER_MS = 10_000
/** The only folder of a function that may be written to. */
const DATA_DIR = '/tmp/cali'

/** One system per container; it is made at the first invocation and lives as long as the container. */
export function createLambdaHandler(
  environment: Environment,
  start: (config: Config) => Promise<LambdaParts> = startParts,
): LambdaHandler {
  let parts: Promise<LambdaParts> | undefined
  return async (event, context) => {
    const records = readKinesisEvent(event)
    parts ??= start(lambdaConfig(environment))
    const started = await parts.catch((error) => {
      // The next invocation tries again: an outage at the first one must not stay in the container.
      parts = undefined
      throw error
    })
    const deadline = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - ANSWER_MS))
    const soon = (): AbortSignal => AbortSignal.any([deadline, AbortSignal.timeout(DELIVER_MS)])
    if (records === undefined) return { delivered: await started.system.tick(deadline) }
    const response = await processLambdaBatch(started.source, records, deadline)
    if (response.batchItemFailures.length === 0) await started.system.deliver(soon())
    return response
  }
}

export interface LambdaParts {
  readonly system: Pick<System, 'tick' | 'deliver'>
  readonly source: LambdaSource
}

async function startParts(config: Config): Promise<LambdaParts> {
  const logger = createLogger(config.logLevel)
  const system = await startSystem({
    config,
    clock: systemClock,
    logger,
    random: Math.random,
    publicUrl: config.server.publicUrl ?? 'http://localhost',
    duties: 'none',
  })
  const address = {
    region: config.kinesis.region,
    ...(config.kinesis.endpoint === undefined ? {} : { endpoint: config.kinesis.endpoint }),
  }
  const client = createKinesisClient(address)
  try {
    const { stream } = config.kinesis
    return { system, source: system.lambdaSource(await lookUpIncarnation({ client, address, stream, logger })) }
  } catch (error) {
    await system.stop()
    throw error
  } finally {
    client.destroy()
  }
}

function lambdaConfig(environment: Environment): Config {
  const { value: config } = readConfig({ environment, flags: { dataDir: environment['CALI_DATA_DIR'] ?? DATA_DIR } })
  const lacking = [
    config.postgres.url === undefined ? 'postgres.url (CALI_POSTGRES_URL)' : undefined,
    config.archive.enabled && config.s3.bucket === undefined ? 's3.bucket (CALI_S3_BUCKET)' : undefined,
  ].filter((name) => name !== undefined)
  if (lacking.length > 0)
    throw new CaliError('config_invalid', `a Lambda function keeps nothing of its own: set ${lacking.join(' and ')}`)
  return config
}

/** What deploy/lambda exports. */
export function lambdaHandler(): LambdaHandler {
  const handler = createLambdaHandler(processEnvironment())
  return async (event, context) => {
    try {
      return await handler(event, context)
    } catch (error) {
      // Lambda shows what is thrown; the message is all that anybody needs.
      throw new Error(messageOf(error))
    }
  }
}
