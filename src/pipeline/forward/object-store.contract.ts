import { describe, expect, test } from 'vitest'
import type { ObjectStore } from './object-store.ts'

/** What every object store must do. */
export function objectStoreContract(name: string, create: () => Promise<ObjectStore>): void {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  describe(`object store contract: ${name}`, () => {
    test('an object is read back as it was written', async () => {
      const store = await create()
      expect(await store.putIfAbsent('a/b=1/c.bin', bytes('한글\n\0'))).toBe(true)
      expect(Buffer.from((await store.get('a/b=1/c.bin')) as Uint8Array).toString()).toBe('한글\n\0')
    })

    test('a key that exists is not written again', async () => {
      const store = await create()
      await store.putIfAbsent('a/key', bytes('first'))
      expect(await store.putIfAbsent('a/key', bytes('second'))).toBe(false)
      expect(Buffer.from((await store.get('a/key')) as Uint8Array).toString()).toBe('first')
    })

    test('of many writers at once exactly one wins', async () => {
      const store = await create()
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.putIfAbsent('race/key', bytes(`writer ${i}`))),
      )
      expect(results.filter(Boolean)).toHaveLength(1)
    })

    test('a missing key reads as undefined', async () => {
      expect(await (await create()).get('no/such/key')).toBeUndefined()
    })

    test('keys are listed by prefix in ascending order', async () => {
      const store = await create()
      for (const key of ['p/b', 'p/a', 'q/a', 'p/sub/c']) await store.putIfAbsent(key, bytes(key))
      const keys: string[] = []
      for await (const object of store.list('p/')) keys.push(object.key)
      expect(keys).toEqual(['p/a', 'p/b', 'p/sub/c'])
    })

    test.each(['../escape', '/absolute', 'a//b', 'a/../b', 'sp ace', ''])('the key %j is refused', async (key) => {
      await expect((await create()).putIfAbsent(key, bytes('x'))).rejects.toThrow('not an object key')
    })
  })
}
