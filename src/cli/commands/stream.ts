import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { logView } from '../../api/log-view.ts'
import { type Config, languageOf, timeZoneOf, zoneOffsetMinutes } from '../../app/config.ts'
import { type Peek, type PeekedRecord, peekStream } from '../../app/kinesis-peek.ts'
import { parseDuration } from '../../app/setting.ts'
import { createKinesisClient } from '../../pipeline/consume/kinesis-client.ts'
import { createDecodeStage } from '../../pipeline/decode/decode-stage.ts'
import { createFilterStage } from '../../pipeline/filter/filter-stage.ts'
import { createRedactor } from '../../pipeline/filter/redact/redactor.ts'
import type { UiLanguage } from '../../pipeline/incident.ts'
import { systemClock } from '../../platform/clock.ts'
import { CaliError } from '../../platform/error.ts'
import { countOf } from '../archive-place.ts'
import { commandConfig } from '../command-config.ts'
import { logLine } from '../log-line.ts'
import { bold, dim, plain } from '../terminal.ts'

interface PeekFlags {
  readonly since: string
  readonly limit: string
  readonly shard?: string
  readonly json?: boolean
  readonly lang?: string
}

/** Events of one record: aggregates hold hundreds. */
const SHOWN = 5

const TEXTS: Readonly<
  Record<
    UiLanguage,
    {
      readonly head: (stream: string, shards: number, records: string, since: string, shown: number) => string
      readonly empty: (stream: string, since: string) => string
      readonly record: (bytes: string, lines: number) => string
      readonly unread: (reason: string, detail: string) => string
      readonly more: (n: string) => string
    }
  >
> = {
  en: {
    head: (stream, shards, records, since, shown) =>
      `${stream} · ${shards} ${shards === 1 ? 'shard' : 'shards'} · ${records} records in the last ${since} · the newest ${shown}:`,
    empty: (stream, since) =>
      `${stream} is there, and nothing has come in the last ${since}. Is the sender running, and does it name this stream and region?`,
    record: (bytes, lines) => `${bytes} bytes, ${lines} ${lines === 1 ? 'event' : 'events'}`,
    unread: (reason, detail) => `cannot be read: ${detail} (${reason})`,
    more: (n) => `and ${n} more (--json has all)`,
  },
  ko: {
    head: (stream, shards, records, since, shown) =>
      `${stream} · 샤드 ${shards}개 · 최근 ${since} 동안 레코드 ${records}개 · 가장 새로운 ${shown}개:`,
    empty: (stream, since) =>
      `${stream} 스트림은 있지만 최근 ${since} 동안 들어온 것이 없어요. 보내는 쪽이 돌고 있는지, 같은 스트림과 리전을 쓰는지 확인하세요.`,
    record: (bytes, lines) => `${bytes}바이트, 이벤트 ${lines}개`,
    unread: (reason, detail) => `읽을 수 없어요: ${detail} (${reason})`,
    more: (n) => `외 ${n}개 (--json으로 모두 볼 수 있어요)`,
  },
}

export function registerStream(program: Command): void {
  program
    .command('stream')
    .description('The Kinesis stream, looked at beside the consumer')
    .command('peek')
    .description('The newest records of kinesis.stream, decoded and redacted as the consumer sees them; moves nothing')
    .option('--since <duration>', 'how far back to look', '10m')
    .option('--limit <n>', 'records shown', '10')
    .option('--shard <id>', 'only this shard')
    .option('--json', 'one JSON per record')
    .option('--lang <language>', 'ko or en')
    .action((flags: PeekFlags) => peek(program, flags))
}

async function peek(program: Command, flags: PeekFlags): Promise<void> {
  const config = commandConfig(program, { lang: flags.lang })
  const sinceMs = parseDuration(flags.since)
  if (sinceMs === undefined || sinceMs <= 0)
    throw new CaliError('config_invalid', `--since is "${flags.since}": a duration is accepted, e.g. 30s, 10m or 2h`)
  const found = await look(config, { sinceMs, limit: countOf('--limit', flags.limit, 1), shard: flags.shard })
  if (flags.json === true)
    for (const record of found.newest) console.log(JSON.stringify({ ...record, lines: record.lines.map(logView) }))
  else for (const line of peekText(found, config, flags.since)) console.log(line)
  process.exitCode = found.records > 0 ? 0 : 1
}

async function look(
  config: Config,
  { sinceMs, limit, shard }: { sinceMs: number; limit: number; shard: string | undefined },
): Promise<Peek> {
  const { region, endpoint, stream } = config.kinesis
  const address = { region, ...(endpoint === undefined ? {} : { endpoint }) }
  const client = createKinesisClient(address)
  // Placeholders of a look need not be those of the store.
  const redactor = createRedactor({
    key: randomBytes(32),
    disabledRules: config.redaction.disabledRules,
    extraRules: config.redaction.extraRules,
  })
  try {
    return await peekStream(
      {
        client,
        address,
        stream,
        decode: createDecodeStage({ zoneOffsetMinutes: zoneOffsetMinutes(timeZoneOf(config), systemClock.now()) }),
        filter: createFilterStage({ redactor }, [{ id: 'everything', action: 'keep', enabled: true }]),
        now: systemClock.now,
        wait: (ms) => delay(ms),
      },
      { sinceMs, limit, ...(shard === undefined ? {} : { shard }) },
    )
  } finally {
    client.destroy()
  }
}

function peekText({ shards, records, newest }: Peek, config: Config, since: string): string[] {
  const texts = TEXTS[languageOf(config)]
  const { stream } = config.kinesis
  if (records === 0) return [`  ${texts.empty(stream, since)}`]
  return [
    `  ${bold(texts.head(stream, shards, records.toLocaleString('en-US'), since, newest.length))}`,
    ...newest.flatMap((record) => recordText(record, texts)),
  ]
}

function recordText(record: PeekedRecord, texts: (typeof TEXTS)['en']): string[] {
  const { shard, sequence, arrivedAt, bytes, lines, rejected } = record
  return [
    '',
    `  ${dim(`${shard}  …${sequence.slice(-8)}  ${new Date(arrivedAt).toISOString()}  ${texts.record(bytes.toLocaleString('en-US'), lines.length)}`)}`,
    ...lines.slice(0, SHOWN).map((line) => `    ${logLine({ ...line, level: line.severity.text })}`),
    ...(lines.length > SHOWN ? [`    ${dim(texts.more((lines.length - SHOWN).toLocaleString('en-US')))}`] : []),
    ...rejected.map(({ reason, detail }) => `    ${texts.unread(reason, plain(detail))}`),
  ]
}
