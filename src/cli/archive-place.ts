/** Archive place: which part of which archive a command of `cali archive` is about, from its options. */
import type { Command } from 'commander'
import type { ArchiveSelection } from '../app/archive/browse.ts'
import { type Config, timeZoneOf } from '../app/config.ts'
import { archiveStoreOf } from '../app/engines.ts'
import { parseDuration } from '../app/setting.ts'
import type { OwnedObjectStore } from '../pipeline/forward/object-store.ts'
import { systemClock } from '../platform/clock.ts'
import { CaliError } from '../platform/error.ts'
import { commandConfig } from './command-config.ts'
import { parseMoment } from './moment.ts'

export interface PlaceFlags {
  readonly dataDir?: string
  readonly stream?: string
  readonly shard?: string
  readonly from?: string
  readonly to?: string
  readonly late?: string
  readonly json?: boolean
}

export interface ArchivePlace {
  readonly config: Config
  readonly store: OwnedObjectStore
  /** `from` and `to` as they were typed: of arrival or of events, as the command says. */
  readonly selection: ArchiveSelection
  readonly lateMs: number
}

/** The options that all commands share. */
export const withPlace = (command: Command): Command =>
  command
    .option('--stream <name>', 'only this stream, in all its lives; "http" for what came over HTTP')
    .option('--shard <id>', 'only this shard')
    .option('--from <time>', 'from then on: 2026-11-24T10:00+09:00, or how long ago, e.g. 2h')
    .option('--to <time>', 'until then')
    .option('--data-dir <folder>', 'data folder, where no bucket is set (s3.bucket)')
    .option('--json', 'machine output on stdout')

/** Runs `work` with the archive of the configuration, which must be there to be read. */
export async function withArchive(
  program: Command,
  flags: PlaceFlags,
  work: (place: ArchivePlace) => Promise<void>,
): Promise<void> {
  const config = commandConfig(program, { dataDir: flags.dataDir })
  const now = systemClock.now()
  const moment = (option: '--from' | '--to', text: string | undefined): number | undefined =>
    text === undefined ? undefined : parseMoment(option, text, now, timeZoneOf(config))
  const [from, to] = [moment('--from', flags.from), moment('--to', flags.to)]
  if (from !== undefined && to !== undefined && from >= to)
    throw new CaliError('config_invalid', `--from ${flags.from} is not before --to ${flags.to}`)
  const selection: ArchiveSelection = {
    ...(flags.stream === undefined ? {} : { stream: flags.stream }),
    ...(flags.shard === undefined ? {} : { shard: flags.shard }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
  const lateMs = durationOf('--late', flags.late ?? '1h')
  const store = archiveStoreOf(config)
  try {
    await store.check()
    await work({ config, store, selection, lateMs })
  } finally {
    store.close()
  }
}

function durationOf(option: string, text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined)
    throw new CaliError('config_invalid', `${option} is "${text}": a duration is accepted, e.g. 30m, 2h or 1d`)
  return ms
}

export function countOf(option: string, text: string, least: number): number {
  const n = Number(text)
  if (!/^\d{1,9}$/.test(text) || n < least)
    throw new CaliError('config_invalid', `${option} is "${text}": a number from ${least} on is accepted`)
  return n
}
