import { type Command, Option } from 'commander'
import { type CapacityInput, type PlanRunner, planCapacity, type StreamMode } from '../../app/capacity-plan.ts'
import { languageOf } from '../../app/config.ts'
import { CaliError } from '../../platform/error.ts'
import { commandConfig } from '../command-config.ts'
import { printPlan, printPlanTable } from '../plan-text.ts'

interface PlanFlags {
  readonly perDay: string
  readonly lineBytes: string
  readonly errors: string
  readonly keep: string
  readonly archive?: string
  readonly archiveDays: string
  readonly indexDays: string
  readonly peak: string
  readonly stream: StreamMode
  readonly compression: boolean
  readonly region?: string
  readonly runner: PlanRunner
  readonly json?: boolean
}

export function registerPlan(program: Command): void {
  program
    .command('plan')
    .description('From a volume of logs to machines, storage and money a month; asks nobody and changes nothing')
    .requiredOption('--per-day <volume>', 'records a day before compression, e.g. 50GB; several, with commas: a table')
    .option('--line-bytes <n>', 'bytes of a record, with what the shipper adds', '500')
    .option('--errors <share>', 'lines that are errors', '5%')
    .option('--keep <share>', 'lines that the rules keep: indexed, grouped and archived', '8%')
    .option('--archive <share>', 'lines that are archived (default: what is kept)')
    .option('--archive-days <n>', 'days that the archive keeps an object', '90')
    .option('--index-days <n>', 'days that lines stay searchable', '14')
    .option('--peak <factor>', 'the busiest minutes against the mean of the day', '3')
    .addOption(
      new Option('--stream <mode>', 'how Kinesis is paid').choices(['on-demand', 'provisioned']).default('on-demand'),
    )
    .option('--no-compression', 'records reach the stream as they are, not in gzip')
    .option('--region <region>', 'AWS region (default: kinesis.region)')
    .addOption(new Option('--runner <runner>', 'who reads').choices(['kcl', 'lambda', 'poll']).default('kcl'))
    .option('--json', 'machine output')
    .addHelpText(
      'after',
      '\nExamples:\n  cali plan --per-day 50GB\n  cali plan --per-day 2TB --keep 3% --stream provisioned\n  cali plan --per-day 1GB,10GB,100GB\n',
    )
    .action((flags: PlanFlags) => {
      const config = commandConfig(program)
      const plans = flags.perDay
        .split(',')
        .map((volume) => planCapacity(inputOf(volume, flags, flags.region ?? config.kinesis.region)))
      const [first] = plans
      const language = languageOf(config)
      if (flags.json === true)
        console.log(JSON.stringify(plans.length === 1 ? { version: 1, ...first } : { version: 1, plans }))
      else if (plans.length > 1) printPlanTable(plans, language)
      else if (first !== undefined) printPlan(first, language)
    })
}

const MOST_PER_DAY = 10e12
const LEAST_PER_DAY = 1e7

function inputOf(volume: string, flags: PlanFlags, region: string): CapacityInput {
  const keep = shareOf('--keep', flags.keep)
  const errors = shareOf('--errors', flags.errors)
  const archive = flags.archive === undefined ? keep : shareOf('--archive', flags.archive)
  if (errors > keep)
    throw refusal(
      '--errors',
      flags.errors,
      `at most the share of --keep (${flags.keep}), because errors are always kept,`,
    )
  if (archive < keep)
    throw refusal(
      '--archive',
      flags.archive,
      `at least the share of --keep (${flags.keep}), because what is kept is archived,`,
    )
  if (!/^[a-z]{2}(?:-[a-z]+){1,3}-\d$/.test(region))
    throw refusal('--region', region, 'a region such as ap-northeast-2')
  return {
    bytesPerDay: volumeOf(volume),
    lineBytes: wholeOf('--line-bytes', flags.lineBytes, 50, 1_000_000),
    errors,
    keep,
    archive,
    archiveDays: wholeOf('--archive-days', flags.archiveDays, 1, 3_650),
    indexDays: wholeOf('--index-days', flags.indexDays, 1, 3_650),
    peak: peakOf(flags.peak),
    stream: flags.stream,
    compressed: flags.compression,
    region,
    runner: flags.runner,
  }
}

const refusal = (option: string, read: string | undefined, accepted: string): CaliError =>
  new CaliError('config_invalid', `${option} is "${read}": ${accepted} is accepted`)

const UNITS: Readonly<Record<string, number>> = {
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
}

function volumeOf(text: string): number {
  const [, digits, unit] = /^\s*(\d{1,9}(?:\.\d{1,6})?)\s*([kmgt]i?b)\s*$/i.exec(text) ?? []
  const bytes = Number(digits) * (UNITS[unit?.toUpperCase() ?? ''] ?? Number.NaN)
  if (!(bytes >= LEAST_PER_DAY && bytes <= MOST_PER_DAY))
    throw refusal('--per-day', text, 'a volume from 10MB to 10TB, such as 500MB, 50GB, 1.5TB or 200GiB,')
  return bytes
}

function shareOf(option: string, text: string): number {
  const [, digits] = /^\s*(\d{1,3}(?:\.\d{1,4})?)\s*%\s*$/.exec(text) ?? []
  const share = Number(digits) / 100
  if (!(share >= 0 && share <= 1)) throw refusal(option, text, 'a share from 0% to 100%, such as 5% or 0.5%,')
  return share
}

function wholeOf(option: string, text: string, least: number, most: number): number {
  const n = Number(text)
  if (!/^\d{1,9}$/.test(text) || n < least || n > most)
    throw refusal(option, text, `a whole number from ${least} to ${most}`)
  return n
}

function peakOf(text: string): number {
  const factor = Number(text)
  if (!/^\d{1,3}(?:\.\d{1,3})?$/.test(text) || factor < 1 || factor > 100)
    throw refusal('--peak', text, 'a factor from 1 to 100, such as 3 or 2.5,')
  return factor
}
