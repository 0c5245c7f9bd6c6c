/** Setup: makes what the configured engines need before they can work. Each engine gives its steps; all may be repeated. */
import { systemClock } from '../platform/clock.ts'
import { messageOf } from '../platform/error.ts'
import type { SetupOutcome, SetupStep } from '../platform/setup-step.ts'
import type { Config } from './config.ts'
import { openSearchOf } from './engines.ts'

/** The steps of one engine, in the order in which they depend on each other. */
interface SetupArea {
  readonly steps: readonly SetupStep[]
  close(): Promise<void>
}

/** Engines with something to set up; undefined where the configuration does not use one. */
const AREAS: readonly ((config: Config) => Promise<SetupArea | undefined>)[] = [
  async (config) => {
    const index = await openSearchOf(config, systemClock)
    return index === undefined ? undefined : { steps: index.setup, close: () => index.close() }
  },
]

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
