/** join, group, template: the product's own parts on plain input, for tests and for people who want to see. */
import { createInterface } from 'node:readline'
import { type Command, Option } from 'commander'
import { timeZoneOf, zoneOffsetMinutes } from '../../app/config.ts'
import { type GroupingTrial, tryGrouping } from '../../app/grouping-trial.ts'
import { createEventReader } from '../../pipeline/decode/event-reader.ts'
import { joinEveryLine } from '../../pipeline/decode/every-line.ts'
import type { JoinedEvent } from '../../pipeline/decode/joiner.ts'
import { createPatternMiner, type Pattern } from '../../pipeline/group/pattern-miner.ts'
import { maskParameters } from '../../pipeline/group/template.ts'
import { commandConfig } from '../command-config.ts'
import { bold, dim, plain, shorten, terminalWidth } from '../terminal.ts'

const lines = () => createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
/** Enough that no pattern of a file is forgotten while it is read. */
const MAX_PATTERNS = 1_000_000
const PRINTED_AT_ONCE = 10_000
const ZONE = { offsetMinutes: 0, now: 0 }

export function registerJoin(program: Command): void {
  program
    .command('join')
    .description('Physical lines on stdin to events: one {"lines","language"} per event')
    .action(async () => {
      const joiner = joinEveryLine()
      const print = (events: readonly JoinedEvent[]): void => {
        for (const { lines, language } of events) console.log(JSON.stringify({ lines, language: language ?? null }))
      }
      for await (const line of lines()) print(joiner.push(line))
      print(joiner.flush())
    })
}

export function registerGroup(program: Command): void {
  program
    .command('group')
    .description('One message or JSON per line on stdin to one group id per line')
    .addOption(
      new Option('--field <field>', 'whole raw lines, or messages without their header')
        .choices(['raw', 'content'])
        .default('raw'),
    )
    .option(
      '--dry-run',
      'show the groups that the grouping rules of the configuration make, beside those without rules',
    )
    .option('--json', 'with --dry-run: machine output')
    .action(async ({ field, dryRun, json }: { field: 'raw' | 'content'; dryRun?: boolean; json?: boolean }) => {
      if (dryRun === true) return printTrial(await trialOf(program), json === true)
      // Which lines belong together is known when all are read: ids are printed at the end.
      const miner = createPatternMiner({ maxPatterns: MAX_PATTERNS })
      const patterns: Pattern[] = []
      const message = field === 'content' ? (line: string) => line : messageOfLine
      for await (const line of lines()) patterns.push(miner.learn('log', message(line)))
      for (let i = 0; i < patterns.length; i += PRINTED_AT_ONCE)
        console.log(
          patterns
            .slice(i, i + PRINTED_AT_ONCE)
            .map((pattern) => miner.kin(pattern)[0])
            .join('\n'),
        )
    })
}

function trialOf(program: Command): Promise<GroupingTrial> {
  const config = commandConfig(program)
  return tryGrouping(lines(), config.grouping, zoneOffsetMinutes(timeZoneOf(config), Date.now()))
}

const SHOWN = 40

function printTrial(trial: GroupingTrial, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(trial))
    return
  }
  const number = (n: number): string => n.toLocaleString('en-US')
  console.log(
    `\n  ${number(trial.events)} events: ${number(trial.groupsWithout)} ${trial.groupsWithout === 1 ? 'group' : 'groups'} without rules, ${bold(`${number(trial.groupsWith)} with rules`)}\n`,
  )
  const rules = Object.entries(trial.byRule)
  for (const [rule, events] of rules)
    console.log(`  rule ${plain(rule)}: ${events === 0 ? 'matches nothing here' : `${number(events)} events`}`)
  if (rules.length === 0)
    console.log(dim('  No fingerprint rules are configured: see grouping.fingerprints in the configuration.'))
  console.log()
  for (const group of trial.groups.slice(0, SHOWN)) {
    const tail = group.without > 1 ? `  (${number(group.without)} groups without rules)` : ''
    console.log(
      shorten(
        `  ${group.id}  ×${number(group.events)}  ${plain(group.service)}: ${plain(group.template)}`,
        terminalWidth() - tail.length,
      ) + dim(tail),
    )
    if (group.basis === 'rule')
      console.log(dim(`  ${' '.repeat(group.id.length)}  ${plain(group.explanation.join(', '))}`))
  }
  if (trial.groups.length > SHOWN) console.log(dim(`  … ${number(trial.groups.length - SHOWN)} more: --json lists all`))
  console.log()
}

export function registerTemplate(program: Command): void {
  program
    .command('template')
    .description('One message per line on stdin to its template: parameters masked')
    .action(async () => {
      for await (const line of lines()) console.log(maskParameters(line))
    })
}

/** The message of a line on its own, without its header or its fields. */
function messageOfLine(line: string): string {
  const reader = createEventReader({ source: 'stdin', zone: ZONE, observedAt: 0, defaultService: 'log' })
  return [...reader.push(line), ...reader.flush()][0]?.message ?? ''
}
