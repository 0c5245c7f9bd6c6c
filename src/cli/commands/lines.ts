/** join, group, template: the product's own parts on plain input, for tests and for people who want to see. */
import { createInterface } from 'node:readline'
import { type Command, Option } from 'commander'
import { createEventReader } from '../../pipeline/decode/event-reader.ts'
import { joinEveryLine } from '../../pipeline/decode/every-line.ts'
import type { JoinedEvent } from '../../pipeline/decode/joiner.ts'
import { fingerprintOf } from '../../pipeline/group/fingerprint.ts'
import { templateOf } from '../../pipeline/group/template.ts'
import { SEVERITY } from '../../pipeline/record.ts'

const lines = () => createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
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
    .action(async ({ field }: { field: 'raw' | 'content' }) => {
      for await (const line of lines()) console.log(field === 'content' ? groupOfMessage(line) : groupOfLine(line))
    })
}

export function registerTemplate(program: Command): void {
  program
    .command('template')
    .description('One message per line on stdin to its template: parameters masked')
    .action(async () => {
      for await (const line of lines()) console.log(templateOf(line))
    })
}

function groupOfMessage(message: string): string {
  return fingerprintOf({
    id: '',
    at: 0,
    observedAt: 0,
    severity: SEVERITY.INFO,
    service: '',
    message,
    body: message,
    resource: {},
    attributes: {},
    position: { stream: '', shard: '', sequence: '', sub: 0, line: 0 },
  }).id
}

function groupOfLine(line: string): string {
  const reader = createEventReader({ source: 'stdin', zone: ZONE, observedAt: 0, defaultService: 'log' })
  const [record] = [...reader.push(line), ...reader.flush()]
  return record === undefined ? 'empty' : fingerprintOf({ ...record, service: 'log' }).id
}
