/** Object store in a folder: a temporary file, synced, then linked to its name, which fails if the name is taken. */
import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { CaliError } from '../../platform/error.ts'
import { isObjectKey, type ObjectStore } from './object-store.ts'

export function createFolderObjectStore(folder: string): ObjectStore {
  const pathOf = (key: string): string => {
    if (!isObjectKey(key)) throw new Error(`not an object key: ${key}`)
    return join(folder, ...key.split('/'))
  }
  return {
    location: folder,
    putIfAbsent: async (key, bytes) => {
      const path = pathOf(key)
      const parent = dirname(path)
      const temporary = join(parent, `.${randomUUID()}.tmp`)
      try {
        const made = await mkdir(parent, { recursive: true })
        const file = await open(temporary, 'wx', 0o600)
        try {
          await file.writeFile(bytes)
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
      try {
        return await readFile(pathOf(key))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw explain(error as NodeJS.ErrnoException, folder)
      }
    },
    list: (prefix) => walk(folder, prefix),
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

async function* walk(folder: string, prefix: string, below = ''): AsyncGenerator<{ key: string; bytes: number }> {
  let entries: { name: string; isDirectory(): boolean }[]
  try {
    entries = await readdir(join(folder, ...below.split('/')), { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw explain(error as NodeJS.ErrnoException, folder)
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const key = below === '' ? entry.name : `${below}/${entry.name}`
    const inside = key.startsWith(prefix) || prefix.startsWith(`${key}/`)
    if (!inside || entry.name.endsWith('.tmp')) continue
    if (entry.isDirectory()) yield* walk(folder, prefix, key)
    else if (key.startsWith(prefix)) yield { key, bytes: (await stat(join(folder, ...key.split('/')))).size }
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
