/** Triage on recorded and generated pod logs: is the causal line among the evidence shown, and are healthy logs quiet? */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { triage } from '../src/app/triage.ts'
import { openLines } from '../src/pipeline/consume/file-lines.ts'
import { detectEncoding, streamDecoder } from '../src/pipeline/decode/text-encoding.ts'
import { createRedactor } from '../src/pipeline/filter/redact/redactor.ts'
import { systemClock } from '../src/platform/clock.ts'

interface Case {
  readonly id: string
  readonly file: string
  readonly expected: string | readonly string[]
  readonly cause_in_log: 'yes' | 'no-or-partial' | 'healthy-negative'
}

export interface TriageScore {
  readonly cases: number
  readonly shown: number
  readonly missed: readonly string[]
  readonly healthy: number
  readonly falseAlarms: readonly string[]
}

/**
 * Words of the expected cause that the log can hold, hand-picked per case from its `expected` text: one of the
 * alternatives must stand in the shown evidence.
 */
const CAUSES: Readonly<Record<string, RegExp>> = {
  '01': /StackOverflowError/,
  '02_crashloop': /wge\b|PodInitializing/,
  '05': /certificate/i,
  '06': /prod-db:3333/,
  '09': /DEPLOY_ENV/,
  '11': /DEPLOY_ENV/,
  '12': /prod-db:3333/,
  '20': /Peer down/,
  '48': /memory pressure|unavailable/i,
  '49': /unavailable/i,
  '50': /unavailable/i,
  '50a': /unavailable/i,
  '51': /Redis/i,
  '52': /Redis/i,
  '53': /syntax/i,
  '62': /connect/i,
  '66': /acquire connection/i,
  '67': /timeout/i,
  '69': /Rate limit/i,
  '70': /OutOfMemory/,
  '73a': /external API/i,
  '73b': /external API/i,
  '74': /Configuration reload/i,
}

export async function evaluateTriage(dataDir: string): Promise<TriageScore> {
  const cases = readFileSync(join(dataDir, 'rca', 'cases.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Case)
  const missed: string[] = []
  const falseAlarms: string[] = []
  let shown = 0
  let visible = 0
  let healthy = 0
  for (const item of cases) {
    if (item.cause_in_log === 'no-or-partial') continue
    const source = await openLines(join(dataDir, 'rca', item.file), (head) => streamDecoder(detectEncoding(head)))
    const result = await triage([source], {
      language: 'en',
      zoneOffsetMinutes: 0,
      redactor: createRedactor({ key: new Uint8Array(32) }),
      clock: systemClock,
    })
    if (item.cause_in_log === 'healthy-negative') {
      healthy++
      if (result.incidents.length > 0) falseAlarms.push(item.id)
      continue
    }
    visible++
    const evidence = result.incidents.flatMap(({ report }) => report.evidence.map((line) => line.text)).join('\n')
    const key = Object.keys(CAUSES)
      .filter((prefix) => item.id.startsWith(`hg-${prefix}`))
      .sort((a, b) => b.length - a.length)[0]
    if (key !== undefined && CAUSES[key]?.test(evidence) === true) shown++
    else missed.push(item.id)
  }
  return { cases: visible, shown, missed, healthy, falseAlarms }
}
