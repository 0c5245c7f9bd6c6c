import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTestSystem, temporaryFolder } from '../support/system.ts'

/** A small file system of our own: needs root on Linux. */
function mountSmall(path: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'cali-test', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test('on a full disk senders are asked to come again, and everything acknowledged is there once there is room', async (context) => {
  const folder = await temporaryFolder()
  const small = join(folder.path, 'small')
  await mkdir(small)
  if (!mountSmall(small)) {
    await folder.remove()
    return context.skip('no small file system can be mounted here (needs root on Linux)')
  }
  try {
    const system = await startTestSystem(join(small, 'data'))
    let acknowledged = 0
    let refusal: Error | undefined
    const send = async (n: number): Promise<void> => {
      const lines = Array.from({ length: 200 }, (_, i) =>
        JSON.stringify({
          level: 'error',
          service: 'disk',
          msg: `failure ${n * 200 + i}`,
          noise: Math.random().toString(36).repeat(40),
        }),
      )
      await system.ingest({
        stream: 'http',
        shard: '0',
        records: [{ sequence: String(1_000 + n), arrivedAt: Date.now(), data: Buffer.from(lines.join('\n')) }],
      })
      acknowledged += 200
    }
    const balloon = join(small, 'balloon')
    await send(0)
    try {
      writeFileSync(balloon, Buffer.alloc(8 * 1024 * 1024))
    } catch {
      // As much as fits.
    }
    try {
      for (let n = 1; n < 40; n++) await send(n)
    } catch (error) {
      refusal = error as Error
    }
    expect(refusal?.message).toMatch(/disk is full/)
    rmSync(balloon)
    await send(50)
    const [incident] = await system.state.incidents.list({ services: ['disk'] })
    expect(incident?.count).toBeGreaterThanOrEqual(acknowledged)
    await system.stop()
  } finally {
    execFileSync('umount', ['-l', small])
    await folder.remove()
  }
})
