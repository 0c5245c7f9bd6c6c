import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { backtest } from '../../app/archive/backtest.ts'
import { arrivalOf, type ObjectFault, objectsInOrder, recordsOf } from '../../app/archive/browse.ts'
import { openRehearsal, type RehearsalSettings } from '../../app/archive/rehearsal.ts'
import { type Config, languageOf, readConfig } from '../../app/config.ts'
import { hasState, openStateOf } from '../../app/engines.ts'
import { checkRules } from '../../app/rules.ts'
import { createRedactor } from '../../pipeline/filter/redact/redactor.ts'
import { DEFAULT_RULES } from '../../pipeline/filter/rule.ts'
import { systemClock } from '../../platform/clock.ts'
import { CaliError } from '../../platform/error.ts'
import { type ArchivePlace, type PlaceFlags, withArchive, withPlace } from '../archive-place.ts'
import { faultText } from '../archive-text.ts'
import { backtestText } from '../backtest-text.ts'
import { statusLine } from '../status-line.ts'

interface BacktestFlags extends PlaceFlags {
  readonly candidate?: string
  readonly failOnLoss?: boolean
}

export function registerArchiveBacktest(program: Command, archive: Command): void {
  withPlace(
    archive
      .command('backtest')
      .description('What other rules and grouping would have made of a time that has passed; sends and stores nothing')
      .option('--candidate <file>', 'a cali.yaml with the rules, grouping and incidents to try')
      .option('--fail-on-loss', 'exit code 1 when an incident would be lost')
      .option('--late <duration>', 'how long after --to records are looked for that came late', '1h'),
  )
    .addHelpText('after', '\nExample:\n  cali archive backtest --candidate cali-new.yaml --from 7d\n')
    .action((flags: BacktestFlags) => {
      const candidate = candidateOf(flags.candidate)
      return withArchive(program, flags, (place) => tryCandidate(place, candidate, flags))
    })
}

function candidateOf(file: string | undefined): Config {
  if (file === undefined)
    throw new CaliError('config_invalid', '--candidate <file> is needed: a cali.yaml with rules, grouping or incidents')
  if (!existsSync(file))
    throw new CaliError('config_invalid', `--candidate is "${file}": there is no such file; a cali.yaml is accepted`)
  return readConfig({ environment: {}, file }).value
}

async function tryCandidate(
  { config, store, selection, lateMs }: ArchivePlace,
  candidate: Config,
  flags: BacktestFlags,
): Promise<void> {
  const settings = settingsOf(config, (await savedRules(config)) ?? config.rules ?? DEFAULT_RULES)
  const tried = settingsOf(candidate, candidate.rules ?? settings.rules)
  // Records were redacted when they came; a key of its own does no harm here.
  const deps = { redactor: createRedactor({ key: randomBytes(32) }), language: languageOf(config) }
  const [now, other] = [await openRehearsal(settings, deps), await openRehearsal(tried, deps)]
  const status = statusLine()
  const faults: ObjectFault[] = []
  try {
    const objects = objectsInOrder(store, { ...selection, ...arrivalOf({ ...selection, lateMs }) })
    const result = await backtest(
      {
        now,
        candidate: other,
        onProgress: ({ objects: n, records, hour }) => status.update(`${hour}  ${records} records of ${n} objects`),
      },
      recordsOf(store, objects, (fault) => faults.push(fault)),
      faults,
    )
    status.clear()
    if (flags.json === true) console.log(JSON.stringify({ version: 1, location: store.location, ...result }))
    else for (const line of backtestText(result, deps.language)) console.log(line)
    for (const fault of faults) console.error(faultText(fault))
    const lost = flags.failOnLoss === true && result.lost.length > 0
    process.exitCode = lost || faults.length > 0 || result.objects === 0 ? 1 : 0
    if (result.objects === 0) console.error(`  there is no archive object at ${store.location} in that time`)
  } finally {
    status.clear()
    await Promise.all([now.close(), other.close()])
  }
}

/** Those that were saved in the dashboard win over the file. */
async function savedRules(config: Config): Promise<readonly unknown[] | undefined> {
  if (!hasState(config)) return undefined
  const state = await openStateOf(config, systemClock)
  try {
    return await state.rules.load()
  } finally {
    await state.close()
  }
}

const settingsOf = (config: Config, rules: readonly unknown[]): RehearsalSettings => ({
  rules: checkRules(rules),
  incidents: config.incidents,
  grouping: config.grouping,
})
