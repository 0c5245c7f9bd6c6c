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

    test('facts come back with the head, beside the length of the bytes alone', async () => {
      const store = await create()
      const facts = { 'first-record': '1', note: 'a "quoted" ~value~' }
      await store.putIfAbsent('a/key', bytes('한글'), facts)
      await store.putIfAbsent('a/key', bytes('longer'), { note: 'another' })
      expect(await store.head('a/key')).toEqual({ bytes: 6, facts })
      expect(Buffer.from((await store.get('a/key')) as Uint8Array).toString()).toBe('한글')
    })

    test('an object without facts has none, and a missing one no head', async () => {
      const store = await create()
      await store.putIfAbsent('a/key', bytes('x'))
      expect(await store.head('a/key')).toEqual({ bytes: 1 })
      expect(await store.head('a/other')).toBeUndefined()
    })

    test('an object may be empty, and hold any bytes', async () => {
      const store = await create()
      const all = Uint8Array.from({ length: 20_000 }, (_, i) => i % 256)
      await store.putIfAbsent('a/empty', new Uint8Array(), { note: 'x' })
      await store.putIfAbsent('a/all', all)
      expect(await store.head('a/empty')).toEqual({ bytes: 0, facts: { note: 'x' } })
      expect([...((await store.get('a/all')) as Uint8Array)]).toEqual([...all])
    })

    test('keys are listed by prefix in ascending order of their characters', async () => {
      const store = await create()
      const keys = ['p-1/a', 'p.1/a', 'p/a', 'p/b', 'p/sub-1/c', 'p/sub/c', 'q/a']
      for (const key of keys.toReversed()) await store.putIfAbsent(key, bytes(key))
      const list = async (...place: [string, string?]) =>
        (await Array.fromAsync(store.list(...place))).map((object) => object.key)
      expect(await list('p/')).toEqual(['p/a', 'p/b', 'p/sub-1/c', 'p/sub/c'])
      expect(await list('p')).toEqual(keys.slice(0, -1))
      expect(await list('p/su')).toEqual(['p/sub-1/c', 'p/sub/c'])
    })

    test('a list begins behind a key, which need not exist', async () => {
      const store = await create()
      for (const key of ['p/a/1', 'p/a/2', 'p/b/1', 'p/c']) await store.putIfAbsent(key, bytes(key))
      const behind = async (key: string) => (await Array.fromAsync(store.list('p/', key))).map((object) => object.key)
      expect(await behind('p/a/1')).toEqual(['p/a/2', 'p/b/1', 'p/c'])
      expect(await behind('p/a0')).toEqual(['p/b/1', 'p/c'])
      expect(await behind('p/b')).toEqual(['p/b/1', 'p/c'])
      expect(await behind('o')).toHaveLength(4)
      expect(await behind('z')).toEqual([])
    })

    test.each(['../escape', '/absolute', 'a//b', 'a/../b', 'sp ace', ''])('the key %j is refused', async (key) => {
      await expect((await create()).putIfAbsent(key, bytes('x'))).rejects.toThrow('not an object key')
    })

    test.each([{ Upper: 'x' }, { 'a b': 'x' }, { a: '한글' }, { a: 'line\nend' }, { a: 'x'.repeat(2_000) }])(
      'facts that no store can keep are refused: %j',
      async (facts) => {
        await expect((await create()).putIfAbsent('a/key', bytes('x'), facts as never)).rejects.toThrow('not facts')
      },
    )
  })
}
