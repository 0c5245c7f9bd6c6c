/** The API's nouns, as the server's schemas describe them. Times are Unix milliseconds. */

export type IncidentState = 'open' | 'acknowledged' | 'regressed' | 'quiet' | 'resolved'
export type Severity = 'SEV1' | 'SEV2' | 'SEV3' | 'SEV4'
export type UiLanguage = 'ko' | 'en'
export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL'
export type Confidence = 'high' | 'medium' | 'low'
export type Risk = 'read_only' | 'reversible' | 'destructive'
export type DeliveryMode = 'bot' | 'webhook' | 'preview'
export type Counts = Record<string, number>

export interface Incident {
  id: string
  fingerprint: string
  service: string
  title: string
  template: string
  basis: 'exception' | 'template'
  explanation: string[]
  exception?: { type: string; message: string; root?: { type: string; message: string } }
  severity: Severity
  severityReasons: { key: string; params: Record<string, string | number>; text?: string }[]
  state: IncidentState
  count: number
  firstSeen: number
  lastSeen: number
  openedAt: number
  namespaces: string[]
  pods: string[]
  versions: string[]
  traceIds: string[]
  mutedUntil?: number
  acknowledgedBy?: string
  resolvedBy?: string
  stateChangedAt: number
  regressions: number
}

export interface IncidentRow extends Incident {
  cause?: string
  confidence?: Confidence
  sparkline: number[]
}

export interface Evidence {
  id: string
  at: number
  service: string
  severity: string
  text: string
  recordId: string
  role: 'representative' | 'first' | 'precursor' | 'cascade' | 'cause' | 'context'
  file?: string
  line?: number
  count?: number
}

export interface Hypothesis {
  id: string
  cause: string
  category: string
  confidence: Confidence
  support: string[]
}

export interface Report {
  status: 'analysed' | 'insufficient_evidence'
  source: 'rules' | 'model'
  model?: string
  language: UiLanguage
  summary: string
  analogy?: string
  hypotheses: Hypothesis[]
  actions: { text: string; risk: Risk; knowledge?: string }[]
  missing: string[]
  evidence: Evidence[]
  knowledge: { id: string; runbook: string; title: string; score: number; exact: boolean }[]
  past: { id: string; incident: string; title: string; lastSeen: number; similarity: number; fix?: string }[]
  changes: Deploy[]
  injectionSuspected: boolean
  writtenAt: number
}

export interface Deploy {
  id?: string
  service: string
  at: number
  from?: string
  to: string
}

export interface Histogram {
  from: number
  to: number
  stepMs: number
  points: { at: number; counts: Counts }[]
}

export interface IncidentList {
  incidents: IncidentRow[]
  facets: { state: Counts; severity: Counts; service: Counts; namespace: Counts; version: Counts }
  histogram: Histogram
  lastRecordAt?: number
  now: number
}

export interface LogRecord {
  id: string
  at: number
  observedAt: number
  level: LogLevel
  service: string
  message: string
  body: string
  traceId?: string
  namespace?: string
  pod?: string
  node?: string
  version?: string
  attributes: Record<string, string | number | boolean>
}

export type Block = Record<string, unknown>

export interface Notification {
  incident: string
  mode: DeliveryMode
  channel?: string
  ts?: string
  postedAt?: number
  text: string
  blocks: Block[]
  thread: { text: string; blocks: Block[]; broadcast: boolean }[]
  pending: boolean
  fault?: string
}

export interface RelatedIncident {
  id: string
  title: string
  service: string
  severity: Severity
  state: IncidentState
  count: number
  firstSeen: number
  why: 'same_trace' | 'same_time'
}

export interface Timeline {
  from: number
  to: number
  stepMs: number
  points: { at: number; count: number }[]
  deploys: Deploy[]
  firstAnomalyAt?: number
}

export interface IncidentDetail {
  incident: Incident
  report?: Report
  samples: LogRecord[]
  timeline: Timeline
  related: RelatedIncident[]
  notification?: Notification
  feedback: { hypothesis: string; verdict: string; note: string | null; actor: string; at: number }[]
}

export interface LogPage {
  records: LogRecord[]
  histogram: Histogram
  facets: { level: Counts; service: Counts }
  total: number
  next?: string
}

export interface Tally {
  received: number
  kept: number
  dropped: Counts
  rejected: Counts
  balanced: boolean
}

export interface Quarantined {
  id: string
  at: number
  reason: string
  detail: string
  position: string
  preview: string
  objectKey: string
  bytes: number
}

export interface Source {
  name: string
  shard: string
  lagMs?: number
  lastRecordAt?: number
  state: 'reading' | 'waiting' | 'failing'
  detail?: string
}

export interface Pipeline {
  ledger: { decode: Tally; filter: Tally; group: Tally }
  balanced: boolean
  faults: string[]
  ratePerSecond: number
  lastRecordAt?: number
  sources: Source[]
  archive: { objects: number; bytes: number; pendingRecords: number; location: string }
  outbox: { pending: number; oldestPendingAt?: number; posted: number; lastFault?: string; mode: DeliveryMode }
  lineToMessageMs: { p50: number; p95: number; samples: number }
  incidents: Partial<Record<IncidentState, number>>
  quarantine: Quarantined[]
}

export interface Status {
  name: 'cali'
  version: string
  startedAt: number
  language: UiLanguage
  timeZone: string
  analysis: { mode: 'rules' | 'model'; runbooks: number; model?: string }
  slack: { mode: DeliveryMode; channel?: string }
  sources: string[]
  dataDir: string
}

export interface Pattern {
  fingerprint: string
  service: string
  level: string
  template: string
  count: number
  firstSeen: number
  lastSeen: number
  incident?: string
}

export interface KnowledgeDocument {
  id: string
  language: UiLanguage
  title: string
  category: string
  tags: string[]
  source: string
  markdown?: string
}

export interface KnowledgeSearch {
  hits: { id: string; title: string; score: number; exact: boolean }[]
  abstain: boolean
}

export type RuleAction = 'keep' | 'archive' | 'drop'

export interface Rule {
  id: string
  action: RuleAction
  minSeverity?: LogLevel
  maxSeverity?: LogLevel
  services?: string[]
  namespaces?: string[]
  pattern?: string
  enabled: boolean
  note?: string
}

export interface RuleSet {
  rules: Rule[]
  source: 'default' | 'saved' | 'file'
}

export interface RulePreview {
  records: number
  from: number
  to: number
  before: Record<RuleAction, number>
  after: Record<RuleAction, number>
  byRule: { rule: string; action: RuleAction; records: number }[]
  changedExamples: { record: LogRecord; before: string; after: string }[]
  incidentsAffected: { id: string; title: string; service: string }[]
}

export interface Setting {
  key: string
  value: unknown
  origin: string
  description: string
}

export interface AuditEntry {
  at: number
  actor: string
  action: string
  target: string
  detail: unknown
}

export type LiveEvent =
  | { type: 'incident'; id: string; kind: 'opened' | 'counted' | 'regressed' | 'changed' }
  | { type: 'notification'; incident: string }
  | { type: 'rules' }
