/** One process takes lines in, another sends messages: `cali serve --no-delivery` and `cali work` on one PostgreSQL. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts'
import { type RunningCali, runCali, startCali } from '../support/program.ts'
import { temporaryFolder, until } from '../support/system.ts'
import { findPostgres, type PostgresServer, startPostgres } from './postgres-server.ts'

it.each([
  [['work'], '"cali work" sends what other processes found'],
  [['serve', '--no-delivery'], 'with --no-delivery another process sends the messages'],
])('%j is refused without a state that processes share', async (args, words) => {
  const run = await runCali([...args, '--port', '0'], { env: { CALI_POSTGRES_URL: '' } })
  expect(run.code).toBe(2)
  expect(run.stderr).toContain(words)
  expect(run.stderr).toContain('postgres.url (CALI_POSTGRES_URL) is needed')
})

describe.skipIf(findPostgres() === undefined)('roles (skipped where initdb is not installed)', () => {
  let postgres: PostgresServer
  let slack: FakeSlack
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  const running: RunningCali[] = []
  beforeAll(async () => {
    postgres = await startPostgres()
    slack = await startFakeSlack()
    folder = await temporaryFolder()
  })
  afterAll(async () => {
    for (const program of running) program.child.kill('SIGTERM')
    for (const program of running) await program.exit()
    await slack?.stop()
    await postgres?.stop()
    await folder?.remove()
  })
  const start = async (name: string, args: readonly string[], more: Record<string, string> = {}): Promise<string> => {
    const program = startCali([...args, '--port', '0', '--data-dir', join(folder.path, name)], {
      CALI_POSTGRES_URL: postgres.url,
      CALI_LANG: 'en',
      ...more,
    })
    running.push(program)
    return String((await program.event('started'))['url'])
  }

  const post = async (url: string, line: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/ingest`, { method: 'POST', headers, body: JSON.stringify(line) })
    expect(answer.status).toBe(200)
  }

  it('a process without delivery counts and keeps, and leaves the message to the worker', async () => {
    const url = await start('api', ['serve', '--no-delivery'])
    const line = { level: 'ERROR', service: 'order', message: 'payment was declined', event_id: 'e-1' }
    await post(url, line)
    const incidents = (await (await fetch(`${url}/api/incidents`)).json()) as { incidents: { count: number }[] }
    expect(incidents.incidents).toMatchObject([{ count: 1 }])
    expect(slack.roots()).toHaveLength(0)
    const worker = await start('worker', ['work'], {
      CALI_SLACK_BOT_TOKEN: 'xoxb-test',
      CALI_SLACK_API_URL: slack.apiUrl,
      CALI_SLACK_CHANNEL: 'C0TEST00001',
    })
    await until(() => slack.roots().length === 1, 'the worker sends the message')
    // Whoever looks at one process hears of what another has counted.
    const stop = new AbortController()
    const events = await fetch(`${worker}/api/events`, { signal: stop.signal })
    await post(url, { ...line, message: 'disk is full', event_id: 'e-2' })
    for await (const text of events.body?.pipeThrough(new TextDecoderStream()) ?? [])
      if (text.includes('"opened"')) break
    stop.abort()
  })
})
