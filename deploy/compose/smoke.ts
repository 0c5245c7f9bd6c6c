/**
 * Smoke: is the running compose set-up whole? Log lines in Kinesis, an incident in CALI's API, its message. In the checkout:
 *   node deploy/compose/smoke.ts --token TOKEN
 * The token is what `docker compose logs prepare` shows, or CALI_SERVER_TOKEN of .env. Exit code 0: all is there.
 */
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs, parseEnv } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { GetRecordsCommand, GetShardIteratorCommand, ListShardsCommand } from '@aws-sdk/client-kinesis'
import { createKinesisClient } from '../../src/pipeline/consume/kinesis-client.ts'
import { processEnvironment } from '../../src/platform/config/environment.ts'
import { messageOf } from '../../src/platform/error.ts'

export interface SmokeTarget {
  readonly kinesis: { readonly endpoint: string; readonly region: string; readonly stream: string }
  readonly cali: { readonly url: string; readonly token: string }
  /** Longest wait for each of the checks. */
  readonly timeoutMs: number
  readonly print: (line: string) => void
}

/** What a check found; undefined: not yet, with the reason in `why`. */
type Look = (target: SmokeTarget) => Promise<{ readonly found?: string; readonly why?: string }>

const PAUSE_MS = 500
const REQUEST_MS = 5_000
/** Pages of one shard that are looked at: a stream of days holds more than a check needs. */
const MOST_PAGES = 50

const CHECKS: readonly (readonly [name: string, look: Look])[] = [
  ['kinesis', linesInStream],
  ['incident', incidentInApi],
  ['message', messageTold],
]

/** Runs the checks one after the other; false when one of them found nothing in time. */
export async function runSmoke(target: SmokeTarget): Promise<boolean> {
  let whole = true
  for (const [name, look] of CHECKS) {
    const deadline = performance.now() + target.timeoutMs
    let why = 'nothing was found'
    let found: string | undefined
    do {
      const answer = await look(target).catch((error: unknown) => ({ found: undefined, why: reasonOf(error) }))
      found = answer.found
      why = answer.why ?? why
      if (found === undefined) await delay(Math.min(PAUSE_MS, target.timeoutMs))
    } while (found === undefined && performance.now() < deadline)
    target.print(
      found === undefined
        ? `not ok  ${name.padEnd(9)} not within ${target.timeoutMs / 1000} s: ${why}`
        : `ok      ${name.padEnd(9)} ${found}`,
    )
    whole &&= found !== undefined
  }
  return whole
}

async function linesInStream({ kinesis }: SmokeTarget): ReturnType<Look> {
  const { stream: StreamName } = kinesis
  const client = createKinesisClient(kinesis)
  try {
    let [records, lines] = [0, 0]
    const files = new Set<string>()
    const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }))
    for (const { ShardId } of Shards) {
      const first = new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' })
      let iterator = (await client.send(first)).ShardIterator
      for (let page = 0; iterator !== undefined && page < MOST_PAGES; page++) {
        const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 200 }))
        for (const { Data } of answer.Records ?? []) {
          const events = Data === undefined ? [] : eventsOf(Data)
          if (events.length > 0) records += 1
          lines += events.length
          for (const { log_file } of events) if (typeof log_file === 'string') files.add(log_file)
        }
        // Not 0 for ever where a writer is faster than this reader: the pages are counted too.
        iterator = (answer.MillisBehindLatest ?? 0) === 0 ? undefined : answer.NextShardIterator
      }
    }
    const place = `${StreamName} (${Shards.length} ${Shards.length === 1 ? 'shard' : 'shards'})`
    if (lines === 0)
      return { why: `${place} holds no log line as Fluent Bit sends it. See: docker compose logs fluent-bit` }
    return {
      found: `${lines} log events in ${records} records of ${place}, from ${[...files].join(', ') || 'no named file'}`,
    }
  } finally {
    client.destroy()
  }
}

/** Events of one record as deploy/fluent-bit sends it: lines of JSON, gzip around them. Empty where it is another's. */
function eventsOf(data: Uint8Array): Record<string, unknown>[] {
  try {
    return gunzipSync(data, { maxOutputLength: 32 * 1024 * 1024 })
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((event) => typeof event['log_content'] === 'string')
  } catch {
    return []
  }
}

async function incidentInApi(target: SmokeTarget): ReturnType<Look> {
  const { incidents } = (await ask(target, '/api/incidents')) as {
    incidents: { id: string; severity: string; service: string; title: string; count: number }[]
  }
  const [first] = incidents
  if (first === undefined) return { why: 'CALI answers, and has no incident yet. See: docker compose logs cali' }
  return {
    found: `${incidents.length} in the list, first ${first.severity} ${first.service}: ${first.title} (x${first.count}) ${target.cali.url}/i/${first.id}`,
  }
}

/** In preview: made, and shown at /slack. With a bot: posted, which Slack has answered with the message's own number. */
async function messageTold(target: SmokeTarget): ReturnType<Look> {
  const { mode, notifications } = (await ask(target, '/api/slack')) as {
    mode: string
    notifications: { text: string; postedAt?: number; ts?: string; channel?: string; fault?: string }[]
  }
  const told = notifications.find(({ text, postedAt }) => text !== '' && postedAt !== undefined)
  if (told === undefined) {
    const fault = notifications.find((notification) => notification.fault !== undefined)?.fault
    return { why: fault === undefined ? `no message yet (${mode})` : `Slack refused: ${fault}` }
  }
  const where = mode === 'preview' ? `preview, ${target.cali.url}/slack` : `posted to ${told.channel ?? 'the webhook'}`
  return { found: `${told.text.split('\n', 1)[0]} (${where})` }
}

async function ask({ cali }: SmokeTarget, path: string): Promise<unknown> {
  const answer = await fetch(cali.url + path, {
    headers: { authorization: `Bearer ${cali.token}` },
    signal: AbortSignal.timeout(REQUEST_MS),
  })
  if (answer.status === 401)
    throw new Error(`${cali.url} refuses the token: "docker compose logs prepare" shows the right one`)
  if (!answer.ok) throw new Error(`${cali.url}${path} answers ${answer.status}`)
  return answer.json()
}

/** fetch says only "fetch failed"; why stands in its cause. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined
    ? `${messageOf(error)}: ${messageOf(error.cause)}`
    : messageOf(error)

/** Where to look, by arguments, environment and .env, in this order; a text says what is wrong with them. */
export function smokeTarget(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: SmokeTarget['print'],
): SmokeTarget | string {
  const strings = ['token', 'url', 'kinesis', 'region', 'stream', 'timeout'] as const
  let given: Partial<Record<(typeof strings)[number], string>>
  try {
    const options = Object.fromEntries(strings.map((name) => [name, { type: 'string' as const }]))
    given = parseArgs({ args: [...args], options, strict: true }).values as typeof given
  } catch (error) {
    return `${messageOf(error)}. Accepted are ${strings.map((name) => `--${name}`).join(', ')}`
  }
  const seconds = Number(given.timeout ?? '180')
  if (!(seconds > 0 && seconds <= 3_600)) return `--timeout is "${given.timeout}": seconds from 1 to 3600 are accepted`
  const token = given.token ?? environment['CALI_SERVER_TOKEN'] ?? ''
  if (token === '')
    return 'no token: give --token, or set CALI_SERVER_TOKEN. "docker compose logs prepare" shows the one that was made'
  return {
    kinesis: {
      endpoint: given.kinesis ?? `http://127.0.0.1:${environment['AWS_EMULATOR_PORT'] || '4566'}`,
      region: given.region ?? 'ap-south-1',
      stream: given.stream ?? 'cali-log-stream',
    },
    cali: { url: given.url ?? `http://127.0.0.1:${environment['CALI_PORT'] || '7070'}`, token },
    timeoutMs: seconds * 1000,
    print,
  }
}

if (import.meta.main) {
  const file = fileURLToPath(new URL('.env', import.meta.url))
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  const print = (line: string): void => void process.stdout.write(`${line}\n`)
  const target = smokeTarget(process.argv.slice(2), { ...fromFile, ...processEnvironment() }, print)
  if (typeof target === 'string') {
    process.stderr.write(`smoke: ${target}\n`)
    process.exitCode = 2
  } else process.exitCode = (await runSmoke(target)) ? 0 : 1
}
