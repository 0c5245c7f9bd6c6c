import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMemoryVectors } from '../../test/support/fake-embedder.ts'
import { createManualClock } from '../platform/clock.ts'
import { silentLogger } from '../platform/logger.ts'
import { contractPages } from './knowledge-source.contract.ts'
import { createMilvus, type Milvus } from './milvus-client.ts'
import { createMilvusKnowledge } from './milvus-knowledge.ts'
import { collectionOf, filterOf, isCollectionOf, quoted } from './milvus-schema.ts'

const TOKEN = 'root:hunter2-hunter2'
const query = { parts: [{ text: 'No space left on device', weight: 1 }], language: 'en' as const, limit: 3 }

/** A listener that takes connections and never says a word. */
async function startMute(): Promise<Server & { sockets: Set<Socket> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(server, { sockets })
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

describe('Milvus that is away', () => {
  let mute: Awaited<ReturnType<typeof startMute>>
  let closed = 0
  const clients: Milvus[] = []
  beforeAll(async () => {
    mute = await startMute()
    const gone = await startMute()
    closed = portOf(gone)
    gone.close()
    await once(gone, 'close')
  })
  afterAll(async () => {
    for (const socket of mute.sockets) socket.destroy()
    mute.close()
    for (const client of clients) await client.close()
  })
  const connect = (port: number, timeoutMs: number): Milvus => {
    const milvus = createMilvus({ address: `127.0.0.1:${port}`, token: TOKEN, database: 'default', timeoutMs })
    clients.push(milvus)
    return milvus
  }
  const open = (milvus: Milvus, timeoutMs: number) => {
    const clock = createManualClock(0)
    const knowledge = createMilvusKnowledge({
      milvus,
      alias: 'away',
      tenant: 'default',
      own: contractPages(),
      vectors: createMemoryVectors(),
      policy: { korean: 1, other: 0, close: 1 },
      legs: ['page'],
      timeoutMs,
      clock,
      logger: silentLogger,
    })
    return { knowledge, clock }
  }

  it('is named with its address and setting, and not with its token', async () => {
    const error = await connect(closed, 2_000)
      .version()
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'milvus_unreachable', retryable: true })
    expect(String(error)).toContain(`127.0.0.1:${closed}`)
    expect(String(error)).toContain('milvus.address')
    expect(String(error)).not.toContain('hunter2')
  })

  it.each([
    ['refuses connections', () => closed],
    ['takes them and says nothing', () => portOf(mute)],
  ])('and %s keeps no search waiting: the pages at hand answer, and the answer says so', async (_, port) => {
    const milvus = connect(port(), 300)
    const { knowledge } = open(milvus, 300)
    const answer = await knowledge.search(query)
    expect(answer.degraded?.part).toBe('store')
    expect(answer.hits[0]?.runbook.id).toBe('disk-full')
    expect(answer.abstain).toBe(false)
    await expect(knowledge.sync()).rejects.toMatchObject({ retryable: true })
  })

  it('is not asked by each search anew, until a while has passed', async () => {
    let calls = 0
    const milvus: Milvus = {
      call: async () => {
        calls++
        throw new Error('away')
      },
      version: async () => '',
      close: async () => {},
    }
    const { knowledge, clock } = open(milvus, 300)
    for (let i = 0; i < 5; i++) expect((await knowledge.search(query)).degraded?.part).toBe('store')
    expect(calls).toBe(1)
    clock.advance(5_000)
    await knowledge.search(query)
    expect(calls).toBe(2)
  })
})

describe('names and filters', () => {
  it('give each model a collection of its own', () => {
    expect(collectionOf('cali_knowledge', undefined)).toBe('cali_knowledge_s1_words')
    const names = [
      { model: 'text-embedding-3-large', dimension: 3_072 },
      { model: 'text-embedding-3-large', dimension: 1_024 },
      { model: 'text_embedding_3_large', dimension: 3_072 },
      { model: `${'한글/'.repeat(200)}e5`, dimension: 384 },
    ].map((space) => collectionOf('cali_knowledge', space))
    expect(new Set(names).size).toBe(4)
    for (const name of names) {
      expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/)
      expect(isCollectionOf('cali_knowledge', name)).toBe(true)
      expect(isCollectionOf('cali', name)).toBe(false)
    }
  })

  it('hold no value that ends them', () => {
    expect(quoted('a" or 1 == 1 or "')).toBe('"a\\" or 1 == 1 or \\""')
    expect(quoted('a\\')).toBe('"a\\\\"')
    expect(filterOf('team-a', ['page', 'chunk'])).toBe('tenant == "team-a" and kind in ["page", "chunk"]')
  })
})
