/**
 * Redaction against labelled lines of secrets (from gitleaks' own tests, MIT), read in place and never copied:
 *   npm run eval -- redaction
 * A line labelled `tp` is recalled when a secret rule finds something in it; a line labelled `fp` with any secret
 * finding is a false positive. Rules for persons do not count either way.
 *
 * The lines were cut from multi-line test cases, so some labels cannot be met: see {@link carriesValue}. Those lines are
 * left out of `recall` and shown in `excluded`; `recallAllLines` keeps them.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRedactor, PERSONAL_RULES } from '../src/pipeline/filter/redact/redactor.ts'

export interface RedactionScore {
  readonly recall: number
  /** Share of the `fp` lines with a secret finding. */
  readonly falsePositives: number
  readonly lines: number
  /** `rule #line` of every `tp` line without a finding; the text is not shown. */
  readonly missed: readonly string[]
  readonly falselyFound: readonly string[]
  readonly recallAllLines: number
  readonly excluded: readonly string[]
}

interface LabelledLine {
  readonly name: string
  readonly label: 'tp' | 'fp'
  readonly text: string
}

export async function evaluateRedaction(dataDir: string): Promise<RedactionScore> {
  const lines = parse(await readFile(join(dataDir, 'redaction', 'secrets.jsonl'), 'utf8'))
  const redactor = createRedactor({ key: new Uint8Array(32) })
  const isFound = ({ text }: LabelledLine) => redactor.find(text).some(({ rule }) => !PERSONAL_RULES.has(rule))
  const negatives = lines.filter(({ label }) => label === 'fp')
  const negativeTexts = new Set(negatives.map(({ text }) => text))
  const positives = lines.filter(({ label }) => label === 'tp')
  const fair = positives.filter(({ text }) => carriesValue(text) && !negativeTexts.has(text))
  const missed = fair.filter((line) => !isFound(line))
  const falselyFound = negatives.filter(isFound)
  return {
    recall: 1 - missed.length / fair.length,
    falsePositives: falselyFound.length / negatives.length,
    lines: lines.length,
    missed: missed.map(({ name }) => name),
    falselyFound: falselyFound.map(({ name }) => name),
    recallAllLines: positives.filter(isFound).length / positives.length,
    excluded: positives.filter((line) => !fair.includes(line)).map(({ name }) => name),
  }
}

/**
 * False for what is left of a case when its value stood on another line, or was never generated: a key with nothing
 * behind it, a pattern such as `[a-z0-9]{60}`, a line with no run of 8 characters that could be a value.
 */
export function carriesValue(text: string): boolean {
  if (/^(?:[^=:]|:\/\/){0,40}[=:]\s*["']?\s*$/.test(text) || /^\[[^\]]+\]\{\d+\}$/.test(text)) return false
  if (/[=:]\s*["']?[^\s"']{8,}/.test(text)) return true
  return (text.match(/[\w+/=.~-]{16,}/g) ?? []).some(
    (word) => /\d/.test(word) || (/[a-z]/.test(word) && /[A-Z]/.test(word)),
  )
}

function parse(jsonl: string): LabelledLine[] {
  return jsonl
    .split('\n')
    .filter((line) => line.length > 0)
    .map((line, at) => {
      const { rule, label, text_base64 } = JSON.parse(line) as { rule: string; label: 'tp' | 'fp'; text_base64: string }
      return { name: `${rule} #${at + 1}`, label, text: Buffer.from(text_base64, 'base64').toString('utf8') }
    })
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** Prints both recalls, and the names of the lines that were missed or falsely found. */
export async function printRedaction(dataDir: string, log: (line: string) => void): Promise<void> {
  const score = await evaluateRedaction(dataDir)
  log(
    `redaction     recall ${percent(score.recall)} of the lines that hold a value (bar 97 %), ${percent(score.recallAllLines)} of all; false positives ${percent(score.falsePositives)} (bar 5 %); ${score.lines} lines, ${score.excluded.length} without a value`,
  )
  if (score.missed.length > 0) log(`  missed: ${score.missed.join(', ')}`)
  if (score.falselyFound.length > 0) log(`  falsely found: ${score.falselyFound.join(', ')}`)
}
