/** Engines: which technology keeps the state, the lines and the archive, as the configuration says. */
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { createFolderObjectStore } from '../pipeline/forward/folder-object-store.ts'
import type { StoredLogIndex } from '../pipeline/forward/log-index.ts'
import type { OwnedObjectStore } from '../pipeline/forward/object-store.ts'
import type { OpenSearchLogIndex } from '../pipeline/forward/opensearch-log-index.ts'
import { createS3ObjectStore } from '../pipeline/forward/s3-object-store.ts'
import { openSqliteLogIndex } from '../pipeline/forward/sqlite-log-index.ts'
import type { Clock } from '../platform/clock.ts'
import { CaliError } from '../platform/error.ts'
import type { PostgresOptions } from '../state/postgres-dialect.ts'
import { openSharedState, openState, type State } from '../state/state.ts'
import type { Config } from './config.ts'

export function openStateOf(config: Config, clock: Clock): Promise<State> {
  const postgres = postgresOf(config)
  return postgres === undefined
    ? openState({ path: join(config.dataDir, 'state.db'), clock })
    : openSharedState({ ...postgres, clock, worker: workerOf(config) })
}

/** Whether there is one already: opening makes it. */
export const hasState = (config: Config): boolean =>
  config.postgres.url !== undefined || existsSync(join(config.dataDir, 'state.db'))

export function postgresOf({ postgres }: Config): PostgresOptions | undefined {
  const { url, pool, statementTimeout, connectTimeout, caFile } = postgres
  if (url === undefined) return undefined
  return {
    url,
    pool,
    statementTimeoutMs: statementTimeout,
    connectTimeoutMs: connectTimeout,
    ...(caFile === undefined ? {} : { caFile }),
  }
}

/** Name of this worker: one data folder of one machine holds one running program. */
export const workerOf = (config: Config): string => config.kcl.workerId ?? `${hostname()}:${resolve(config.dataDir)}`

/** Not asked yet: `prepare` says whether it can be used. */
export const openIndexOf = async (config: Config, clock: Clock, stopping?: AbortSignal): Promise<StoredLogIndex> =>
  (await openSearchOf(config, clock, stopping)) ?? openSqliteLogIndex(join(config.dataDir, 'index'))

/** The log index in OpenSearch, where one is configured. Its client is loaded only then. */
export async function openSearchOf(
  config: Config,
  clock: Clock,
  stopping?: AbortSignal,
): Promise<OpenSearchLogIndex | undefined> {
  const { url, username, password, service, caFile, index, shards, replicas, korean, timeout } = config.opensearch
  if (url === undefined) return undefined
  const fault = faultOfOpenSearch(config)
  if (fault !== undefined) throw new CaliError('config_invalid', fault)
  const { openOpenSearchLogIndex } = await import('../pipeline/forward/opensearch-log-index.ts')
  return openOpenSearchLogIndex({
    address: {
      url,
      timeoutMs: timeout,
      ...(username === undefined || password === undefined ? {} : { basic: { username, password } }),
      ...(service === undefined ? {} : { signed: { service, region: regionOf(config) } }),
      ...(caFile === undefined ? {} : { caFile }),
      ...(stopping === undefined ? {} : { signal: stopping }),
    },
    layout: {
      index,
      shards,
      replicas,
      korean,
      retentionDays: config.index.retentionDays,
      serverless: service === 'aoss',
    },
    clock,
    random: Math.random,
  })
}

/** What contradicts itself in the settings. */
function faultOfOpenSearch({ opensearch }: Config): string | undefined {
  const { url = '', username, password, service } = opensearch
  const address = new URL(url)
  if (!/^https?:$/.test(address.protocol))
    return `opensearch.url is "${address.protocol}…": an address that begins with http:// or https:// is accepted`
  if (address.username !== '' || address.password !== '')
    return 'opensearch.url holds a login, which would be shown with it: use opensearch.username and opensearch.password (CALI_OPENSEARCH_PASSWORD)'
  if ((username === undefined) !== (password === undefined))
    return `opensearch.${username === undefined ? 'password' : 'username'} is set without opensearch.${username === undefined ? 'username' : 'password'}: both are needed, or neither`
  if (username !== undefined && service !== undefined)
    return 'opensearch.username and opensearch.service are both set: a request is signed for AWS or has a login, not both'
  return undefined
}

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
