/** join, group, template: the product's own parts on plain input, for tests and for people who want to see. */
import { createInterface } from 'node:readline'
import { type Command, Option } from 'commander'
import { createEventReader } from '../../pipeline/decode/event-reader.ts'
import { createJoiner, type JoinedEvent } from '../../pipeline/decode/joiner.ts'
import { createPatternMiner, type Pattern } from '../../pipeline/group/pattern-miner.ts'
import { maskParameters } from '../../pipeline/group/template.ts'

const lines = () => createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
/** Enough that no pattern of a file is forgotten while it is read. */
const MAX_PATTERNS = 1_000_000
const ZONE = { offsetMinutes: 0, now: 0 }

export function registerJoin(program: Command): void {
  program
    .command('join')
    .description('Physical lines on stdin to events: one {"lines","language"} per event')
    .action(async () => {
      const joiner = createJoiner()
      const print = (event: JoinedEvent | undefined): void => {
        if (event !== undefined) console.log(JSON.stringify({ lines: event.lines, language: event.language ?? null }))
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
    .action(async ({ field }: { field: 'raw' | 'content' }) => {
      // Which lines belong together is known when all are read: ids are printed at the end.
      const miner = createPatternMiner({ maxPatterns: MAX_PATTERNS })
      const patterns: Pattern[] = []
      const message = field === 'content' ? (line: string) => line : messageOfLine
      for await (const line of lines()) patterns.push(miner.learn('log', message(line)))
      for (const pattern of patterns) console.log(miner.kin(pattern)[0])
    })
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
