/** Grouping: messages to templates and fingerprints, one thread. */
import { createGenerator } from '../src/generate/generator.ts'
import { readText } from '../src/pipeline/decode/record-reader.ts'
import { createFingerprinter } from '../src/pipeline/group/fingerprint.ts'
import { createPatternMiner } from '../src/pipeline/group/pattern-miner.ts'
import { SEVERITY } from '../src/pipeline/record.ts'
import { type Figure, figure, ratePerSecond } from './measure.ts'

const EVENTS = 30_000
const ROUNDS = 5

export function benchGrouping(): Figure[] {
  const events = createGenerator({ seed: 3, scenarios: ['all'], rate: 1_000, startAt: 1_790_000_000_000 }).advance(
    1_790_000_000_000 + EVENTS,
  )
  const messages = events.map((event) => event.text.split('\n', 1)[0] as string)
  const position = { stream: 'bench', shard: '0', sequence: '1', sub: 0, line: 0 }
  const records = events
    .filter((event) => event.text.includes('\n'))
    .map((event) =>
      readText(
        event.text,
        { position, observedAt: 0, zone: { offsetMinutes: 540, now: 0 } },
        { service: event.service, severity: SEVERITY.ERROR },
      ),
    )
  const miner = createPatternMiner()
  const fingerprint = createFingerprinter(miner)
  return [
    figure(
      'grouping: message to pattern',
      'lines/s',
      ratePerSecond(messages.length, ROUNDS, () => messages.forEach((message) => void miner.learn('bench', message))),
    ),
    figure(
      'grouping: stack trace to fingerprint',
      'events/s',
      ratePerSecond(records.length, ROUNDS, () => void fingerprint(records)),
    ),
  ]
}
