import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { lockInstance, runningAt } from './instance-lock.ts'

const root = mkdtempSync(join(tmpdir(), 'cali-lock-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let folder = ''
let folders = 0
beforeEach(() => {
  folder = join(root, String(folders++), 'data')
})
const path = (): string => join(folder, 'lock.json')
const holdBy = (pid: number, url?: string): void => {
  lockInstance(folder).release()
  writeFileSync(path(), JSON.stringify({ pid, ...(url === undefined ? {} : { url }) }))
}
/** The process that runs these tests for us: alive, and not us. */
const ALIVE = process.ppid
const endedPid = (): number => spawnSync(process.execPath, ['--version']).pid

describe('the lock of a data folder', () => {
  it('makes the folder and holds the process', () => {
    lockInstance(folder)
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toEqual({ pid: process.pid })
  })

  it('is refused while another process has it, and says where that is reached', () => {
    holdBy(ALIVE, 'http://127.0.0.1:7070')
    expect(() => lockInstance(folder)).toThrow(
      `${folder}: CALI runs already with this folder at http://127.0.0.1:7070 (process ${ALIVE})`,
    )
  })

  it('is taken over when its process is gone', () => {
    holdBy(endedPid())
    lockInstance(folder)
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toEqual({ pid: process.pid })
  })

  it.each(['', '{"pid":', 'no JSON'])('is taken over when it was never written whole: %j', (text) => {
    lockInstance(folder).release()
    writeFileSync(path(), text)
    expect(() => lockInstance(folder)).not.toThrow()
  })

  it('is free again when it is released', () => {
    const lock = lockInstance(folder)
    lock.release()
    expect(existsSync(path())).toBe(false)
    expect(() => lock.release()).not.toThrow()
  })

  it('says what to do when the folder cannot be made', () => {
    const blocked = `${root}/file`
    writeFileSync(blocked, '')
    expect(() => lockInstance(join(blocked, 'data'))).toThrow(
      /cannot be made .* Choose a folder that you may write to with --data-dir\.$/,
    )
  })
})

describe('the address of the program that runs', () => {
  it('is told once it is announced, and only while it runs', () => {
    const lock = lockInstance(folder)
    expect(runningAt(folder)).toBeUndefined()
    lock.announce('http://127.0.0.1:7071')
    expect(runningAt(folder)).toBe('http://127.0.0.1:7071')
    lock.release()
    expect(runningAt(folder)).toBeUndefined()
  })

  it('is none when its process is gone', () => {
    holdBy(endedPid(), 'http://127.0.0.1:7070')
    expect(runningAt(folder)).toBeUndefined()
  })
})
