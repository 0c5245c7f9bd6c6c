/**
 * The redactor: the first step behind decode, so that no store, prompt, message or log line of ours sees a secret or an
 * identifier of a person. A value becomes a typed placeholder, `[EMAIL:3f2a]`: the same value gives the same placeholder
 * under one key, so that records can still be correlated; without the key it says nothing about the value.
 *
 * It fails closed: if anything inside goes wrong, the whole text is withheld.
 */
import { ASSIGNMENTS } from './assignments.ts'
import { CLOUD_TOKENS } from './cloud-tokens.ts'
import { CREDENTIALS } from './credentials.ts'
import { createKeywordScanner } from './keyword-scanner.ts'
import { normalise } from './normalise.ts'
import { KEYED_PERSONAL } from './personal.ts'
import { NUMBER_RULES, type NumberRule } from './personal-numbers.ts'
import { type Placed, placeholders, placeholdersIn } from './placeholder.ts'
import { RANK, type Rank, type Rule } from './rule.ts'
import { SERVICE_TOKENS } from './service-tokens.ts'

export interface Finding {
  readonly rule: string
  /** UTF-16 offsets in the input; `end` is behind the last unit. */
  readonly start: number
  readonly end: number
}

export interface RedactorOptions {
  /** HMAC key of the placeholders: the same on every instance that should agree on them. */
  readonly key: Uint8Array
  /** Ids of {@link Redactor.rules} to leave out. An unknown id is an error. */
  readonly disabledRules?: readonly string[]
  /** Ids of {@link OPTIONAL_RULES} to add. */
  readonly enabledRules?: readonly string[]
  /**
   * Own patterns, run over every text: keep them cheap. A group named `value` is what is replaced, else the whole match;
   * the placeholder's word is the id in upper case. An invalid pattern is a SyntaxError here.
   */
  readonly extraRules?: readonly {
    readonly id: string
    readonly pattern: string
    readonly flags?: string | undefined
  }[]
}

export interface Redactor {
  /** The text with placeholders; applying it twice changes nothing more. Never throws: on a failure it gives {@link WITHHELD}. */
  redact(text: string): string
  /** Findings in order, without overlap. Throws if a rule fails. */
  find(text: string): readonly Finding[]
  /** Ids of the rules in force. */
  readonly rules: readonly string[]
}

/** Stands for a text that could not be redacted. */
export const WITHHELD = '[WITHHELD: redaction failed]'
/** Rules off by default: operators need addresses. */
export const OPTIONAL_RULES: readonly string[] = ['ip']

const IP_ADDRESS =
  /(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])|(?<![\w:.])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])/gi
/** A round finds what the round before uncovered; real text needs two, the last of which finds nothing. */
const MAX_ROUNDS = 8

interface Candidate extends Finding {
  readonly type: string
  readonly rank: Rank
}

const KEYWORD_RULES: readonly Rule[] = [
  ...CREDENTIALS,
  ...CLOUD_TOKENS,
  ...SERVICE_TOKENS,
  ...ASSIGNMENTS,
  ...KEYED_PERSONAL,
]
/** Ids of the rules that find identifiers of persons; all others find secrets. */
export const PERSONAL_RULES: ReadonlySet<string> = new Set(
  [...KEYED_PERSONAL, ...NUMBER_RULES].map((rule) => rule.id).concat('ip'),
)

export function createRedactor(options: RedactorOptions): Redactor {
  const extras = extraRules(options)
  const on = enabled(options, extras)
  const rules = KEYWORD_RULES.filter((rule) => on.has(rule.id))
  const numberRules = NUMBER_RULES.filter((rule) => on.has(rule.id))
  const patternRules = extras.filter((rule) => on.has(rule.id))
  const keywords = [...new Set(rules.flatMap((rule) => rule.keywords))]
  const rulesOf = keywords.map((keyword) => rules.filter((rule) => rule.keywords.includes(keyword)))
  const scan = createKeywordScanner(keywords)
  const createPlaceholders = placeholders(options.key)

  function candidates(text: string): Candidate[] {
    const { hits, numbers, wide } = scan(text)
    if (hits.length === 0 && !numbers && patternRules.length === 0) return []
    const normal = wide ? normalise(text) : text
    const placed = placeholdersIn(text)
    let nextPlaced = 0
    const found: Candidate[] = []
    // Behind this offset per rank nothing is looked at again: keeps a text of nested keys linear.
    const covered = [0, 0, 0, 0]
    for (let hit = 0; hit < hits.length; hit += 2) {
      const keyword = hits[hit] as number
      const to = hits[hit + 1] as number
      const from = to - (keywords[keyword] as string).length
      while ((placed[nextPlaced]?.end ?? Number.POSITIVE_INFINITY) < to) nextPlaced++
      if ((placed[nextPlaced]?.start ?? to) < to && from >= (placed[nextPlaced]?.start ?? to)) continue
      for (const rule of rulesOf[keyword] as readonly Rule[]) {
        if (from < (covered[rule.rank] as number)) continue
        const span = rule.match(normal, from, to)
        if (span === undefined || span.end <= span.start) continue
        found.push({ rule: rule.id, type: rule.type, rank: rule.rank, ...span })
        covered[rule.rank] = Math.max(covered[rule.rank] as number, span.end)
      }
    }
    if (numbers) for (const rule of numberRules) searchNumbers(rule, normal, found)
    for (const rule of patternRules) searchPattern(rule, normal, found)
    return found.length === 0 ? found : withoutOverlap(outsidePlaceholders(placed, found))
  }

  function redactOnce(text: string, found: readonly Candidate[]): string {
    const placeholder = createPlaceholders()
    // Joined, not added up: the next round goes over it character by character, for which it should be one piece.
    const parts: string[] = []
    let from = 0
    for (const { type, start, end } of found) {
      parts.push(text.slice(from, start), placeholder(type, text.slice(start, end)))
      from = end
    }
    parts.push(text.slice(from))
    return parts.join('')
  }

  return {
    rules: [...on],
    find: (text) => candidates(text).map(({ rule, start, end }) => ({ rule, start, end })),
    redact(text) {
      try {
        let output = text
        for (let round = 0; round < MAX_ROUNDS; round++) {
          const found = candidates(output)
          if (found.length === 0) return output
          output = redactOnce(output, found)
        }
        return WITHHELD
      } catch {
        return WITHHELD
      }
    },
  }
}

interface PatternRule {
  readonly id: string
  readonly type: string
  readonly pattern: RegExp
}

function extraRules(options: RedactorOptions): PatternRule[] {
  const own = (options.extraRules ?? []).map(({ id, pattern, flags = '' }) => ({
    id,
    type: id
      .toUpperCase()
      .replace(/[^A-Z0-9]+/g, '_')
      .replace(/^[^A-Z]+/, '')
      .slice(0, 32)
      .padEnd(2, '_'),
    pattern: new RegExp(pattern, [...new Set(`${flags.replace('y', '')}g`)].join('')),
  }))
  return [...own, { id: 'ip', type: 'IP', pattern: IP_ADDRESS }]
}

function enabled(options: RedactorOptions, extras: readonly PatternRule[]): Set<string> {
  const known = new Set([...KEYWORD_RULES, ...NUMBER_RULES, ...extras].map((rule) => rule.id))
  const on = new Set(known)
  for (const id of OPTIONAL_RULES) on.delete(id)
  for (const id of [...(options.disabledRules ?? []), ...(options.enabledRules ?? [])]) {
    if (!known.has(id))
      throw new RangeError(`there is no redaction rule "${id}"; rules: ${[...known].sort().join(', ')}`)
  }
  for (const id of options.enabledRules ?? []) on.add(id)
  for (const id of options.disabledRules ?? []) on.delete(id)
  return on
}

function searchNumbers(rule: NumberRule, text: string, found: Candidate[]): void {
  const { pattern } = rule
  // Not matchAll, which makes a copy of the pattern each time. No number is empty: the search always goes on.
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const start = match.index
    const end = start + match[0].length
    if (rule.accept(text, start, end)) found.push({ rule: rule.id, type: rule.type, rank: RANK.personal, start, end })
  }
}

function searchPattern(rule: PatternRule, text: string, found: Candidate[]): void {
  for (const match of text.matchAll(rule.pattern)) {
    const value = match.groups?.['value'] ?? match[0]
    const start = match.index + match[0].indexOf(value)
    if (value.length > 0)
      found.push({ rule: rule.id, type: rule.type, rank: RANK.token, start, end: start + value.length })
  }
}

/** Cuts placeholders out of the findings: they are never touched, and what stands beside one in a value still goes. */
function outsidePlaceholders(spans: readonly Placed[], found: Candidate[]): Candidate[] {
  if (spans.length === 0) return found
  found.sort((a, b) => a.start - b.start)
  const output: Candidate[] = []
  let first = 0
  for (const candidate of found) {
    while (first < spans.length && (spans[first]?.end ?? 0) <= candidate.start) first++
    let from = candidate.start
    for (let next = first; next < spans.length; next++) {
      const span = spans[next]
      if (span === undefined || span.start >= candidate.end) break
      if (span.start > from) output.push({ ...candidate, start: from, end: span.start })
      from = Math.max(from, span.end)
    }
    if (from < candidate.end) output.push({ ...candidate, start: from })
  }
  return output
}

/** The better rank wins, then the longer; what a loser leaves uncovered is found in the next round. */
function withoutOverlap(found: Candidate[]): Candidate[] {
  if (found.length === 1) return found
  let kept: Candidate[] = []
  for (const rank of Object.values(RANK)) {
    const ranked = found
      .filter((candidate) => candidate.rank === rank)
      .sort((a, b) => a.start - b.start || b.end - a.end)
    let next = 0
    const merged: Candidate[] = []
    for (const candidate of ranked) {
      const last = merged.at(-1)
      if (last !== undefined && candidate.start < last.end) continue
      while (next < kept.length && (kept[next]?.end ?? 0) <= candidate.start) next++
      const rival = kept[next]
      if (rival === undefined || rival.start >= candidate.end) merged.push(candidate)
    }
    if (merged.length > 0) kept = kept.concat(merged).sort((a, b) => a.start - b.start)
  }
  return kept
}
