import { randomBytes } from 'node:crypto'
import { type Command, Option } from 'commander'
import { languageOf, timeZoneOf, zoneOffsetMinutes } from '../../app/config.ts'
import { type Triage, triage } from '../../app/triage.ts'
import { type LineSource, openLines, stdinLines } from '../../pipeline/consume/file-lines.ts'
import { detectEncoding, streamDecoder } from '../../pipeline/decode/text-encoding.ts'
import { createRedactor } from '../../pipeline/filter/redact/redactor.ts'
import { INCIDENT_SEVERITIES, type IncidentSeverity } from '../../pipeline/incident.ts'
import { systemClock } from '../../platform/clock.ts'
import { CaliError } from '../../platform/error.ts'
import { commandConfig } from '../command-config.ts'
import { createProgress } from '../progress.ts'
import { triageJson } from '../triage-json.ts'
import { printTriage } from '../triage-text.ts'

interface TriageFlags {
  json?: boolean
  lang?: 'ko' | 'en'
  failOn?: IncidentSeverity
  all?: boolean
  timeZone?: string
}

export function registerTriage(program: Command): void {
  program
    .command('triage')
    .description('Read log files (also .gz, .zst) or stdin and say what is wrong')
    .argument('[files...]', 'log files; without any, stdin is read')
    .option('--json', 'machine output on stdout')
    .addOption(new Option('--lang <language>', 'language of the answer').choices(['ko', 'en']))
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 when an incident is at least this severe').choices([
        ...INCIDENT_SEVERITIES,
      ]),
    )
    .option('--all', 'also list the kinds of line that are no incident')
    .option('--time-zone <zone>', 'zone of times that name none, e.g. Asia/Seoul')
    .addHelpText(
      'after',
      '\nExamples:\n  cali triage app.log\n  cali triage --lang ko logs/*.log.gz\n  kubectl logs deploy/order-service | cali triage\n',
    )
    .action(async (files: string[], flags: TriageFlags) => {
      const config = commandConfig(program, { lang: flags.lang, timeZone: flags.timeZone })
      const language = languageOf(config)
      const timeZone = timeZoneOf(config)
      const started = systemClock.now()
      const sources = await openSources(files)
      const progress = createProgress(process.stderr, sources.length)
      const result = await triage(sources, {
        language,
        zoneOffsetMinutes: zoneOffsetMinutes(timeZone, started),
        redactor: createRedactor({
          key: randomBytes(32),
          disabledRules: config.redaction.disabledRules,
          extraRules: config.redaction.extraRules,
        }),
        clock: systemClock,
        onProgress: progress.update,
      })
      progress.done()
      if (flags.json === true) console.log(JSON.stringify(triageJson(result)))
      else printTriage(result, { language, timeZone, all: flags.all === true, elapsedMs: systemClock.now() - started })
      for (const failure of result.failures) console.error(`cali: ${failure}`)
      process.exitCode = result.failures.length > 0 || exceeds(result, flags.failOn) ? 1 : 0
    })
}

async function openSources(files: readonly string[]): Promise<LineSource[]> {
  const decoderOf = (head: Uint8Array) => streamDecoder(detectEncoding(head))
  if (files.length > 0) return Promise.all(files.map((file) => openLines(file, decoderOf)))
  if (process.stdin.isTTY)
    throw new CaliError('no_input', 'triage: name a file, or pipe a log into it: kubectl logs POD | cali triage')
  return [stdinLines(process.stdin, decoderOf)]
}

const exceeds = (result: Triage, failOn: IncidentSeverity | undefined): boolean =>
  failOn !== undefined && result.incidents.some(({ incident }) => incident.severity <= failOn)
