/** Engines: which technology keeps the state, the lines and the archive, as the configuration says. */
import { join } from 'node:path'
import { createFolderObjectStore } from '../pipeline/forward/folder-object-store.ts'
import type { StoredLogIndex } from '../pipeline/forward/log-index.ts'
import type { ObjectStore } from '../pipeline/forward/object-store.ts'
import { openSqliteLogIndex } from '../pipeline/forward/sqlite-log-index.ts'
import type { Clock } from '../platform/clock.ts'
import { openState, type State } from '../state/state.ts'
import type { Config } from './config.ts'

export const openStateOf = (config: Config, clock: Clock): Promise<State> =>
  openState({ path: join(config.dataDir, 'state.db'), clock })

export const openIndexOf = async (config: Config): Promise<StoredLogIndex> =>
  openSqliteLogIndex(join(config.dataDir, 'index'))

export const archiveStoreOf = (config: Config): ObjectStore => createFolderObjectStore(join(config.dataDir, 'archive'))
