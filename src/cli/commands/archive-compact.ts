import type { Command } from 'commander'
import { type Compaction, compactDay } from '../../app/archive/compact.ts'
import { productVersion } from '../../app/version.ts'
import type { ObjectStore } from '../../pipeline/forward/object-store.ts'
import { systemClock } from '../../platform/clock.ts'
import { CaliError } from '../../platform/error.ts'
import { withArchive } from '../archive-place.ts'
import { count, faultText, size } from '../archive-text.ts'
import { statusLine } from '../status-line.ts'

interface CompactFlags {
  readonly date?: string
  readonly dataDir?: string
  readonly json?: boolean
}

export function registerArchiveCompact(program: Command, archive: Command): void {
  archive
    .command('compact')
    .description(
      'A day of the archive as Parquet beside it, for Athena, DuckDB and the like; the archive stays as it is. Safe to repeat',
    )
    .option('--date <day>', 'day of arrival, UTC, e.g. 2026-01-20 (default: yesterday)')
    .option('--data-dir <folder>', 'data folder, where no bucket is set (s3.bucket)')
    .option('--json', 'machine output on stdout')
    .action((flags: CompactFlags) => {
      // Before anything is asked of the archive.
      const date = dayOf(flags.date, systemClock.now())
      const place = flags.dataDir === undefined ? {} : { dataDir: flags.dataDir }
      return withArchive(program, place, ({ store }) => compact(store, date, flags.json === true))
    })
}

async function compact(store: ObjectStore, date: string, json: boolean): Promise<void> {
  const status = statusLine()
  const result = await compactDay(
    {
      store,
      now: systemClock.now,
      writer: `cali/${productVersion}`,
      onProgress: ({ objects, of, records }) =>
        status.update(`${count(objects)} of ${count(of)} objects, ${count(records)} records`),
    },
    date,
  ).finally(() => status.clear())
  if (json) console.log(JSON.stringify({ version: 1, location: store.location, ...result }))
  else {
    for (const { key, records, bytes } of result.written)
      console.log(`  ${key}  ${count(records)} records, ${size(bytes)}`)
    console.log(`  ${verdictOf(result, store.location)}`)
  }
  for (const fault of result.faults) console.error(faultText(fault))
  if (result.faults.length > 0)
    console.error('  The files that these objects belong to were not written. Mend them and repeat the command.')
  process.exitCode = result.faults.length > 0 ? 1 : 0
}

function verdictOf({ date, objects, parts, written, faults }: Compaction, location: string): string {
  if (objects === 0) return `${location} has nothing of ${date}`
  const whole = `${count(objects)} objects in ${filesOf(parts)}`
  return written.length === 0 && faults.length === 0
    ? `${date} is compacted already: ${whole}`
    : `${filesOf(written.length)} written; ${date} has ${whole}`
}

const filesOf = (n: number): string => `${count(n)} ${n === 1 ? 'file' : 'files'}`

function dayOf(text: string | undefined, now: number): string {
  const day = text ?? new Date(now - 86_400_000).toISOString().slice(0, 10)
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  // 2026-02-30 is parsed as a day of March.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== day)
    throw new CaliError('config_invalid', `--date is "${text}": a day such as 2026-01-20 is accepted`)
  return day
}
