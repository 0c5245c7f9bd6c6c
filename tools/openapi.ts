/** Writes openapi.json from the routes' schemas, for the dashboard's client. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApi } from '../src/api/server.ts'
import { configSchema } from '../src/app/config.ts'
import { startSystem } from '../src/app/system.ts'
import { systemClock } from '../src/platform/clock.ts'
import { silentLogger } from '../src/platform/logger.ts'

const dataDir = await mkdtemp(join(tmpdir(), 'cali-openapi-'))
const system = await startSystem({
  config: configSchema.parse({ dataDir }),
  clock: systemClock,
  logger: silentLogger,
  random: Math.random,
  publicUrl: 'http://127.0.0.1:7070',
})
try {
  const api = await createApi({ system, startedAt: 0, settings: [] })
  await api.ready()
  await writeFile(new URL('../openapi.json', import.meta.url), `${JSON.stringify(api.swagger(), null, 2)}\n`)
  await api.close()
} finally {
  await system.stop()
  await rm(dataDir, { recursive: true, force: true })
}
