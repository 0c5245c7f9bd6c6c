import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logIndexContract } from '../../src/pipeline/forward/log-index.contract.ts'
import { type OpenSearchLogIndex, openOpenSearchLogIndex } from '../../src/pipeline/forward/opensearch-log-index.ts'
import type { OpenSearchLayout } from '../../src/pipeline/forward/opensearch-template.ts'
import type { Clock } from '../../src/platform/clock.ts'
import { createManualClock } from '../../src/platform/clock.ts'
import { missingForOpenSearch, type OpenSearchServer, startOpenSearch } from './opensearch-server.ts'

const NOON = Date.parse('2026-01-20T12:00:00Z')
const missing = missingForOpenSearch()

describe.skipIf(missing !== undefined)(`OpenSearch 3.9.0${missing === undefined ? '' : `: ${missing}`}`, () => {
  let server: OpenSearchServer
  const open: OpenSearchLogIndex[] = []
  beforeAll(async () => {
    server = await startOpenSearch()
  })
  afterAll(async () => {
    await Promise.all(open.map((index) => index.close()))
    await server?.stop()
  })

  const newIndex = (
    layout: Partial<OpenSearchLayout> = {},
    clock: Clock = createManualClock(NOON),
  ): OpenSearchLogIndex => {
    const index = openOpenSearchLogIndex({
      address: { url: server.url, timeoutMs: 30_000 },
      layout: {
        index: `t-${randomUUID().slice(0, 8)}`,
        shards: 1,
        replicas: 0,
        korean: 'none',
        retentionDays: 14,
        serverless: false,
        ...layout,
      },
      clock,
      random: Math.random,
    })
    open.push(index)
    return index
  }

  logIndexContract('OpenSearch', async () => newIndex())

  test('x', () => {
    expect(1).toBe(1)
  })
})
