import { createServer } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { runCali, startCali } from '../support/program.ts'
import { temporaryFolder, until } from '../support/system.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})
async function folder(): Promise<string> {
  const made = await temporaryFolder()
  cleanups.push(made.remove)
  return made.path
}

describe('npm start', () => {
  test('runs for a while, prints a balanced summary, ends with 0 and leaves no process behind; a second run resumes', async () => {
    const dataDir = await folder()
    const first = startCali(['dev', '--for', '9s', '--data-dir', dataDir, '--port', '0'])
    const started = await first.event('started')
    const opened = await first.event('opened')
    expect(opened['cause']).toBeTypeOf('string')
    expect((await fetch(String(started['url']))).status).toBeLessThan(504)
    expect(await first.exit()).toBe(0)
    const summary = first.events.at(-1) as Record<string, unknown>
    expect(summary).toMatchObject({ event: 'summary', ledgerBalanced: true, rejected: 0 })
    expect(summary['received']).toBeGreaterThan(300)
    expect(summary['messages']).toBe(summary['incidents'])
    await expect(fetch(`${String(started['kinesis'])}/healthcheck`)).rejects.toThrow()

    const second = startCali(['dev', '--for', '5s', '--data-dir', dataDir, '--port', '0'])
    expect((await second.event('resumed'))['message']).toContain('known incidents')
    expect(await second.exit()).toBe(0)
    const again = second.events.at(-1) as Record<string, unknown>
    const known = first.events.filter((event) => event['event'] === 'opened').map((event) => event['id'])
    const openedAgain = second.events.filter((event) => event['event'] === 'opened').map((event) => event['id'])
    expect(openedAgain.filter((id) => known.includes(id))).toEqual([])
    expect(again['ledgerBalanced']).toBe(true)
  })

  test('--no-demo starts empty, and SIGTERM stops it cleanly', async () => {
    const run = startCali(['dev', '--no-demo', '--data-dir', await folder(), '--port', '0'])
    const started = await run.event('started')
    const list = (await (await fetch(`${String(started['url'])}/api/incidents`)).json()) as { incidents: unknown[] }
    expect(list.incidents).toEqual([])
    run.child.kill('SIGTERM')
    expect(await run.exit()).toBe(0)
    await expect(fetch(`${String(started['kinesis'])}/healthcheck`)).rejects.toThrow()
  })

  test('the local Kinesis ends when its parent is killed', async () => {
    const run = startCali(['dev', '--no-demo', '--data-dir', await folder(), '--port', '0'])
    const started = await run.event('started')
    run.child.kill('SIGKILL')
    const gone = async (): Promise<boolean> =>
      fetch(`${String(started['kinesis'])}/healthcheck`).then(
        () => false,
        () => true,
      )
    await until(gone, 'the local Kinesis is gone', 15_000)
  })

  test('a taken port is said, and the next one is used', async () => {
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    const address = blocker.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const run = startCali(['serve', '--data-dir', await folder(), '--port', String(port)])
    expect((await run.event('port_taken'))['message']).toContain(String(port))
    expect((await run.event('started'))['url']).not.toContain(`:${port}`)
    run.child.kill('SIGTERM')
    await run.exit()
    blocker.close()
  })

  test('a second program on the same folder is told where the first one runs', async () => {
    const dataDir = await folder()
    const run = startCali(['serve', '--data-dir', dataDir, '--port', '0'])
    const started = await run.event('started')
    const second = await runCali(['serve', '--data-dir', dataDir, '--port', '0'])
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(String(started['url']))
    expect(second.stderr).toContain('--data-dir')
    run.child.kill('SIGTERM')
    await run.exit()
  })

  test.each([
    [['dev', '--for', 'soon'], '--for is "soon": a duration is accepted'],
    [['dev', '--port', '99999'], 'server.port is 99999'],
    [['serve', '--lang', 'fr'], 'ko or en is accepted'],
  ])('a wrong call %j ends with 2 and says what is accepted', async (args, words) => {
    const run = await runCali([...args, '--data-dir', await folder()])
    expect(run.code).toBe(2)
    expect(run.stderr).toContain(words)
  })
})
