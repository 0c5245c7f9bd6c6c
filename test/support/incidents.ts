/** An incident and its report for tests: what a case does not name is a plain, complete example. */
import type { Evidence, Incident, Report } from '../../src/pipeline/incident.ts'
import { NOON } from './records.ts'

export const incidentOf = (facts: Partial<Incident> = {}): Incident => ({
  id: '7F3K2A',
  fingerprint: '0123456789abcdef',
  service: 'payment-service',
  title: 'HikariPool-<num> - Connection is not available',
  template: 'HikariPool-<num> - Connection is not available',
  basis: 'template',
  explanation: ['template HikariPool-<num> - Connection is not available'],
  severity: 'SEV2',
  severityReasons: [],
  state: 'open',
  count: 14,
  firstSeen: NOON,
  lastSeen: NOON + 60_000,
  openedAt: NOON + 1_000,
  namespaces: ['prod'],
  pods: ['payment-1', 'payment-2', 'payment-3'],
  versions: ['1.14.2'],
  traceIds: [],
  callees: [],
  stateChangedAt: NOON + 1_000,
  regressions: 0,
  spikes: 0,
  ...facts,
})

export const evidenceOf = (facts: Partial<Evidence> = {}): Evidence => ({
  id: 'E1',
  at: NOON,
  service: 'payment-service',
  severity: 'ERROR',
  text: 'HikariPool-1 - Connection is not available, request timed out after 30000ms',
  recordId: 'event-1',
  role: 'representative',
  ...facts,
})

export const reportOf = (facts: Partial<Report> = {}): Report => ({
  status: 'analysed',
  source: 'rules',
  language: 'en',
  summary: 'No free connection is left in the database connection pool.',
  analogy: 'All ten checkout counters are held by slow customers.',
  hypotheses: [
    {
      id: 'H1',
      cause: 'No free connection is left in the database connection pool.',
      category: 'resource_exhaustion',
      confidence: 'high',
      support: ['E1', 'C1', 'K1'],
    },
  ],
  actions: [
    {
      text: 'List the longest queries. `select * from pg_stat_activity` Rows older than 30 s hold the pool.',
      risk: 'read_only',
      knowledge: 'K1',
    },
    { text: 'Roll back. `kubectl rollout undo deployment/<name>`', risk: 'reversible', knowledge: 'K1' },
    { text: 'End the query with `select pg_terminate_backend(<pid>)`', risk: 'destructive', knowledge: 'K1' },
  ],
  missing: [],
  evidence: [evidenceOf({ count: 14 })],
  knowledge: [
    { id: 'K1', runbook: 'db-pool-exhausted', title: 'Database connection pool exhausted', score: 1, exact: true },
  ],
  past: [],
  changes: [{ id: 'C1', service: 'payment-service', at: NOON - 120_000, from: '1.14.1', to: '1.14.2' }],
  injectionSuspected: false,
  writtenAt: NOON,
  ...facts,
})
