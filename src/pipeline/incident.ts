/**
 * Incident: one fingerprint of one service from its first error on. Its life:
 *
 *   open ──(no event for quietAfter)──> quiet ──(a later event)──> regressed ──> quiet …
 *     └──────────────(a person)──> resolved ──(a later event)──> regressed
 *
 * `acknowledged` says a person looks at it; it does not stop counting. `mutedUntil` holds back messages, never counts:
 * nothing is deleted to reduce noise. `merged` is an incident that has proved to be another one (`mergedInto`): its events
 * are counted there, and a person can split it off again. An event older than the last one seen never regresses an incident (late data).
 */
import type { ExceptionInfo } from './record.ts'

export type IncidentState = 'open' | 'acknowledged' | 'quiet' | 'resolved' | 'regressed' | 'merged'
export const INCIDENT_STATES: readonly IncidentState[] = [
  'open',
  'acknowledged',
  'regressed',
  'quiet',
  'resolved',
  'merged',
]

/** SEV1 is worst. Computed by code from facts, never by a model. */
export type IncidentSeverity = 'SEV1' | 'SEV2' | 'SEV3' | 'SEV4'
export const INCIDENT_SEVERITIES: readonly IncidentSeverity[] = ['SEV1', 'SEV2', 'SEV3', 'SEV4']

export const worseSeverity = (a: IncidentSeverity, b: IncidentSeverity): IncidentSeverity =>
  INCIDENT_SEVERITIES.indexOf(a) <= INCIDENT_SEVERITIES.indexOf(b) ? a : b

export type UiLanguage = 'ko' | 'en'

/** What makes records the same error. */
export interface Fingerprint {
  /** 16 hex digits, a content hash: the same after restart, redeploy, line-number change or shard move. */
  readonly id: string
  readonly basis: 'exception' | 'template' | 'rule'
  /** The parts that were hashed, in words, for "why this grouping". */
  readonly explanation: readonly string[]
  /** Message with its parameters masked, e.g. `order <num> failed`. */
  readonly template: string
  /** Ids that have proved to be the same kind of error, its own among them or the first instead, oldest first. */
  readonly kin: readonly string[]
  /** Of a message: its tokens as text, from which the grouping is learned again after a restart. */
  readonly shape?: string
}

/** The incident whose message tells of this one, and why. */
export interface Fold {
  readonly under: string
  /** Same request, a call of a service that had failed, an address that cannot be reached, or very many kinds at once. */
  readonly reason: 'trace' | 'call' | 'downstream' | 'storm'
}

export interface Incident {
  /** Short public id, 4 to 8 characters of Crockford base 32, e.g. 7F3K. */
  readonly id: string
  readonly fingerprint: string
  readonly service: string
  readonly title: string
  readonly template: string
  readonly basis: 'exception' | 'template' | 'rule'
  readonly explanation: readonly string[]
  readonly exception?: { readonly type: string; readonly message: string; readonly root?: ExceptionSummary }
  readonly severity: IncidentSeverity
  /** Facts that led to the severity, as catalogue keys with parameters. */
  readonly severityReasons: readonly SeverityReason[]
  readonly state: IncidentState
  readonly count: number
  /** Event times, Unix milliseconds. */
  readonly firstSeen: number
  readonly lastSeen: number
  /** When CALI opened it, by its own clock. */
  readonly openedAt: number
  readonly namespaces: readonly string[]
  readonly pods: readonly string[]
  readonly versions: readonly string[]
  readonly traceIds: readonly string[]
  readonly mutedUntil?: number
  /** Begins with another incident and has no message of its own. */
  readonly fold?: Fold
  /** `host:port` that could not be reached. */
  readonly downstream?: string
  /** Stems of services whose call failed, as the error names them: inventory for inventory-service. */
  readonly callees: readonly string[]
  /** Id of the incident that this one is part of. */
  readonly mergedInto?: string
  readonly acknowledgedBy?: string
  readonly resolvedBy?: string
  readonly stateChangedAt: number
  readonly regressions: number
  /** How often it rose far above its usual rate, and in which minute last (Unix ms). */
  readonly spikes: number
  readonly spikedAt?: number
}

export type ExceptionSummary = Pick<ExceptionInfo, 'type' | 'message'>

export interface SeverityReason {
  readonly key: 'fatal' | 'data_loss' | 'many_pods' | 'high_rate' | 'user_facing' | 'single' | 'regressed' | 'spike'
  readonly params: Readonly<Record<string, string | number>>
}

/** E = evidence line, K = runbook, I = past incident, C = change (deploy). CALI assigns the ids; reports cite them. */
export interface Evidence {
  readonly id: string
  readonly at: number
  readonly service: string
  readonly severity: string
  readonly text: string
  /** The event the text was copied from. */
  readonly recordId: string
  readonly role: 'representative' | 'first' | 'precursor' | 'cascade' | 'cause' | 'change' | 'context'
  readonly file?: string
  readonly line?: number
  readonly count?: number
}

/** An evidence line without the header that a reader has before their eyes already: time, service, thread, logger. */
export const shownText = ({ text }: Pick<Evidence, 'text'>): string =>
  text
    .replace(/^\[?\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}\S{0,16}\]?\s+/, '')
    .replace(
      /^(TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL)\s+(?:\[[^\]\n]{1,80}\]\s+){0,3}(?:[\w.$]{3,120} - )?(?=\S)/,
      '$1 ',
    )

export interface KnowledgeHit {
  readonly id: string
  readonly runbook: string
  readonly title: string
  readonly score: number
  readonly exact: boolean
}

export interface PastIncident {
  readonly id: string
  readonly incident: string
  readonly title: string
  readonly lastSeen: number
  readonly similarity: number
  /** The same fingerprint: this error, earlier. Never a matter of likeness. */
  readonly sameError?: true
  /** A person said what caused or mended it. What nobody confirmed is alike, and no evidence of a cause. */
  readonly confirmed?: true
  /** The confirmed cause. */
  readonly cause?: string
  readonly fix?: string
}

export interface Change {
  readonly id: string
  readonly service: string
  readonly at: number
  readonly from?: string
  readonly to: string
}

export type Confidence = 'high' | 'medium' | 'low'
export type Risk = 'read_only' | 'reversible' | 'destructive'
export const CAUSE_CATEGORIES = [
  'dependency_unavailable',
  'resource_exhaustion',
  'config_change',
  'deploy_regression',
  'code_defect',
  'data_or_schema',
  'network_dns',
  'auth_cert',
  'external_provider',
  'quota_or_rate_limit',
  'scheduling_or_platform',
  'unknown',
] as const
export type CauseCategory = (typeof CAUSE_CATEGORIES)[number]

export interface Hypothesis {
  readonly id: string
  readonly cause: string
  readonly category: CauseCategory
  readonly confidence: Confidence
  /** Ids of what supports it; never empty: a claim without support is not shown. */
  readonly support: readonly string[]
}

export interface ReportAction {
  readonly text: string
  readonly risk: Risk
  /** The runbook (K id) it was copied from; absent only for the product's own advice. */
  readonly knowledge?: string
}

/** What CALI says about an incident. `source` says who wrote it; the shape is the same. */
export interface Report {
  readonly status: 'analysed' | 'insufficient_evidence'
  readonly source: 'rules' | 'model'
  readonly model?: string
  readonly language: UiLanguage
  readonly summary: string
  readonly analogy?: string
  readonly hypotheses: readonly Hypothesis[]
  readonly actions: readonly ReportAction[]
  readonly missing: readonly string[]
  readonly evidence: readonly Evidence[]
  readonly knowledge: readonly KnowledgeHit[]
  readonly past: readonly PastIncident[]
  readonly changes: readonly Change[]
  /** Text in the log that addresses a reader or a model ("ignore previous …"): shown as a warning. */
  readonly injectionSuspected: boolean
  /** The knowledge that could not be asked: the shared store, or the embedding model. */
  readonly degraded?: 'store' | 'vectors'
  readonly writtenAt: number
}
