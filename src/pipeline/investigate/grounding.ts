/**
 * Grounding: keeps of a model's proposal what the material supports. Ids must exist; numbers, names, identifiers and
 * commands in a sentence must stand in what it cites; its words must be those of operations, not of a stranger who
 * wrote into the log; steps are copied from runbooks by number; links never come from a model. Confidence and severity
 * are not asked of it.
 */
import type { Confidence, Hypothesis, Report, ReportAction } from '../incident.ts'
import type { Runbook } from '../knowledge.ts'
import { CAUSE_RULES, causeRule, INSTRUCTION_LINE, matchCause } from './cause-rule.ts'
import type { ModelAnswer } from './report-model.ts'

const MAX_HYPOTHESES = 3
const MAX_ACTIONS = 4
const SENTENCE_CHARS = 500
const URL_LIKE = /\b(?:https?:\/\/|www\.)\S+|\b[\w-]{1,63}\.(?:com|net|org|io|co|kr|dev|xyz|info|ru|cn)(?:\/\S*)?\b/i
/** What can be wrong in a way that matters: numbers, identifiers with digits, dots, slashes or capitals inside. */
const FACT = /[A-Za-z0-9_][A-Za-z0-9_.:/@-]*[A-Za-z0-9_]|\d+/g

/** Shell and SQL, as a command reads: it may only be said where a runbook says it. */
const COMMAND =
  /`[^`]+`|\b(?:kubectl|docker|helm|terraform|curl|wget|sudo|psql|redis-cli|systemctl|chmod|chown|rm -|kill -|bash -)\s?\S+(?: \S+)?|\b(?:drop|truncate) (?:table|database|schema) \S+|\bdelete from \S+/gi
/** Abbreviations that are ordinary words. */
const COMMON = new Set('API CPU DB DNS GC HTTP HTTPS ID IO IP JSON JVM JWT OS SQL SSL TCP TLS UI URL'.split(' '))
const STOP = new Set(
  'about after also because been before could does each from have into more most only other should some such than that their them then there these they this those were what when which will with would your'.split(
    ' ',
  ),
)
/** Words of a sentence that must be known: measured on 141 attacks and the causes of all runbooks (see the test). */
const KNOWN_SHARE = 0.4
/** So many words in a row of a log line are a quotation: code shows the line itself. */
const QUOTED_WORDS = 4
/** In a sentence this short, one word less. */
const SHORT_SENTENCE = 6

/** What a sentence is held against. */
export interface Material {
  /** What it cites: facts must stand here. */
  readonly cited: string
  /** Lines of the log in plain words, which strangers can write into. */
  readonly lines: string
  /** Runbooks and the rules' own sentences in plain words, and the words themselves, which a sentence may use. */
  readonly trusted: string
  readonly words: ReadonlySet<string>
  /** Rules that the log's own words and the runbooks speak for. */
  readonly rules: ReadonlySet<string>
}

/** The report with the model's words where they hold, or undefined when nothing of it does. */
export function groundReport(
  base: Report,
  answer: ModelAnswer,
  runbookOf: (id: string) => Runbook | undefined,
  now: number,
): Report | undefined {
  const material = materialById(base, runbookOf)
  const everything = [...material.values()].join('\n')
  const trusted = trustedText(base, runbookOf)
  const shared = {
    lines: plain(base.evidence.map((item) => item.text).join('\n')),
    trusted: plain(trusted),
    words: new Set(wordsOf(trusted)),
    rules: rulesAtHand(base),
  }
  const hypotheses: Hypothesis[] = []
  for (const proposed of answer.proposal.hypotheses.slice(0, MAX_HYPOTHESES)) {
    const support = [...new Set(proposed.support.map((id) => id.trim()))].filter((id) => material.has(id))
    const cited = support.map((id) => material.get(id) ?? '').join('\n')
    if (!support.some((id) => /^[EC]/.test(id)) || !isGrounded(proposed.cause, { cited, ...shared })) continue
    hypotheses.push({
      id: `H${hypotheses.length + 1}`,
      cause: tidy(proposed.cause),
      category: proposed.category,
      confidence: confidenceOf(support, base),
      support,
    })
  }
  const [first] = hypotheses
  if (first === undefined) return undefined
  const summary = isGrounded(answer.proposal.summary, { cited: everything, ...shared })
    ? tidy(answer.proposal.summary)
    : first.cause
  const actions = answer.proposal.actions.slice(0, MAX_ACTIONS).flatMap((action) => stepOf(action, base, runbookOf))
  return {
    ...base,
    source: 'model',
    model: answer.model,
    summary,
    hypotheses,
    actions: actions.length > 0 ? actions : base.actions,
    missing: answer.proposal.missing
      .slice(0, 3)
      .filter((text) => isGrounded(text, { cited: everything, ...shared }))
      .map(tidy),
    writtenAt: now,
  }
}

/** Every fact and command of the sentence stands in what it cites; it neither links, gives orders nor quotes the log. */
export function isGrounded(sentence: string, material: Material): boolean {
  if (sentence.trim() === '' || URL_LIKE.test(sentence) || INSTRUCTION_LINE.test(sentence) || /<[!@#]/.test(sentence))
    return false
  const cited = ` ${material.cited.toLowerCase()} `
  const facts = [...sentence.matchAll(FACT)].map(([fact]) => fact).filter((fact) => isFact(fact) && !COMMON.has(fact))
  if (!facts.every((fact) => standsIn(fact.toLowerCase(), cited))) return false
  if (![...sentence.matchAll(COMMAND)].every(([command]) => cited.includes(command.replaceAll('`', '').toLowerCase())))
    return false
  const claimed = matchCause([sentence])
  if (claimed !== undefined && claimed.effect !== true && !material.rules.has(claimed.id)) return false
  return !quotes(sentence, material) && isOnTopic(sentence, material.words)
}

/** A cause that neither the log's own words nor a runbook at hand speaks for was put into the log by a stranger. */
function rulesAtHand(base: Report): Set<string> {
  const found = [
    ...base.evidence.map((item) => matchCause([item.text])?.id),
    ...base.knowledge.map((hit) => hit.runbook),
  ]
  const rules = new Set(found.filter((id) => id !== undefined))
  for (const id of [...rules]) for (const reason of causeRule(id)?.becauseOf ?? []) rules.add(reason)
  return rules
}

function trustedText(base: Report, runbookOf: (id: string) => Runbook | undefined): string {
  const pages = base.knowledge.flatMap((hit) => runbookOf(hit.runbook) ?? [])
  return [
    ...pages.flatMap((page) => [page.title, page.cause ?? '', ...page.sampleErrors, page.markdown]),
    base.summary,
    ...base.hypotheses.map((own) => own.cause),
    ...base.evidence.map((item) => item.service),
  ].join('\n')
}

/** A fact as a whole: 300 does not stand in 30000ms. */
function standsIn(fact: string, text: string): boolean {
  for (let at = text.indexOf(fact); at !== -1; at = text.indexOf(fact, at + 1)) {
    const before = text[at - 1] ?? ' '
    const after = text[at + fact.length] ?? ' '
    if (!(/^\d/.test(fact) && /[\d.]/.test(before)) && !(/\d$/.test(fact) && /\d/.test(after))) return true
  }
  return false
}

/** Words and numbers alone, with a space before and behind each. */
const plain = (text: string): string =>
  ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `

function quotes(sentence: string, { lines, trusted }: Material): boolean {
  const words = plain(sentence).trim().split(' ')
  const size = Math.min(words.length <= SHORT_SENTENCE ? QUOTED_WORDS - 1 : QUOTED_WORDS, words.length)
  return words.some((_, i) => {
    const run = words.slice(i, i + size)
    const text = ` ${run.join(' ')} `
    return run.length === size && lines.includes(text) && !trusted.includes(text)
  })
}

const RULE_WORDS: ReadonlySet<string> = new Set(CAUSE_RULES.flatMap((rule) => wordsOf(`${rule.en} ${rule.ko}`)))

/** Whether enough of its words are words of runbooks and rules. */
function isOnTopic(sentence: string, known: ReadonlySet<string>): boolean {
  const words = wordsOf(sentence)
  return (
    words.length === 0 ||
    words.filter((word) => known.has(word) || RULE_WORDS.has(word)).length >= words.length * KNOWN_SHARE
  )
}

/** English words by their beginning, Korean ones by their pairs of syllables: endings cost little. */
function wordsOf(text: string): string[] {
  return [...text.toLowerCase().matchAll(/[a-z]{4,}|[가-힣]{2,}/g)].flatMap(([word]) => {
    if (/^[a-z]/.test(word)) return STOP.has(word) ? [] : [word.slice(0, 5)]
    return Array.from({ length: word.length - 1 }, (_, i) => word.slice(i, i + 2))
  })
}

/** Ordinary words are the model's own; what has digits, dots, slashes or inner capitals is a fact. */
const isFact = (word: string): boolean =>
  /\d/.test(word) || /[._:/@]/.test(word) || /[a-z][A-Z]|^[A-Z]{2,}[A-Z0-9_]*$/.test(word)

function confidenceOf(support: readonly string[], base: Report): Confidence {
  const kinds = new Set(support.map((id) => id[0]))
  const agrees = base.hypotheses.some((own) => own.support.some((id) => support.includes(id)))
  if (kinds.size >= 2 && agrees) return 'high'
  return kinds.size >= 2 || agrees ? 'medium' : 'low'
}

function stepOf(
  action: { knowledge: string; step: number },
  base: Report,
  runbookOf: (id: string) => Runbook | undefined,
): ReportAction[] {
  const hit = base.knowledge.find((candidate) => candidate.id === action.knowledge)
  const page = hit === undefined ? undefined : runbookOf(hit.runbook)
  const step = page === undefined ? undefined : stepsOf(page)[action.step - 1]
  return hit === undefined || step === undefined ? [] : [{ ...step, knowledge: hit.id }]
}

/** The steps that a model may choose from, numbered from 1. */
export const stepsOf = (page: Runbook) => [...page.diagnosis, ...page.mitigation]

/** What each id says, its own name included: a sentence may speak of E1. */
function materialById(base: Report, runbookOf: (id: string) => Runbook | undefined): Map<string, string> {
  const entries: (readonly [string, string])[] = [
    ...base.evidence.map(
      (item) => [item.id, `${item.text} ${item.service} ${item.severity} ${item.count ?? ''}`] as const,
    ),
    ...base.knowledge.map((hit) => [hit.id, `${hit.title} ${runbookOf(hit.runbook)?.markdown ?? ''}`] as const),
    ...base.changes.map((change) => [change.id, `${change.service} ${change.from ?? ''} ${change.to}`] as const),
    // What nobody confirmed is alike at best: it can be shown, not cited.
    ...base.past.flatMap((past) =>
      past.confirmed === true ? [[past.id, `${past.title} ${past.cause ?? ''} ${past.fix ?? ''}`] as const] : [],
    ),
  ]
  return new Map(entries.map(([id, text]) => [id, `${id} ${text}`]))
}

const tidy = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, SENTENCE_CHARS).toWellFormed()
