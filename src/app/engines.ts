/** Engines: which technology keeps the state, the lines and the archive, as the configuration says. */
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { createFolderObjectStore } from '../pipeline/forward/folder-object-store.ts'
import type { StoredLogIndex } from '../pipeline/forward/log-index.ts'
import type { OwnedObjectStore } from '../pipeline/forward/object-store.ts'
import { createS3ObjectStore } from '../pipeline/forward/s3-object-store.ts'
import { openSqliteLogIndex } from '../pipeline/forward/sqlite-log-index.ts'
import type { Clock } from '../platform/clock.ts'
import { openSharedState, openState, type State } from '../state/state.ts'
import type { Config } from './config.ts'

export function openStateOf(config: Config, clock: Clock): Promise<State> {
  const { url, pool, statementTimeout, connectTimeout, caFile } = config.postgres
  if (url === undefined) return openState({ path: join(config.dataDir, 'state.db'), clock })
  return openSharedState({
    url,
    pool,
    statementTimeoutMs: statementTimeout,
    connectTimeoutMs: connectTimeout,
    ...(caFile === undefined ? {} : { caFile }),
    clock,
    worker: workerOf(config),
  })
}

/** Name of this worker: one data folder of one machine holds one running program. */
export const workerOf = (config: Config): string => config.kcl.workerId ?? `${hostname()}:${resolve(config.dataDir)}`

export const openIndexOf = async (config: Config): Promise<StoredLogIndex> =>
  openSqliteLogIndex(join(config.dataDir, 'index'))

/** Region of what is not the stream. */
export const regionOf = (config: Config): string => config.aws.region ?? config.kinesis.region

export function archiveStoreOf(config: Config): OwnedObjectStore {
  const { bucket, prefix, kmsKey, timeout } = config.s3
  if (bucket === undefined) return createFolderObjectStore(join(config.dataDir, 'archive'))
  return createS3ObjectStore({
    bucket,
    prefix,
    region: regionOf(config),
    timeoutMs: timeout,
    ...(config.aws.endpoint === undefined ? {} : { endpoint: config.aws.endpoint }),
    ...(kmsKey === undefined ? {} : { kmsKey }),
  })
}
