import type { Command } from 'commander'
import { logView } from '../../api/log-view.ts'
import type { ObjectFault } from '../../app/archive/browse.ts'
import { listArchive } from '../../app/archive/list.ts'
import { queryArchive } from '../../app/archive/query.ts'
import { archivedByLedger, verifyArchive } from '../../app/archive/verify.ts'
import type { Config } from '../../app/config.ts'
import { hasState, openStateOf } from '../../app/engines.ts'
import { parseLogQuery } from '../../pipeline/forward/log-index.ts'
import { systemClock } from '../../platform/clock.ts'
import { CaliError } from '../../platform/error.ts'
import { type ArchivePlace, countOf, type PlaceFlags, withArchive, withPlace } from '../archive-place.ts'
import { booksText, count, faultText, objectText, placeText, size, verificationText } from '../archive-text.ts'
import { logLine } from '../log-line.ts'
import { statusLine } from '../status-line.ts'
import { dim } from '../terminal.ts'
import { registerArchiveBacktest } from './archive-backtest.ts'
import { registerArchiveCompact } from './archive-compact.ts'
import { registerArchiveReplay } from './archive-replay.ts'

export function registerArchive(program: Command): void {
  const archive = program
    .command('archive')
    .description('The archive: every record that was kept, in the data folder or on S3')

  withPlace(
    archive.command('verify').description('Prove that every object is what was written; exit code 1 when one is not'),
  )
    .addHelpText('after', '\n--from and --to are times of arrival, by the hour.\n')
    .action((flags: PlaceFlags) => withArchive(program, flags, (place) => verify(place, flags)))

  withPlace(archive.command('list').description('The objects, with their time range, records and bytes'))
    .addHelpText('after', '\n--from and --to are times of arrival, by the hour.\n')
    .action((flags: PlaceFlags) => withArchive(program, flags, (place) => list(place, flags)))

  withPlace(
    archive
      .command('query')
      .description('Records that match: words, "a phrase", -word, service:x, level:error, trace:…, pod:…, namespace:…')
      .argument('[query...]')
      .option('--limit <n>', 'records at most; the oldest come first', '50')
      .option('--late <duration>', 'how long after --to records are looked for that came late', '1h'),
  )
    // So that "-word" and "-service:x" need no quotes of their own.
    .allowUnknownOption()
    .allowExcessArguments()
    .action((query: string[], flags: PlaceFlags & { limit: string }) =>
      withArchive(program, flags, (place) => search(place, query.join(' '), flags)),
    )

  registerArchiveReplay(program, archive)
  registerArchiveCompact(program, archive)
  registerArchiveBacktest(program, archive)
}

async function verify({ config, store, selection }: ArchivePlace, flags: PlaceFlags): Promise<void> {
  const status = statusLine()
  // Before the archive is read, which grows meanwhile: then no record of the books can be missing in it.
  const counted = Object.keys(selection).length === 0 ? await recordsCounted(config) : undefined
  const result = await verifyArchive(store, selection, ({ objects, records, faults }) =>
    status.update(`${count(objects)} objects, ${count(records)} records, ${count(faults)} faults`),
  )
  status.clear()
  const objects = result.shards.reduce((sum, shard) => sum + shard.objects, 0)
  const records = result.shards.reduce((sum, shard) => sum + shard.records, 0)
  if (flags.json === true)
    console.log(
      JSON.stringify({ version: 1, location: store.location, objects, records, counted: counted ?? null, ...result }),
    )
  else {
    for (const line of verificationText(result)) console.log(line)
    if (counted !== undefined) console.log(`  ${booksText(records, counted)}`)
    if (objects > 0)
      console.log(
        dim('  A last object that is gone leaves no trace in the archive: only the books tell (docs: archive).'),
      )
  }
  if (objects === 0) console.error(`  there is no archive object ${placeText(store.location, selection)}`)
  process.exitCode = result.faults.length > 0 || objects === 0 ? 1 : 0
}

/** What the state beside this configuration has counted into the archive; undefined where there is no state. */
async function recordsCounted(config: Config): Promise<number | undefined> {
  if (!hasState(config)) return undefined
  const state = await openStateOf(config, systemClock)
  try {
    return archivedByLedger(await state.checkpoints.ledger())
  } finally {
    await state.close()
  }
}

async function list({ store, selection }: ArchivePlace, flags: PlaceFlags): Promise<void> {
  const status = statusLine()
  const total = { objects: 0, records: 0, bytes: 0, unreadable: 0 }
  for await (const object of listArchive(store, selection)) {
    status.clear()
    console.log(flags.json === true ? JSON.stringify(object) : objectText(object))
    total.objects++
    total.records += object.records ?? 0
    total.bytes += object.bytes
    if (object.fault !== undefined) total.unreadable++
    status.update(`${count(total.objects)} objects`)
  }
  status.clear()
  if (flags.json === true) console.log(JSON.stringify({ total }))
  else
    console.error(
      dim(
        `  ${count(total.objects)} objects, ${count(total.records)} records, ${size(total.bytes)} ${placeText(store.location, selection)}`,
      ),
    )
  if (total.unreadable > 0) process.exitCode = 1
}

async function search(
  { store, selection, lateMs }: ArchivePlace,
  text: string,
  flags: PlaceFlags & { limit: string },
): Promise<void> {
  const limit = countOf('--limit', flags.limit, 1)
  const option = /(?:^| )--\S*/.exec(text)?.[0].trim()
  if (option !== undefined) throw new CaliError('config_invalid', `there is no option ${option} (--help shows all)`)
  const status = statusLine()
  const faults: ObjectFault[] = []
  const { from, to, ...place } = selection
  const query = {
    ...parseLogQuery(text),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
  let looked = { objects: 0, records: 0 }
  let found = 0
  const records = queryArchive(
    store,
    { query, lateMs, ...place },
    {
      onFault: (fault) => void faults.push(fault),
      onProgress: (progress) => {
        looked = progress
        status.update(`${progress.hour}  ${count(progress.records)} records looked at, ${count(found)} found`)
      },
    },
  )
  for await (const record of records) {
    if (found === limit) {
      found++
      break
    }
    found++
    status.clear()
    const view = logView(record)
    console.log(flags.json === true ? JSON.stringify(view) : logLine(view))
  }
  status.clear()
  const shown = Math.min(found, limit)
  console.error(
    dim(
      `  ${count(shown)} found in ${count(looked.records)} records of ${count(looked.objects)} objects ${placeText(store.location, selection)}${
        found > limit ? `; there are more: --limit` : ''
      }${to === undefined ? '' : `; what arrived more than ${flags.late ?? '1h'} after --to was not looked at: --late`}`,
    ),
  )
  for (const fault of faults) console.error(faultText(fault))
  if (faults.length > 0) process.exitCode = 1
}
