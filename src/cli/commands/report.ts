import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { languageOf, timeZoneOf } from '../../app/config.ts'
import { lastWholeWeek, parseWeek } from '../../app/iso-week.ts'
import { pickNotifier } from '../../app/notifiers.ts'
import { openForReport, readWeeklyReport } from '../../app/weekly-report.ts'
import { sendWeekly } from '../../app/weekly-send.ts'
import { systemClock } from '../../platform/clock.ts'
import { CaliError } from '../../platform/error.ts'
import { commandConfig } from '../command-config.ts'
import { printWeekly, sentText, weeklyMessage } from '../report-text.ts'

interface WeeklyFlags {
  readonly week?: string
  readonly send?: boolean
  readonly json?: boolean
  readonly dataDir?: string
}

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('Reports over a time')
    .command('weekly')
    .description('One week of incidents: what was loud, what came back, what stays open; reads the state only')
    .option('--week <week>', 'ISO week such as 2026-W04 (default: the last whole one in the configured time zone)')
    .option('--send', 'post it to slack.channel, once per week however often it is called')
    .option('--json', 'machine output on stdout')
    .option('--data-dir <folder>', 'data folder of the program')
    .action((flags: WeeklyFlags) => weekly(program, flags))
}

async function weekly(program: Command, flags: WeeklyFlags): Promise<void> {
  const config = commandConfig(program, { dataDir: flags.dataDir })
  const now = systemClock.now()
  const zone = timeZoneOf(config)
  const language = languageOf(config)
  const send = flags.send === true
  const week = flags.week === undefined ? lastWholeWeek(now, zone) : parseWeek(flags.week, zone)
  if (week.from > now) throw new CaliError('config_invalid', `--week is "${week.name}": it has not begun yet`)
  if (send && week.to > now)
    throw new CaliError('config_invalid', `--week is "${week.name}", which is not over: --send takes a whole week`)
  const notifier = pickNotifier(config, systemClock)
  if (send && notifier.mode === 'preview')
    throw new CaliError(
      'no_slack',
      'neither a bot token nor a webhook is configured. Set CALI_SLACK_BOT_TOKEN (scope chat:write) or CALI_SLACK_WEBHOOK_URL, or leave out --send.',
    )
  const db = await openForReport(config, send)
  try {
    const report = await readWeeklyReport(db, week, now)
    if (flags.json !== true) printWeekly(report, { language, timeZone: zone })
    const sent = send
      ? await sendWeekly(db, {
          notifier,
          message: weeklyMessage(report, { language, timeZone: zone }),
          week,
          run: randomUUID(),
          now,
        })
      : undefined
    if (flags.json === true)
      console.log(JSON.stringify({ version: 1, timeZone: zone, ...report, ...(sent === undefined ? {} : { sent }) }))
    else if (sent !== undefined) console.log(sentText(sent, week, { language, timeZone: zone }))
  } finally {
    await db.destroy()
  }
}
