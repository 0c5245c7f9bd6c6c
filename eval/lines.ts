/** Multi-line scenarios and parameterisation cases: shares that come out exactly. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { joinEveryLine } from '../src/pipeline/decode/every-line.ts'
import { maskParameters } from '../src/pipeline/group/template.ts'

export interface Share {
  readonly passed: number
  readonly cases: number
}

export function evaluateMultiline(dataDir: string): Share {
  const { scenarios } = JSON.parse(readFileSync(join(dataDir, 'multiline', 'cases.json'), 'utf8')) as {
    scenarios: { input_lines: unknown[]; expected_records: unknown[] }[]
  }
  const plain = scenarios.filter(
    (scenario) =>
      scenario.input_lines.every((line) => typeof line === 'string') &&
      scenario.expected_records.every((record) => typeof record === 'string'),
  )
  const passed = plain.filter(
    (scenario) => JSON.stringify(join_(scenario.input_lines as string[])) === JSON.stringify(scenario.expected_records),
  )
  return { passed: passed.length, cases: plain.length }
}

function join_(lines: readonly string[]): string[] {
  const joiner = joinEveryLine()
  return [...lines.flatMap((line) => joiner.push(line)), ...joiner.flush()].map((event) => event.lines.join('\n'))
}

/**
 * Label-free: every `<label>` is `<*>` on both sides. Standard cases alone, behind, before and between words, as upstream
 * checks them; `negatives` are the cases that must stay as they are.
 */
export function evaluateParameterisation(dataDir: string): Share & { readonly negatives: Share } {
  const { cases } = JSON.parse(readFileSync(join(dataDir, 'parameterisation', 'cases.json'), 'utf8')) as {
    cases: { set: string; input: string; expected?: string; desired?: string }[]
  }
  const plain = (text: string): string => text.replace(/<\w+>/g, '<*>')
  const around = [
    ['', ''],
    ['prefix ', ''],
    ['', ' suffix'],
    ['prefix ', ' suffix'],
  ] as const
  const tried = cases.flatMap(({ set, input, expected, desired }) => {
    const wanted = expected ?? desired ?? ''
    return (set === 'standard' ? around : around.slice(0, 1)).map(([before, behind]) => ({
      negative: wanted === input,
      passed: plain(maskParameters(`${before}${input}${behind}`)) === plain(`${before}${wanted}${behind}`),
    }))
  })
  const share = (list: readonly { passed: boolean }[]): Share => ({
    passed: list.filter((item) => item.passed).length,
    cases: list.length,
  })
  return { ...share(tried), negatives: share(tried.filter((item) => item.negative)) }
}
