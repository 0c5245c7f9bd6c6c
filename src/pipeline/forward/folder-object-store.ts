/**
 * Object store in a folder: a temporary file, synced, then linked to its name, which fails if the name is taken. Facts
 * stand at the end of the file (object-trailer.ts).
 */
import { randomUUID } from 'node:crypto'
import { access, constants, link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { CaliError } from '../../platform/error.ts'
import {
  assertStorable,
  isObjectKey,
  type ListedObject,
  type ObjectHead,
  type OwnedObjectStore,
} from './object-store.ts'
import { MAX_TRAILER_BYTES, readTrailer, withTrailer } from './object-trailer.ts'

export function createFolderObjectStore(folder: string): OwnedObjectStore {
  const pathOf = (key: string): string => {
    if (!isObjectKey(key)) throw new Error(`not an object key: ${key}`)
    return join(folder, ...key.split('/'))
  }
  return {
    location: folder,
    putIfAbsent: async (key, bytes, facts) => {
      assertStorable(key, facts)
      const path = pathOf(key)
      const parent = dirname(path)
      const temporary = join(parent, `.${randomUUID()}.tmp`)
      try {
        const made = await mkdir(parent, { recursive: true })
        const file = await open(temporary, 'wx', 0o600)
        try {
          await file.writeFile(withTrailer(bytes, facts))
          await file.datasync()
        } finally {
          await file.close()
        }
        if (!(await linkNew(temporary, path))) return false
        await syncFolder(parent)
        if (made !== undefined) await syncParents(parent, made)
        return true
      } catch (error) {
        throw explain(error as NodeJS.ErrnoException, folder)
      } finally {
        await rm(temporary, { force: true }).catch(() => undefined)
      }
    },
    get: async (key) => {
      const file = await unlessMissing(folder, () => readFile(pathOf(key)))
      return file?.subarray(0, file.length - readTrailer(file.subarray(-MAX_TRAILER_BYTES)).length)
    },
    head: (key) => unlessMissing(folder, () => readHead(pathOf(key))),
    list: (prefix, after = '') => walk(folder, prefix, after),
    check: async () => {
      await unlessMissing(folder, () => access(folder, constants.R_OK | constants.W_OK))
    },
    close: () => undefined,
  }
}

async function unlessMissing<T>(folder: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw explain(error as NodeJS.ErrnoException, folder)
  }
}

async function readHead(path: string): Promise<ObjectHead> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const end = Buffer.alloc(Math.min(size, MAX_TRAILER_BYTES))
    await file.read(end, 0, end.length, size - end.length)
    const { length, facts } = readTrailer(end)
    return { bytes: size - length, ...(facts === undefined ? {} : { facts }) }
  } finally {
    await file.close()
  }
}

/** Gives the file its name; false when the name is taken. */
async function linkNew(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function* walk(folder: string, prefix: string, after: string, below = ''): AsyncGenerator<ListedObject> {
  let entries: { name: string; isDirectory(): boolean }[]
  try {
    entries = await readdir(join(folder, ...below.split('/')), { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw explain(error as NodeJS.ErrnoException, folder)
  }
  const named = entries.map((entry) => ({
    isFolder: entry.isDirectory(),
    // With its slash, because `logs.1/x` stands before `logs/x`.
    key: `${below === '' ? '' : `${below}/`}${entry.name}${entry.isDirectory() ? '/' : ''}`,
  }))
  for (const { key, isFolder } of named.sort((a, b) => (a.key < b.key ? -1 : 1))) {
    if (!key.startsWith(prefix) && !(isFolder && prefix.startsWith(key))) continue
    if (isFolder) {
      if (key > after || after.startsWith(key)) yield* walk(folder, prefix, after, key.slice(0, -1))
    } else if (key > after && !key.endsWith('.tmp')) {
      const found = await unlessMissing(folder, () => stat(join(folder, ...key.split('/'))))
      if (found !== undefined) yield { key, bytes: found.size }
    }
  }
}

/** A folder that was made is durable only when the one above it is. `made` is the uppermost new one. */
async function syncParents(folder: string, made: string): Promise<void> {
  const top = dirname(resolve(made))
  for (let at = dirname(resolve(folder)); at.length >= top.length; at = dirname(at)) {
    await syncFolder(at)
    if (at === top) return
  }
}

/** The name is durable only when the folder is. Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (sep === '\\') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function explain(error: NodeJS.ErrnoException, folder: string): CaliError {
  if (error.code === 'ENOSPC')
    return new CaliError(
      'archive_disk_full',
      `${folder}: the disk is full. Nothing acknowledged is lost; reading goes on once there is room.`,
      { cause: error, retryable: true },
    )
  if (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS')
    return new CaliError(
      'archive_unwritable',
      `${folder}: may not be written by this user (${error.code}). Choose another folder with --data-dir.`,
      { cause: error },
    )
  return new CaliError('archive_io', `${folder}: ${error.message}`, { cause: error, retryable: true })
}
