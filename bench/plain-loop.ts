/** What a program of twenty lines does: split, parse, keep by level, replace, count. No outcomes, no records, no ledger. */
import { readFileSync } from 'node:fs'
import { PATTERNS_FILE } from './benthos.ts'

interface Pattern {
  readonly pattern: string
  readonly replacement: string
}

const PATTERNS = (JSON.parse(readFileSync(PATTERNS_FILE, 'utf8')) as Pattern[]).map(({ pattern, replacement }) => ({
  pattern: new RegExp(pattern, 'g'),
  replacement: replacement.replaceAll(/\$\{(\d)\}/g, '$$$1'),
}))

/** How many records it keeps. */
export function plainLoop(payloads: readonly Buffer[]): number {
  let kept = 0
  for (const payload of payloads) {
    for (const line of payload.toString('utf8').split('\n')) {
      const record = JSON.parse(line) as { level: string; log: string }
      if (record.level !== 'ERROR' && record.level !== 'WARN') continue
      for (const { pattern, replacement } of PATTERNS) record.log = record.log.replace(pattern, replacement)
      kept++
    }
  }
  return kept
}
