import { isObjectKey, type ObjectStore } from './object-store.ts'

/** The object store's in-memory twin. */
export function createMemoryObjectStore(): ObjectStore {
  const objects = new Map<string, Uint8Array>()
  return {
    location: 'memory',
    putIfAbsent: async (key, bytes) => {
      if (!isObjectKey(key)) throw new Error(`not an object key: ${key}`)
      if (objects.has(key)) return false
      objects.set(key, Uint8Array.from(bytes))
      return true
    },
    get: async (key) => objects.get(key),
    list: async function* (prefix) {
      for (const key of [...objects.keys()].sort())
        if (key.startsWith(prefix)) yield { key, bytes: (objects.get(key) as Uint8Array).length }
    },
  }
}
