/** Instance lock: one running program per data folder. A lock whose process is gone is taken over. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CaliError, messageOf } from '../platform/error.ts'

export interface InstanceLock {
  /** Notes where the program is reached. */
  announce(url: string): void
  release(): void
}

interface LockFile {
  readonly pid: number
  readonly url?: string
}

export function lockInstance(dataDir: string): InstanceLock {
  const path = join(dataDir, 'lock.json')
  try {
    mkdirSync(dataDir, { recursive: true })
  } catch (error) {
    throw new CaliError(
      'data_dir_unwritable',
      `${dataDir}: cannot be made (${messageOf(error)}). Choose a folder that you may write to with --data-dir.`,
      { cause: error },
    )
  }
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(path, JSON.stringify({ pid: process.pid } satisfies LockFile), { flag: 'wx' })
      break
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EEXIST')
        throw new CaliError(
          'data_dir_unwritable',
          `${dataDir}: cannot be written to (${messageOf(error)}). Choose another folder with --data-dir.`,
          { cause: error },
        )
      const holder = readLock(dataDir)
      if (attempt > 0 || (holder !== undefined && isAlive(holder.pid) && holder.pid !== process.pid)) {
        throw new CaliError(
          'already_running',
          `${dataDir}: CALI runs already with this folder${holder?.url === undefined ? '' : ` at ${holder.url}`} (process ${holder?.pid ?? '?'}). Stop it, or give this one its own folder with --data-dir.`,
        )
      }
      rmSync(path, { force: true })
    }
  }
  return {
    announce: (url) => writeFileSync(path, JSON.stringify({ pid: process.pid, url } satisfies LockFile)),
    release: () => rmSync(path, { force: true }),
  }
}

/** Address of the program that runs with this folder, if one does. */
export function runningAt(dataDir: string): string | undefined {
  const holder = readLock(dataDir)
  return holder !== undefined && isAlive(holder.pid) ? holder.url : undefined
}

function readLock(dataDir: string): LockFile | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'lock.json'), 'utf8')) as LockFile
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
