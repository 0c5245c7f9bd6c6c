/** Rule report: the explanation that needs no model. Every claim names the evidence it rests on. */
import type {
  Change,
  Confidence,
  Evidence,
  Hypothesis,
  Incident,
  KnowledgeHit,
  PastIncident,
  Report,
  ReportAction,
  UiLanguage,
} from '../incident.ts'
import type { KnowledgeResult, Runbook } from '../knowledge.ts'
import { REPORT_TEXTS } from './catalogue.ts'
import { type CauseRule, causeRule, INSTRUCTION_LINE, matchCause } from './cause-rule.ts'

export interface Findings {
  readonly incident: Incident
  readonly language: UiLanguage
  readonly evidence: readonly Evidence[]
  /** Whole text of the incident's first event; root cause first where it has one. */
  readonly ownTexts: readonly string[]
  readonly place?: string
  readonly knowledge: KnowledgeResult
  readonly runbookOf: (id: string) => Runbook | undefined
  readonly past: readonly PastIncident[]
  readonly changes: readonly Change[]
  readonly now: number
}

const MAX_ACTIONS = 4
const MAX_KNOWLEDGE = 3
/**
 * A page that holds this share of the error quotes it: 99% of the lines that runbooks quote reach .69 with their page.
 * Below it a page is similar, which is no evidence of a cause.
 */
const QUOTED = 0.6
const MIN_WORDS = 5
/** Words in common with a past incident from which its confirmed cause is worth a look. */
const ALIKE = 0.8
/** Kinds of cause that a deploy brings about; a provider's outage after a deploy is a coincidence. */
const DEPLOY_CAUSED: ReadonlySet<string> = new Set([
  'code_defect',
  'config_change',
  'data_or_schema',
  'deploy_regression',
  'resource_exhaustion',
])
/** A deploy this shortly before the first error is a suspect. */
const DEPLOY_MS = 30 * 60_000

export function writeRuleReport(findings: Findings): Report {
  const { incident, language, evidence } = findings
  const texts = REPORT_TEXTS[language]
  const own = matchCause(findings.ownTexts)
  const deploy = findings.changes.find(
    (change) =>
      change.service === incident.service &&
      change.at <= incident.firstSeen + 60_000 &&
      incident.firstSeen - change.at <= DEPLOY_MS,
  )
  const hypotheses: Hypothesis[] = []
  const root = rootElsewhere(evidence, own)
  const before = findings.past.find((past) => past.sameError === true && past.cause !== undefined)
  const confirmed = findings.past.find((past) => past.cause !== undefined && past.similarity >= ALIKE)
  const nearby = nearInTime(evidence)
  const change = evidence.find((item) => item.role === 'change')
  const knowledge = chooseKnowledge(
    findings,
    own?.effect === true && root !== undefined ? root.rule : (own ?? root?.rule),
  )
  const page = knowledge[0] === undefined ? undefined : findings.runbookOf(knowledge[0].runbook)
  // What people found out about this very error goes before what rules say of its words.
  if (before?.cause !== undefined)
    hypotheses.push({
      id: 'H1',
      cause: texts.sameBefore(before.cause),
      category: own?.category ?? 'unknown',
      confidence: 'medium',
      support: known([idOf(evidence, 'representative'), before.id]),
    })
  if (root?.evidence.role === 'cascade' && own?.effect === true) {
    hypotheses.push(
      hypothesis(
        `H${hypotheses.length + 1}`,
        texts.cascade(root.evidence.service, root.rule[language]),
        root.rule,
        'medium',
        [root.evidence.id, idOf(evidence, 'representative')],
        knowledge,
      ),
    )
  }
  if (own !== undefined) {
    const sign = precursor(evidence, own)
    const sentence = [
      deploy === undefined
        ? undefined
        : texts.afterDeploy(deploy.service, deploy.to, Math.round((incident.firstSeen - deploy.at) / 60_000)),
      own[language],
      sign === undefined ? undefined : texts.precededBy(sign.rule[language]),
    ]
    const support = [idOf(evidence, 'cause') ?? idOf(evidence, 'representative'), sign?.evidence.id, deploy?.id]
    const confidence: Confidence =
      sign !== undefined || own.certain === true || (deploy !== undefined && DEPLOY_CAUSED.has(own.category))
        ? 'high'
        : own.effect === true
          ? 'low'
          : 'medium'
    hypotheses.push(
      hypothesis(
        `H${hypotheses.length + 1}`,
        sentence.filter((part) => part !== undefined).join(' '),
        own,
        hypotheses.length > 0 ? 'low' : confidence,
        support,
        knowledge,
      ),
    )
  } else if (before !== undefined) {
    // Nothing that the log alone suggests is better than that.
  } else if (incident.exception !== undefined && findings.place !== undefined) {
    const type = (incident.exception.root ?? incident.exception).type.split('.').at(-1) ?? incident.exception.type
    const after =
      deploy === undefined
        ? ''
        : ` ${texts.afterDeploy(deploy.service, deploy.to, Math.round((incident.firstSeen - deploy.at) / 60_000))}`
    hypotheses.push({
      id: 'H1',
      cause: `${texts.codeDefect(type, findings.place)}${after}`,
      category: deploy === undefined ? 'code_defect' : 'deploy_regression',
      confidence: deploy === undefined ? 'low' : 'medium',
      support: known([idOf(evidence, 'cause') ?? idOf(evidence, 'representative'), deploy?.id]),
    })
  } else if (change !== undefined) {
    hypotheses.push({
      id: 'H1',
      cause: texts.afterChange(change.id),
      category: 'config_change',
      confidence: 'medium',
      support: known([change.id, idOf(evidence, 'representative')]),
    })
  } else if (root !== undefined) {
    const cause = root.rule[language]
    hypotheses.push(
      hypothesis(
        'H1',
        root.evidence.role === 'cascade' ? texts.cascade(root.evidence.service, cause) : cause,
        root.rule,
        'low',
        [root.evidence.id, idOf(evidence, 'representative')],
        knowledge,
      ),
    )
  } else if (confirmed?.cause !== undefined) {
    hypotheses.push({
      id: 'H1',
      cause: texts.similarBefore(confirmed.id, confirmed.cause),
      category: 'unknown',
      confidence: 'low',
      support: known([idOf(evidence, 'representative'), confirmed.id]),
    })
  } else if (page !== undefined && (knowledge[0]?.score ?? 0) >= QUOTED && saysEnough(incident.title)) {
    hypotheses.push({
      id: 'H1',
      cause: `${texts.quoted(page.title)}${page.cause === undefined ? '' : `. ${page.cause}`}`,
      category: page.category,
      confidence: 'low',
      support: known([idOf(evidence, 'representative'), knowledge[0]?.id]),
    })
  }
  const shown = hypotheses.filter((item) => item.support.length > 0).slice(0, 3)
  const best = shown[0]
  return {
    status: best === undefined ? 'insufficient_evidence' : 'analysed',
    source: 'rules',
    language,
    summary: [
      best?.cause ?? texts.unknown(incident.count),
      best === undefined && nearby !== undefined ? texts.nearby(nearby.rule[language], nearby.evidence.id) : undefined,
      best === undefined && knowledge[0] !== undefined ? texts.alike(knowledge[0].title, knowledge[0].id) : undefined,
      incident.regressions > 0 ? texts.recurred(incident.regressions) : undefined,
    ]
      .filter((part) => part !== undefined)
      .join(' '),
    ...(page?.analogy === undefined || best === undefined ? {} : { analogy: page.analogy }),
    hypotheses: shown,
    actions: chooseActions(findings, knowledge),
    missing: [
      ...(findings.changes.length === 0 ? [texts.missingDeploys] : []),
      ...(evidence.some((item) => item.role === 'precursor' || item.role === 'cascade') || nearby !== undefined
        ? []
        : [texts.missingContext]),
      ...(knowledge.length === 0 ? [texts.missingRunbook] : []),
    ],
    evidence,
    knowledge,
    past: findings.past,
    changes: findings.changes,
    ...(findings.knowledge.degraded === undefined ? {} : { degraded: findings.knowledge.degraded.part }),
    injectionSuspected: findings.ownTexts.some((text) => INSTRUCTION_LINE.test(text.slice(0, 20_000))),
    writtenAt: findings.now,
  }
}

function hypothesis(
  id: string,
  cause: string,
  rule: CauseRule,
  confidence: Confidence,
  support: readonly (string | undefined)[],
  knowledge: readonly KnowledgeHit[],
): Hypothesis {
  return {
    id,
    cause,
    category: rule.category,
    confidence,
    support: known([...support, knowledge.find((hit) => hit.runbook === rule.runbook)?.id]),
  }
}

/** The rule's own runbook is an exact hit; the rest comes from the search, unless it abstains. */
function chooseKnowledge(findings: Findings, own: CauseRule | undefined): KnowledgeHit[] {
  const exact = own === undefined ? undefined : findings.runbookOf(own.runbook)
  const pages: { page: Runbook; score: number; exact: boolean }[] =
    exact === undefined ? [] : [{ page: exact, score: 1, exact: true }]
  if (!findings.knowledge.abstain) {
    for (const hit of findings.knowledge.hits)
      if (hit.runbook.id !== exact?.id) pages.push({ page: hit.runbook, score: hit.score, exact: false })
  }
  return pages.slice(0, exact === undefined ? MAX_KNOWLEDGE : 2).map(({ page, score, exact: hit }, i) => ({
    id: `K${i + 1}`,
    runbook: page.id,
    title: page.title,
    score: Math.round(score * 100) / 100,
    exact: hit,
  }))
}

function chooseActions(findings: Findings, knowledge: readonly KnowledgeHit[]): ReportAction[] {
  const texts = REPORT_TEXTS[findings.language]
  const actions: ReportAction[] = []
  const hit = knowledge[0]
  const page = hit === undefined ? undefined : findings.runbookOf(hit.runbook)
  if (hit !== undefined && page !== undefined) {
    for (const step of page.diagnosis.slice(0, 2)) actions.push({ ...step, knowledge: hit.id })
    for (const step of page.mitigation.slice(0, 1)) actions.push({ ...step, knowledge: hit.id })
  } else actions.push({ text: texts.fallbackLook, risk: 'read_only' })
  if (actions.length < MAX_ACTIONS) actions.push({ text: texts.ownAdviceDiff, risk: 'read_only' })
  return actions
}

/** An error or warning of another place or time among the evidence that explains this one. */
function rootElsewhere(
  evidence: readonly Evidence[],
  own: CauseRule | undefined,
): { evidence: Evidence; rule: CauseRule } | undefined {
  for (const item of evidence) {
    if (item.role !== 'cascade' && item.role !== 'precursor') continue
    const rule = matchCause([item.text])
    if (rule !== undefined && rule.id !== own?.id && rule.effect !== true) return { evidence: item, rule }
  }
  return undefined
}

/** A line that names a cause, shown because it is near in time: whether it has to do with this one is open. */
function nearInTime(evidence: readonly Evidence[]): { evidence: Evidence; rule: CauseRule } | undefined {
  for (const item of evidence) {
    const rule = item.role === 'context' ? matchCause([item.text]) : undefined
    if (rule !== undefined) return { evidence: item, rule }
  }
  return undefined
}

function precursor(evidence: readonly Evidence[], own: CauseRule): { evidence: Evidence; rule: CauseRule } | undefined {
  for (const item of evidence) {
    if (item.role === 'representative' || item.role === 'context') continue
    const rule = matchCause([item.text])
    if (rule !== undefined && own.becauseOf?.includes(rule.id) === true)
      return { evidence: item, rule: causeRule(rule.id) ?? rule }
  }
  return undefined
}

/** `request failed` stands in many pages and tells nothing: three quarters of its words are no quotation. */
const saysEnough = (title: string): boolean =>
  /[a-z](?:Exception|Error)\b/.test(title) || new Set(title.match(/\p{L}{2,}/gu)).size >= MIN_WORDS

const idOf = (evidence: readonly Evidence[], role: Evidence['role']): string | undefined =>
  evidence.find((item) => item.role === role)?.id
const known = (ids: readonly (string | undefined)[]): string[] => [...new Set(ids.filter((id) => id !== undefined))]
