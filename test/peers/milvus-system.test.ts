import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configSchema } from '../../src/app/config.ts'
import { runChecks } from '../../src/app/doctor.ts'
import { milvusSetup, openKnowledge } from '../../src/app/knowledge.ts'
import { createLifecycle } from '../../src/platform/lifecycle.ts'
import { silentLogger } from '../../src/platform/logger.ts'
import { stateOfFile } from '../support/state.ts'
import { type MilvusServer, milvusMissing, startMilvus } from './milvus-server.ts'

const why = milvusMissing ? ' (skipped: no Milvus Lite here; node tools/peers-milvus.ts installs it)' : ''

describe.skipIf(milvusMissing)(`the system with Milvus Lite 3.2.2${why}`, () => {
  const { state, clock } = stateOfFile()
  let server: MilvusServer
  beforeAll(async () => {
    server = await startMilvus()
  })
  afterAll(() => server.remove())

  const configOf = (collection: string) =>
    configSchema.parse({ milvus: { address: server.address, collection, timeout: '5s' } })
  const checked = async (collection: string) => (await runChecks(configOf(collection), ['knowledge']))[0]
  const query = { parts: [{ text: 'No space left on device', weight: 1 }], language: 'en' as const, limit: 1 }

  it('is set up by one step that may run again, and doctor says what is there', async () => {
    expect(await checked('setup')).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('no alias setup yet'),
    })
    const deps = { config: configOf('setup'), state: state(), clock, logger: silentLogger }
    expect(await milvusSetup(deps)).toMatchObject({ collection: 'setup_s1_words', created: true })
    expect(await milvusSetup(deps)).toMatchObject({ created: false, rows: 0 })
    expect(await checked('setup')).toMatchObject({
      status: 'pass',
      detail: `Milvus milvus_lite-3.2.2 at ${server.address}, by words, setup_s1_words`,
    })
    expect(await milvusSetup({ ...deps, config: configSchema.parse({}) })).toBeUndefined()
  })

  it('starts without Milvus, answers from its own pages, and writes what is pending when Milvus is there', async () => {
    const deps = { config: configOf('late'), state: state(), clock, logger: silentLogger }
    await server.kill()
    expect(await checked('late')).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('cannot be reached'),
    })
    const lifecycle = createLifecycle(() => {})
    try {
      const { knowledge } = openKnowledge(deps, lifecycle)
      const first = await knowledge.search(query)
      expect(first.degraded?.part).toBe('store')
      expect(first.hits[0]?.runbook.id).toBe('disk-full')
      server = await server.again()
      await expect.poll(async () => (await checked('late'))?.status, { timeout: 60_000, interval: 500 }).toBe('pass')
      await expect
        .poll(async () => (await knowledge.search(query)).degraded, { timeout: 60_000, interval: 500 })
        .toBeUndefined()
    } finally {
      await lifecycle.stop()
    }
  })
})
