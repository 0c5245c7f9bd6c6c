/**
 * Grounding: keeps of a model's proposal what the material supports. Ids must exist; numbers, names and identifiers in
 * a sentence must stand in what it cites; steps are copied from runbooks by number; links never come from a model.
 * Confidence and severity are not asked of it.
 */
import type { Confidence, Hypothesis, Report, ReportAction } from '../incident.ts'
import type { Runbook } from '../knowledge.ts'
import { INSTRUCTION_LINE } from './cause-rule.ts'
import type { ModelAnswer } from './report-model.ts'

const MAX_HYPOTHESES = 3
const MAX_ACTIONS = 4
const SENTENCE_CHARS = 500
const URL_LIKE = /\b(?:https?:\/\/|www\.)\S+|\b[\w-]{1,63}\.(?:com|net|org|io|co|kr|dev|xyz|info|ru|cn)(?:\/\S*)?\b/i
/** What can be wrong in a way that matters: numbers, identifiers with digits, dots, slashes or capitals inside. */
const FACT = /[A-Za-z0-9_][A-Za-z0-9_.:/@-]*[A-Za-z0-9_]|\d+/g

/** The report with the model's words where they hold, or undefined when nothing of it does. */
export function groundReport(base: Report, answer: ModelAnswer, runbookOf: (id: string) => Runbook | undefined, now: number): Report | undefined {
  const material = materialById(base, runbookOf)
  const hypotheses: Hypothesis[] = []
  for (const proposed of answer.proposal.hypotheses.slice(0, MAX_HYPOTHESES)) {
    const support = [...new Set(proposed.support.map((id) => id.trim()))].filter((id) => material.has(id))
    const cited = support.map((id) => material.get(id) ?? '').join('\n')
    if (support.length === 0 || !support.some((id) => /^[EC]/.test(id)) || !isGrounded(proposed.cause, cited)) continue
    hypotheses.push({ id: `H${hypotheses.length + 1}`, cause: tidy(proposed.cause), category: proposed.category, confidence: confidenceOf(support, base), support })
  }
  if (hypotheses.length === 0) return undefined
  const everything = [...material.values()].join('\n')
  const summary = isGrounded(answer.proposal.summary, everything) ? tidy(answer.proposal.summary) : (hypotheses[0] as Hypothesis).cause
  const actions = answer.proposal.actions.slice(0, MAX_ACTIONS).flatMap((action) => stepOf(action, base, runbookOf))
  return {
    ...base,
    source: 'model',
    model: answer.model,
    summary,
    hypotheses,
    actions: actions.length > 0 ? actions : base.actions,
    missing: answer.proposal.missing.slice(0, 3).map(tidy).filter((text) => text !== '' && isGrounded(text, everything, true)),
    writtenAt: now,
  }
}

/** Every fact of the sentence stands in the material that it cites, and it neither links nor gives orders. */
export function isGrounded(sentence: string, cited: string, loose = false): boolean {
  if (sentence.trim() === '' || URL_LIKE.test(sentence) || INSTRUCTION_LINE.test(sentence) || /<[!@#]/.test(sentence)) {
    return false
  }
  if (loose) return true
  const haystack = cited.toLowerCase()
  return [...sentence.matchAll(FACT)].every(([fact]) => !isFact(fact) || haystack.includes(fact.toLowerCase()))
}

/** Ordinary words are the model's own; what has digits, dots, slashes or inner capitals is a fact. */
const isFact = (word: string): boolean => /\d/.test(word) || /[._:/@]/.test(word) || /[a-z][A-Z]|^[A-Z]{2,}[A-Z0-9_]*$/.test(word)

function confidenceOf(support: readonly string[], base: Report): Confidence {
  const kinds = new Set(support.map((id) => id[0]))
  const agrees = base.hypotheses.some((own) => own.support.some((id) => support.includes(id)))
  if (kinds.size >= 2 && agrees) return 'high'
  return kinds.size >= 2 || agrees ? 'medium' : 'low'
}

function stepOf(action: { knowledge: string; step: number }, base: Report, runbookOf: (id: string) => Runbook | undefined): ReportAction[] {
  const hit = base.knowledge.find((candidate) => candidate.id === action.knowledge)
  const page = hit === undefined ? undefined : runbookOf(hit.runbook)
  const step = page === undefined ? undefined : stepsOf(page)[action.step - 1]
  return hit === undefined || step === undefined ? [] : [{ ...step, knowledge: hit.id }]
}

/** The steps that a model may choose from, numbered from 1. */
export const stepsOf = (page: Runbook) => [...page.diagnosis, ...page.mitigation]

function materialById(base: Report, runbookOf: (id: string) => Runbook | undefined): Map<string, string> {
  return new Map([
    ...base.evidence.map((item) => [item.id, `${item.text} ${item.service} ${item.severity} ${item.count ?? ''}`] as const),
    ...base.knowledge.map((hit) => [hit.id, `${hit.title} ${runbookOf(hit.runbook)?.markdown ?? ''}`] as const),
    ...base.changes.map((change) => [change.id, `${change.service} ${change.from ?? ''} ${change.to}`] as const),
    ...base.past.map((past) => [past.id, `${past.title} ${past.fix ?? ''}`] as const),
  ])
}

const tidy = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, SENTENCE_CHARS).toWellFormed()
