/** Setup: makes what the configured engines need before they can work. Each engine gives its steps; all may be repeated. */
import { systemClock } from '../platform/clock.ts'
import { messageOf } from '../platform/error.ts'
import { createLogger } from '../platform/logger.ts'
import type { SetupOutcome, SetupStep } from '../platform/setup-step.ts'
import { placeOf } from '../state/postgres-dialect.ts'
import { pendingSharedMigrations } from '../state/state.ts'
import type { Config } from './config.ts'
import { archiveStoreOf, openSearchOf, openStateOf, postgresOf } from './engines.ts'
import { milvusSetup } from './knowledge.ts'

/** The steps of one engine, in the order in which they depend on each other. */
interface SetupArea {
  readonly steps: readonly SetupStep[]
  close(): Promise<void>
}

/** Engines with something to set up; undefined where the configuration does not use one. */
const AREAS: readonly ((config: Config) => Promise<SetupArea | undefined>)[] = [
  async (config) => stateArea(config),
  async (config) => archiveArea(config),
  async (config) => {
    const index = await openSearchOf(config, systemClock)
    return index === undefined ? undefined : { steps: index.setup, close: () => index.close() }
  },
  async (config) => knowledgeArea(config),
]

function stateArea(config: Config): SetupArea | undefined {
  const postgres = postgresOf(config)
  if (postgres === undefined) return undefined
  const run = async (dryRun: boolean): Promise<SetupOutcome> => {
    const pending = await pendingSharedMigrations(postgres)
    if (pending.length === 0) return { state: 'unchanged' }
    if (!dryRun) await (await openStateOf(config, systemClock)).close()
    return { state: pending[0]?.startsWith('0001') === true ? 'created' : 'changed', detail: pending.join(', ') }
  }
  return { steps: [{ name: `tables of PostgreSQL ${placeOf(postgres.url)}`, run }], close: async () => undefined }
}

/** A bucket has owners, policies and a price: it is checked, and made by whoever is responsible for them. */
function archiveArea(config: Config): SetupArea | undefined {
  if (config.s3.bucket === undefined) return undefined
  const store = archiveStoreOf(config)
  const run = async (): Promise<SetupOutcome> => {
    await store.check()
    return { state: 'unchanged', detail: 'readable' }
  }
  return { steps: [{ name: `archive ${store.location}`, run }], close: async () => store.close() }
}

function knowledgeArea(config: Config): SetupArea | undefined {
  if (config.milvus.address === undefined) return undefined
  const run = async (dryRun: boolean): Promise<SetupOutcome> => {
    const state = await openStateOf(config, systemClock)
    try {
      const report = await milvusSetup(
        { config, state, clock: systemClock, logger: createLogger(config.logLevel) },
        dryRun,
      )
      if (report === undefined) return { state: 'unchanged' }
      return {
        state: report.created ? 'created' : report.rows > 0 ? 'changed' : 'unchanged',
        detail: `${report.collection}, ${report.pages.length} pages written, ${report.unchanged} unchanged`,
      }
    } finally {
      await state.close()
    }
  }
  return { steps: [{ name: `Milvus collection ${config.milvus.collection}`, run }], close: async () => undefined }
}

export interface SetupResult {
  readonly name: string
  readonly state: SetupOutcome['state'] | 'failed' | 'skipped'
  readonly detail?: string
}

/** Runs all steps and tells of each. Behind one that fails the rest of its engine is skipped. */
export async function runSetup(
  config: Config,
  options: { readonly dryRun: boolean; readonly onResult?: (result: SetupResult) => void },
): Promise<readonly SetupResult[]> {
  const results: SetupResult[] = []
  const tell = (result: SetupResult): void => {
    results.push(result)
    options.onResult?.(result)
  }
  for (const open of AREAS) {
    const area = await open(config)
    if (area === undefined) continue
    let failed: string | undefined
    for (const { name, run } of area.steps) {
      if (failed !== undefined) {
        tell({ name, state: 'skipped', detail: `after "${failed}"` })
        continue
      }
      try {
        tell({ name, ...(await run(options.dryRun)) })
      } catch (error) {
        failed = name
        tell({ name, state: 'failed', detail: messageOf(error) })
      }
    }
    await area.close()
  }
  return results
}
