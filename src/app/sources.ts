/** Sources: which runner reads the stream, as the configuration says. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RawBatch } from '../pipeline/batch.ts'
import { createKclSource } from '../pipeline/consume/kcl-source.ts'
import { createKinesisClient, type KinesisAddress } from '../pipeline/consume/kinesis-client.ts'
import { createKinesisSource, type KinesisSource, lookUpIncarnation } from '../pipeline/consume/kinesis-source.ts'
import type { ShardCheckpoints } from '../pipeline/consume/shard-checkpoint.ts'
import type { Delivered } from '../pipeline/store.ts'
import type { Clock } from '../platform/clock.ts'
import type { Environment } from '../platform/config/environment.ts'
import { CaliError } from '../platform/error.ts'
import type { Lifecycle } from '../platform/lifecycle.ts'
import type { Logger } from '../platform/logger.ts'
import type { Config } from './config.ts'
import { workerOf } from './engines.ts'
import { checkJava, startKclDaemon, stopMsOf } from './kcl-daemon.ts'
import { checkJars } from './kcl-jars.ts'

export interface SourceRequest {
  readonly runner: Config['consumer']['runner']
  /** Address of an emulator; undefined: AWS. */
  readonly endpoint: string | undefined
  /** What the Java process inherits. */
  readonly environment: Environment
}

export interface SourceParts {
  readonly config: Config
  readonly checkpoints: ShardCheckpoints
  readonly process: (batch: RawBatch, incarnation: string) => Promise<Delivered>
  readonly flush: () => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
}

export const addressOf = (config: Config, { endpoint }: Pick<SourceRequest, 'endpoint'>): KinesisAddress => ({
  region: config.kinesis.region,
  ...(endpoint === undefined ? {} : { endpoint }),
})

export function createSource(
  parts: SourceParts,
  request: SourceRequest,
  lifecycle: Pick<Lifecycle, 'own'>,
): KinesisSource {
  const { config, checkpoints, clock, logger } = parts
  const address = addressOf(config, request)
  const client = createKinesisClient(address)
  lifecycle.own('kinesis client', () => client.destroy())
  if (request.runner === 'poll')
    return createKinesisSource({
      client,
      address,
      stream: config.kinesis.stream,
      pollMs: config.kinesis.pollInterval,
      initialPosition: config.kinesis.initialPosition,
      checkpoints,
      clock,
      logger,
      random: parts.random,
      process: parts.process,
    })
  const { socket, remove } = privateSocket()
  lifecycle.own('kcl socket', remove)
  const { stream } = config.kinesis
  let incarnation = ''
  return createKclSource({
    stream,
    checkpoints,
    process: (batch) => parts.process(batch, incarnation),
    flush: parts.flush,
    logger,
    random: parts.random,
    socket,
    secret: randomBytes(24).toString('hex'),
    watchdogMs: config.kcl.watchdog,
    stopMs: stopMsOf(config),
    incarnation: async () => {
      await checkJava(config.kcl.java)
      checkJars(config.kcl.jars)
      incarnation = await lookUpIncarnation({ client, address, stream, logger })
      return incarnation
    },
    startDaemon: async (path, secret) =>
      startKclDaemon({ config, worker: workerOf(config), environment: request.environment, logger }, path, secret),
  })
}

/** Workers of one application share what they count and archive: a store on this machine alone would split it. */
export function checkSharing(config: Config): void {
  if (config.consumer.runner !== 'kcl') return
  if (config.postgres.url === undefined)
    throw new CaliError(
      'config_invalid',
      'consumer.runner is "kcl", whose workers count incidents together: set postgres.url (CALI_POSTGRES_URL). One process alone reads with consumer.runner "poll".',
    )
  if (config.archive.enabled && config.s3.bucket === undefined)
    throw new CaliError(
      'config_invalid',
      'consumer.runner is "kcl", whose workers archive together: set s3.bucket (CALI_S3_BUCKET), or archive.enabled to false.',
    )
}

/** A socket that only this user reaches. */
function privateSocket(): { socket: string; remove: () => void } {
  if (process.platform === 'win32')
    return { socket: `\\\\.\\pipe\\cali-kcl-${randomBytes(12).toString('hex')}`, remove: () => undefined }
  // mkdtemp makes the folder for this user alone; a socket's path may have about 100 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'cali-kcl-'))
  return { socket: join(folder, 's'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}
