import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { isStream, shardsOf } from '../../app/archive/browse.ts'
import { createKinesisReplayTarget } from '../../app/archive/kinesis-replay-target.ts'
import { type ReplayResult, type ReplayTarget, replayArchive } from '../../app/archive/replay.ts'
import { openStateReplayTarget } from '../../app/archive/state-replay-target.ts'
import { systemClock } from '../../platform/clock.ts'
import { CaliError } from '../../platform/error.ts'
import { createLogger } from '../../platform/logger.ts'
import { type ArchivePlace, countOf, type PlaceFlags, withArchive, withPlace } from '../archive-place.ts'
import { count, faultText, placeText } from '../archive-text.ts'
import { statusLine } from '../status-line.ts'

interface ReplayFlags extends PlaceFlags {
  readonly into?: string
  readonly intoState?: string
  readonly rate?: string
  readonly after?: string
  readonly force?: boolean
}

/** A shard takes 1,000 records or 1 MB a second: this leaves room for what is live on a stream of a few shards. */
const STREAM_RATE = '1000'

export function registerArchiveReplay(program: Command, archive: Command): void {
  withPlace(
    archive
      .command('replay')
      .description('Records once more: into a Kinesis stream, or into a fresh state to rebuild it from the archive')
      .option('--into <stream>', 'name of a stream in kinesis.region (or at kinesis.endpoint)')
      .option(
        '--into-state <folder>',
        'a new data folder, or "postgres" for the database of postgres.url: incidents, search index, books and checkpoints; sends nothing',
      )
      .option('--rate <n>', `records per second at most, 0 for no limit (default: ${STREAM_RATE} into a stream)`)
      .option('--late <duration>', 'how long after --to records are looked for that came late', '1h')
      .option('--after <key>', 'go on behind this object, as a replay that was stopped says')
      .option('--force', 'also into the stream that was archived, or into a state that holds incidents'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  cali archive replay --into-state .cali-rebuilt\n  cali archive replay --from 2026-11-24 --to 2026-11-25 --into log-stream-test\n',
    )
    .action((flags: ReplayFlags) => {
      if ((flags.into === undefined) === (flags.intoState === undefined))
        throw new CaliError('config_invalid', 'one of --into <stream> and --into-state <folder> is needed')
      return withArchive(program, flags, (place) =>
        flags.into === undefined
          ? replayIntoState(place, flags, flags.intoState ?? '')
          : replayIntoStream(place, flags, flags.into),
      )
    })
}

async function replayIntoStream(place: ArchivePlace, flags: ReplayFlags, stream: string): Promise<void> {
  const { config, store, selection } = place
  if (flags.force !== true)
    for await (const { folder } of shardsOf(store, selection))
      if (isStream(folder, stream))
        throw new CaliError(
          'replay_into_itself',
          `stream "${stream}" is one that was archived: its archive would hold these records a second time (incidents would not count them twice). Choose another stream, or --force.`,
        )
  const stop = stopSignal()
  const { region, endpoint } = config.kinesis
  const target = createKinesisReplayTarget(
    { region, ...(endpoint === undefined ? {} : { endpoint }) },
    stream,
    stop.signal,
  )
  try {
    await target.check()
    const result = await run(place, flags, target, flags.rate ?? STREAM_RATE, stop.signal)
    tell(place, flags, result, {
      words: `${count(result.records - result.refused)} records into stream ${stream}`,
      more: `--into ${stream}`,
    })
  } finally {
    target.close()
    stop.done()
  }
}

async function replayIntoState(place: ArchivePlace, flags: ReplayFlags, folder: string): Promise<void> {
  const stop = stopSignal()
  const shared = folder === 'postgres'
  if (shared && place.config.postgres.url === undefined)
    throw new CaliError('config_invalid', '--into-state is "postgres", and postgres.url (CALI_POSTGRES_URL) is not set')
  const target = await openStateReplayTarget(
    shared
      ? place.config
      : { ...place.config, dataDir: folder, postgres: { ...place.config.postgres, url: undefined } },
    { clock: systemClock, logger: createLogger(place.config.logLevel), force: flags.force === true },
  )
  try {
    const result = await run(place, flags, target, flags.rate ?? '0', stop.signal)
    const whole = !result.stopped && result.faults.length === 0 && place.selection.to === undefined
    const { incidents, checkpoints } = await target.finish(whole)
    tell(place, flags, result, {
      words: `${count(result.records)} records into ${shared ? 'PostgreSQL' : folder}: ${count(incidents)} incidents, ${count(checkpoints)} shards to go on from; no message was sent`,
      more: `--into-state ${folder} --force`,
      facts: { incidents, checkpoints },
    })
  } finally {
    await target.close()
    stop.done()
  }
}

function run(
  { store, selection, lateMs }: ArchivePlace,
  flags: ReplayFlags,
  target: ReplayTarget,
  rate: string,
  signal: AbortSignal,
): Promise<ReplayResult> {
  const status = statusLine()
  return replayArchive(
    {
      store,
      target,
      now: () => performance.now(),
      wait: (ms, abort) => delay(ms, undefined, { signal: abort }).catch(() => undefined),
      onProgress: ({ objects, records, hour }) =>
        status.update(`${hour}  ${count(records)} records of ${count(objects)} objects replayed`),
    },
    {
      ...selection,
      lateMs,
      rate: countOf('--rate', rate, 0),
      ...(flags.after === undefined ? {} : { after: flags.after }),
    },
    signal,
  ).finally(() => status.clear())
}

function tell(
  { store, selection }: ArchivePlace,
  flags: ReplayFlags,
  result: ReplayResult,
  about: { readonly words: string; readonly more: string; readonly facts?: object },
): void {
  if (flags.json === true)
    console.log(JSON.stringify({ version: 1, location: store.location, ...result, ...about.facts }))
  else console.log(`  ${about.words} (${count(result.objects)} objects ${placeText(store.location, selection)})`)
  if (result.refused > 0)
    console.error(`  ${count(result.refused)} records are larger than a record of the stream may be, and were left out`)
  for (const fault of result.faults) console.error(faultText(fault))
  if (result.stopped) {
    const after = result.done ?? flags.after
    console.error(
      `  stopped. To go on, give the same options with: ${about.more}${after === undefined ? '' : ` --after ${after}`}\n  What was replayed of the next object is recognised by its ids and not counted twice.`,
    )
  }
  process.exitCode = result.stopped ? 130 : result.faults.length + result.refused > 0 ? 1 : 0
}

/** Ctrl-C and kill stop cleanly; a second Ctrl-C ends at once. */
function stopSignal(): { readonly signal: AbortSignal; done(): void } {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM']
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: controller.signal,
    done: () => {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}
