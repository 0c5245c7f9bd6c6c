/** Log line: a record as it is printed for people. */
import { dim, plain } from './terminal.ts'

export function logLine(record: {
  readonly at: number | string
  readonly level: string
  readonly service: string
  readonly body: string
}): string {
  const body = record.body.split('\n').map(plain).join('\n    ')
  return `${dim(new Date(record.at).toISOString())} ${record.level.padEnd(5)} ${plain(record.service)}  ${body}`
}
