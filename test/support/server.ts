/** A whole CALI on a free port, with generated traffic inside: for browser and API tests. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApi } from '../../src/api/server.ts'
import { type Config, configSchema, readConfig } from '../../src/app/config.ts'
import { settingsView } from '../../src/app/settings-view.ts'
import { type System, startSystem } from '../../src/app/system.ts'
import { formatFluentBit } from '../../src/generate/format.ts'
import { createGenerator } from '../../src/generate/generator.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { silentLogger } from '../../src/platform/logger.ts'

export interface TestServerOptions {
  readonly scenarios?: readonly string[]
  /** Generated events; 0 for an empty server. */
  readonly events?: number
  readonly language?: 'ko' | 'en'
  readonly config?: Record<string, unknown>
  readonly port?: number
}

export interface TestServer {
  readonly url: string
  readonly system: System
  stop(): Promise<void>
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cali-test-'))
  const config: Config = configSchema.parse({
    dataDir,
    lang: options.language ?? 'en',
    timeZone: 'Asia/Seoul',
    slack: { editInterval: '50ms' },
    ...options.config,
  })
  const startedAt = systemClock.now()
  const system = await startSystem({
    config,
    clock: systemClock,
    logger: silentLogger,
    random: Math.random,
    publicUrl: 'http://127.0.0.1:7070',
  })
  const api = await createApi({ system, startedAt, settings: settingsView(readConfig({ environment: {} })) })
  system.own('api', () => api.close())
  const url = await api.listen({ host: '127.0.0.1', port: options.port ?? 0 })
  const events = options.events ?? 3_000
  if (events > 0) await feed(system, events, options.scenarios ?? ['all'])
  return {
    url,
    system,
    stop: async () => {
      await system.stop()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Sends generated events of the last minutes through the pipeline, as Fluent Bit would over HTTP. */
export async function feed(system: System, events: number, scenarios: readonly string[]): Promise<void> {
  const rate = 20
  const startAt = systemClock.now() - (events / rate) * 1000
  const generator = createGenerator({ seed: 7, scenarios, rate, startAt })
  const generated = generator.advance(systemClock.now())
  const lines = generated.map((event, i) => JSON.stringify(formatFluentBit(event, i * 1_000)))
  for (let i = 0; i < lines.length; i += 500) {
    await system.ingest({
      stream: 'http',
      shard: '0',
      records: [
        {
          sequence: `${startAt}${i}`,
          arrivedAt: systemClock.now(),
          data: Buffer.from(lines.slice(i, i + 500).join('\n')),
        },
      ],
    })
  }
  while ((await system.notify.deliverDue(system.stopping)) > 0);
}
