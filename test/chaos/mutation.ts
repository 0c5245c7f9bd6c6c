/** Mutations: faults that a change to CALI could bring in. The checker must see each of them, or it proves nothing. */
import type { LambdaSource } from '../../src/app/operations.ts'
import type { LogIndex } from '../../src/pipeline/forward/log-index.ts'
import { createMemoryObjectStore } from '../../src/pipeline/forward/memory-object-store.ts'
import type { ObjectStore } from '../../src/pipeline/forward/object-store.ts'
import type { IncidentStore } from '../../src/pipeline/store.ts'
import type { State } from '../../src/state/state.ts'

export interface Mutation {
  readonly incidents?: (incidents: State['incidents']) => State['incidents']
  readonly index?: (index: LogIndex) => LogIndex
  readonly source?: (source: LambdaSource) => LambdaSource
}

let copies = 0

const again =
  (incidents: State['incidents']): IncidentStore['apply'] =>
  async (events, plan) =>
    incidents.apply(
      events.map(({ record, fingerprint }) => ({ record: { ...record, id: `${record.id}/${++copies}` }, fingerprint })),
      plan,
    )

/** A store as S3 is without a condition on the write. */
export function createOverwritingStore(): ObjectStore {
  let store = createMemoryObjectStore()
  return {
    location: 'memory',
    putIfAbsent: async (key, bytes, facts) => {
      if (await store.putIfAbsent(key, bytes, facts)) return true
      const others = createMemoryObjectStore()
      for await (const object of store.list(''))
        if (object.key !== key)
          await others.putIfAbsent(
            object.key,
            (await store.get(object.key)) as Uint8Array,
            (await store.head(object.key))?.facts,
          )
      await others.putIfAbsent(key, bytes, facts)
      store = others
      return true
    },
    get: (key) => store.get(key),
    head: (key) => store.head(key),
    list: (prefix, after) => store.list(prefix, after),
  }
}

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a checkpoint before what it covers is durable': {
    source: (source) => ({
      ...source,
      process: async (batch) => {
        const result = await source.process(batch)
        result.durable.catch(() => undefined)
        return { ...result, durable: Promise.resolve() }
      },
    }),
  },
  'events that are counted without being remembered': {
    incidents: (incidents) => ({ ...incidents, apply: again(incidents) }),
  },
  'an index that makes up its ids': {
    index: (index) => ({
      write: (records) => index.write(records.map((record) => ({ ...record, id: `${record.id}/${++copies}` }))),
      search: (...query) => index.search(...query),
      summary: (query) => index.summary(query),
    }),
  },
  'an index whose faults are swallowed': {
    index: (index) => ({
      write: (records) => index.write(records).catch(() => []),
      search: (...query) => index.search(...query),
      summary: (query) => index.summary(query),
    }),
  },
}
