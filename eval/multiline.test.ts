/** Joins the public multi-line cases (fluent-plugin-detect-exceptions, Fluent Bit), read in place where they are. */
import { existsSync, readFileSync } from 'node:fs'
import { join as path } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createEventReader } from '../src/pipeline/decode/event-reader.ts'
import { createJoiner } from '../src/pipeline/decode/joiner.ts'

interface Scenario {
  readonly id: string
  readonly languages: string
  readonly input_lines: readonly (string | { readonly stream?: string; readonly t?: number; readonly line: string })[]
  readonly expected_records: readonly (string | { readonly stream: string; readonly record: string })[]
  readonly options?: object
}
interface Cases {
  readonly traces: readonly { readonly id: string; readonly lines: readonly string[] }[]
  readonly scenarios: readonly Scenario[]
  readonly fluent_bit: readonly {
    readonly id: string
    readonly language: string
    readonly input_chunks: readonly string[]
    readonly expected_records: readonly string[]
    readonly needs_custom_rule: boolean
  }[]
}

/** Cases that do not hold, each with the reason. */
const OPEN: Readonly<Record<string, string>> = {
  'detect-exceptions/test_buffer/single language': 'asks for Go alone; CALI knows every language at once',
  'detect-exceptions/test_buffer/non-configured languages': 'asks for Python alone; CALI knows every language at once',
  'detect-exceptions-out/test_single_language_config': 'asks for Java alone; CALI knows every language at once',
  'detect-exceptions-out/test_split_exception_after_timeout':
    'a pause of two seconds ends an event there; here no pause does',
  'detect-exceptions/test_high_max_bytes_limit':
    'lines beyond the limit become single records there; here they are one',
  'fluent-bit/docker': 'a plain line flushes the unfinished line of a container there; here it waits for its end',
  'fluent-bit/endswith': 'a rule of its own: the backslash at a line end',
}

const file = path(
  process.env['CALI_EVAL_DATA'] ?? path(import.meta.dirname, '../../shared/data'),
  'multiline/cases.json',
)
const cases: Cases = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : { traces: [], scenarios: [], fluent_bit: [] }

const clean = (events: readonly string[]): string[] =>
  events.map((event) => event.replace(/\n+$/, '')).filter((event) => event !== '')

function join(lines: readonly string[]): string[] {
  const joiner = createJoiner()
  return [...lines.map((line) => joiner.push(line)), joiner.flush()].flatMap((event) =>
    event === undefined ? [] : [event.lines.join('\n')],
  )
}

function read(chunks: readonly string[]): string[] {
  const reader = createEventReader({ source: 'file', zone: { offsetMinutes: 0, now: 0 }, observedAt: 0 })
  // The newlines inside the JSON strings are real ones in the C source that these cases are from.
  return [...chunks.flatMap((chunk) => reader.push(chunk.replace(/\n/g, '\\n'))), ...reader.flush()].map(
    (record) => record.body,
  )
}

function joinScenario(scenario: Scenario): string[] {
  const streams = Map.groupBy(scenario.input_lines, (line) => (typeof line === 'string' ? '' : (line.stream ?? '')))
  return [...streams.values()].flatMap((lines) =>
    join(lines.map((line) => (typeof line === 'string' ? line : line.line))),
  )
}

describe.skipIf(cases.traces.length === 0)(
  'public multi-line cases (set CALI_EVAL_DATA to the folder of the data)',
  () => {
    it.each(cases.traces)('the trace $id is one event', ({ lines }) => {
      expect(join(lines)).toEqual([lines.join('\n')])
    })

    it.each(cases.scenarios.filter(({ id }) => !(id in OPEN)))('the scenario $id gives its records', (scenario) => {
      const records = scenario.expected_records.map((record) => (typeof record === 'string' ? record : record.record))
      const separate = scenario.input_lines.some((line) => typeof line !== 'string' && line.stream !== undefined)
      const order = (events: readonly string[]): string[] => (separate ? clean(events).sort() : clean(events))
      expect(order(joinScenario(scenario))).toEqual(order(records))
    })

    it.each(cases.fluent_bit.filter(({ id }) => !(id in OPEN)))(
      'the Fluent Bit case $id gives its records',
      ({ language, input_chunks, expected_records }) => {
        if (language === 'container runtime')
          expect(clean(read(input_chunks)).sort()).toEqual(clean(expected_records).sort())
        else expect(clean(join(input_chunks.map((chunk) => chunk.replace(/\n$/, ''))))).toEqual(clean(expected_records))
      },
    )

    it.each(Object.entries(OPEN))('%s is open: %s', (id) => {
      expect([...cases.scenarios, ...cases.fluent_bit].map((known) => known.id)).toContain(id)
    })
  },
)
