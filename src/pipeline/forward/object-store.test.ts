import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { createFolderObjectStore } from './folder-object-store.ts'
import { createMemoryObjectStore } from './memory-object-store.ts'
import { objectStoreContract } from './object-store.contract.ts'
import { isObjectKey, keyPart } from './object-store.ts'

const folders: string[] = []
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'cali-objects-'))
  folders.push(folder)
  return folder
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

objectStoreContract('memory', async () => createMemoryObjectStore())
objectStoreContract('folder', async () => createFolderObjectStore(newFolder()))

describe('the folder store', () => {
  it('leaves no temporary file behind, whoever wins', async () => {
    const folder = newFolder()
    const store = createFolderObjectStore(folder)
    await Promise.all(Array.from({ length: 5 }, () => store.putIfAbsent('a/key', Buffer.from('x'))))
    expect(readdirSync(join(folder, 'a'))).toEqual(['key'])
  })

  it('lists nothing before its folder is there', async () => {
    const store = createFolderObjectStore(join(newFolder(), 'later'))
    expect(await Array.fromAsync(store.list(''))).toEqual([])
  })

  it('keeps what another store of the same folder wrote', async () => {
    const folder = newFolder()
    await createFolderObjectStore(folder).putIfAbsent('a/key', Buffer.from('first'))
    const store = createFolderObjectStore(folder)
    expect(await store.putIfAbsent('a/key', Buffer.from('second'))).toBe(false)
    expect(await Array.fromAsync(store.list('a/'))).toEqual([{ key: 'a/key', bytes: 5 }])
  })

  it('keeps facts in the file, behind bytes that other programs read as before', async () => {
    const folder = newFolder()
    const store = createFolderObjectStore(folder)
    const packed = zstdCompressSync('한글\n')
    await store.putIfAbsent('a/key', packed, { first: '7' })
    const file = readFileSync(join(folder, 'a', 'key'))
    expect(file.length).toBeGreaterThan(packed.length)
    expect(zstdDecompressSync(file).toString()).toBe('한글\n')
  })

  it('takes no bytes of an object for facts, whatever they end in', async () => {
    const folder = newFolder()
    const store = createFolderObjectStore(folder)
    await store.putIfAbsent('a/one', Buffer.from('x'), { first: '7' })
    const hostile = readFileSync(join(folder, 'a', 'one'))
    await store.putIfAbsent('a/two', hostile)
    expect(await store.get('a/two')).toEqual(hostile)
    expect(await store.head('a/two')).toEqual({ bytes: hostile.length })
  })

  it('reads an object whose facts are damaged, without them', async () => {
    const folder = newFolder()
    const store = createFolderObjectStore(folder)
    await store.putIfAbsent('a/key', Buffer.from('body'), { first: '7' })
    const path = join(folder, 'a', 'key')
    const file = readFileSync(path)
    file[file.indexOf('{')] = 0
    writeFileSync(path, file)
    expect(await store.head('a/key')).toEqual({ bytes: 4 })
    expect(await store.get('a/key')).toEqual(Buffer.from('body'))
  })

  it('says which folder cannot be written to: a file in its way is no object that exists', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'a'), 'in the way')
    const store = createFolderObjectStore(folder)
    for (const key of ['a/key', 'a/b/key']) {
      await expect(store.putIfAbsent(key, Buffer.from('x'))).rejects.toThrow(`${folder}: `)
    }
  })
})

describe('any text as a part of a key', () => {
  it.each([
    ['shardId-000', 'shardId-000'],
    ['my stream/é', 'my_stream__'],
    ['../up', '__up'],
    ['', '_'],
    ['...', '_'],
  ])('%j becomes %j', (text, part) => {
    expect(keyPart(text)).toBe(part)
    expect(isObjectKey(`a/${keyPart(text)}/b`)).toBe(true)
  })
})
