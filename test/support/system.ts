/** A system in a folder of its own, stoppable, for integration tests. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configSchema } from '../../src/app/config.ts'
import { type System, type SystemOptions, startSystem } from '../../src/app/system.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { silentLogger } from '../../src/platform/logger.ts'

export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'cali-test-'))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}

export function startTestSystem(
  dataDir: string,
  config: Record<string, unknown> = {},
  adapters?: SystemOptions['adapters'],
): Promise<System> {
  return startSystem({
    config: configSchema.parse({
      dataDir,
      lang: 'en',
      timeZone: 'Asia/Seoul',
      slack: { editInterval: '20ms' },
      ...config,
    }),
    clock: systemClock,
    logger: silentLogger,
    random: Math.random,
    publicUrl: 'http://127.0.0.1:7070',
    ...(adapters === undefined ? {} : { adapters }),
  })
}

/** Waits until every message shows its incident as it is. */
export async function untilDelivered(system: System): Promise<void> {
  for (;;) {
    await system.notify.deliverDue(system.stopping)
    const row = await system.state.db
      .selectFrom('outbox')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .whereRef('wanted', '>', 'done')
      .executeTakeFirstOrThrow()
    if (Number(row.n) === 0) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export async function until(
  condition: () => Promise<boolean> | boolean,
  what: string,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
