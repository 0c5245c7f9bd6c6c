import { assertStorable, type ObjectFacts, type ObjectStore } from './object-store.ts'

/** The object store's in-memory twin. */
export function createMemoryObjectStore(): ObjectStore {
  const objects = new Map<string, { readonly bytes: Uint8Array; readonly facts?: ObjectFacts }>()
  return {
    location: 'memory',
    putIfAbsent: async (key, bytes, facts) => {
      assertStorable(key, facts)
      if (objects.has(key)) return false
      objects.set(key, { bytes: Uint8Array.from(bytes), ...(facts === undefined ? {} : { facts }) })
      return true
    },
    get: async (key) => objects.get(key)?.bytes,
    head: async (key) => {
      const object = objects.get(key)
      return object && { ...object, bytes: object.bytes.length }
    },
    list: async function* (prefix, after = '') {
      for (const [key, { bytes }] of [...objects].sort(([a], [b]) => (a < b ? -1 : 1)))
        if (key.startsWith(prefix) && key > after) yield { key, bytes: bytes.length }
    },
  }
}
