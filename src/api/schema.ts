/**
 * The API's nouns as schemas: one place for validation, types, OpenAPI and the dashboard's client. Times are Unix
 * milliseconds.
 */
import { z } from 'zod'
import { CAUSE_CATEGORIES } from '../pipeline/incident.ts'

const count = z.number().int().nonnegative()
const at = z.number().describe('Unix milliseconds')
const counts = z.record(z.string(), count)

export const incidentState = z.enum(['open', 'acknowledged', 'regressed', 'quiet', 'resolved', 'merged'])
export const incidentSeverity = z.enum(['SEV1', 'SEV2', 'SEV3', 'SEV4'])
export const uiLanguage = z.enum(['ko', 'en'])
export const logLevel = z.enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'])

export const incidentSchema = z
  .object({
    id: z.string(),
    fingerprint: z.string(),
    service: z.string(),
    title: z.string(),
    template: z.string(),
    basis: z.enum(['exception', 'template', 'rule']),
    explanation: z.array(z.string()).describe('What was hashed: why these lines are one incident'),
    exception: z
      .object({
        type: z.string(),
        message: z.string(),
        root: z.object({ type: z.string(), message: z.string() }).optional(),
      })
      .optional(),
    severity: incidentSeverity,
    severityReasons: z.array(
      z.object({
        key: z.string(),
        params: z.record(z.string(), z.union([z.string(), z.number()])),
        text: z.string().optional(),
      }),
    ),
    state: incidentState,
    count,
    firstSeen: at,
    lastSeen: at,
    openedAt: at,
    namespaces: z.array(z.string()),
    pods: z.array(z.string()),
    versions: z.array(z.string()),
    traceIds: z.array(z.string()),
    mutedUntil: at.optional(),
    fold: z
      .object({ under: z.string(), reason: z.enum(['trace', 'call', 'downstream', 'storm']) })
      .optional()
      .describe('The incident whose message tells of this one, and why'),
    downstream: z.string().optional().describe('host:port that could not be reached'),
    callees: z.array(z.string()).describe('Services whose call failed, as the error names them'),
    mergedInto: z.string().optional().describe('Id of the incident that this one is part of'),
    acknowledgedBy: z.string().optional(),
    resolvedBy: z.string().optional(),
    stateChangedAt: at,
    regressions: count,
    spikes: count,
    spikedAt: at.optional(),
  })
  .meta({ id: 'Incident' })

export const evidenceSchema = z
  .object({
    id: z.string().describe('E1, E2, … as cited by the report'),
    at,
    service: z.string(),
    severity: z.string(),
    text: z.string(),
    recordId: z.string(),
    role: z.enum(['representative', 'first', 'precursor', 'cascade', 'cause', 'change', 'context']),
    file: z.string().optional(),
    line: z.number().optional(),
    count: count.optional(),
  })
  .meta({ id: 'Evidence' })

export const reportSchema = z
  .object({
    status: z.enum(['analysed', 'insufficient_evidence']),
    source: z.enum(['rules', 'model']),
    model: z.string().optional(),
    language: uiLanguage,
    summary: z.string(),
    analogy: z.string().optional(),
    hypotheses: z.array(
      z.object({
        id: z.string(),
        cause: z.string(),
        category: z.enum(CAUSE_CATEGORIES),
        confidence: z.enum(['high', 'medium', 'low']),
        support: z.array(z.string()).describe('Ids of evidence (E), runbooks (K), past incidents (I) and changes (C)'),
      }),
    ),
    actions: z.array(
      z.object({
        text: z.string(),
        risk: z.enum(['read_only', 'reversible', 'destructive']),
        knowledge: z.string().optional(),
      }),
    ),
    missing: z.array(z.string()),
    evidence: z.array(evidenceSchema),
    knowledge: z.array(
      z.object({ id: z.string(), runbook: z.string(), title: z.string(), score: z.number(), exact: z.boolean() }),
    ),
    past: z.array(
      z.object({
        id: z.string(),
        incident: z.string(),
        title: z.string(),
        lastSeen: at,
        similarity: z.number(),
        sameError: z.literal(true).optional().describe('This very error, earlier'),
        confirmed: z.literal(true).optional().describe('A person said what caused or mended it'),
        cause: z.string().optional().describe('The confirmed cause'),
        fix: z.string().optional(),
      }),
    ),
    changes: z.array(
      z.object({ id: z.string(), service: z.string(), at, from: z.string().optional(), to: z.string() }),
    ),
    injectionSuspected: z.boolean(),
    degraded: z
      .enum(['store', 'vectors'])
      .optional()
      .describe('Runbooks were searched without the shared store, or without vectors'),
    writtenAt: at,
  })
  .meta({ id: 'Report' })

export const incidentRowSchema = incidentSchema
  .extend({
    cause: z.string().optional().describe('First hypothesis in one line'),
    confidence: z.enum(['high', 'medium', 'low']).optional(),
    sparkline: z.array(count).describe('Events per step of the histogram'),
  })
  .meta({ id: 'IncidentRow' })

export const histogramSchema = z
  .object({ from: at, to: at, stepMs: z.number(), points: z.array(z.object({ at, counts })) })
  .meta({ id: 'Histogram' })

export const incidentListSchema = z
  .object({
    incidents: z.array(incidentRowSchema),
    facets: z.object({ state: counts, severity: counts, service: counts, namespace: counts, version: counts }),
    histogram: histogramSchema.describe('Events of all matching incidents by severity of the incident'),
    lastRecordAt: at.optional().describe('When the last line was received'),
    now: at,
  })
  .meta({ id: 'IncidentList' })

export const logRecordSchema = z
  .object({
    id: z.string(),
    at,
    observedAt: at,
    level: logLevel,
    service: z.string(),
    message: z.string(),
    body: z.string(),
    traceId: z.string().optional(),
    namespace: z.string().optional(),
    pod: z.string().optional(),
    node: z.string().optional(),
    version: z.string().optional(),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: 'LogRecord' })

export const notificationSchema = z
  .object({
    incident: z.string(),
    mode: z.enum(['bot', 'webhook', 'preview']),
    channel: z.string().optional(),
    ts: z.string().optional(),
    postedAt: at.optional(),
    text: z.string(),
    blocks: z.array(z.record(z.string(), z.unknown())).describe('Block Kit blocks, as sent'),
    thread: z.array(
      z.object({ text: z.string(), blocks: z.array(z.record(z.string(), z.unknown())), broadcast: z.boolean() }),
    ),
    pending: z.boolean(),
    fault: z.string().optional(),
  })
  .meta({ id: 'Notification' })

export const incidentDetailSchema = z
  .object({
    incident: incidentSchema,
    report: reportSchema.optional(),
    samples: z.array(logRecordSchema),
    timeline: z.object({
      from: at,
      to: at,
      stepMs: z.number(),
      points: z.array(z.object({ at, count })),
      deploys: z.array(z.object({ at, service: z.string(), from: z.string().optional(), to: z.string() })),
      firstAnomalyAt: at.optional(),
    }),
    related: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        service: z.string(),
        severity: incidentSeverity,
        state: incidentState,
        count,
        firstSeen: at,
        why: z.enum(['same_trace', 'same_time']),
      }),
    ),
    members: z
      .array(
        z.object({
          fingerprint: z.string(),
          template: z.string(),
          count,
          own: z.boolean().describe('The kind that opened the incident: it cannot be split off'),
          incident: z.string().optional().describe('Id of the incident that it was before it was merged'),
        }),
      )
      .describe('The kinds of error that are one incident'),
    notification: notificationSchema.optional(),
    feedback: z.array(
      z.object({ hypothesis: z.string(), verdict: z.string(), note: z.string().nullable(), actor: z.string(), at }),
    ),
  })
  .meta({ id: 'IncidentDetail' })

export const logPageSchema = z
  .object({
    records: z.array(logRecordSchema),
    histogram: histogramSchema,
    facets: z.object({ level: counts, service: counts }),
    total: count,
    next: z.string().optional().describe('Pass as `before` for the next page of older lines'),
  })
  .meta({ id: 'LogPage' })

const tallySchema = z.object({ received: count, kept: count, dropped: counts, rejected: counts, balanced: z.boolean() })
export const pipelineSchema = z
  .object({
    ledger: z.object({ decode: tallySchema, filter: tallySchema, group: tallySchema }),
    balanced: z.boolean(),
    faults: z.array(z.string()),
    ratePerSecond: z.number(),
    lastRecordAt: at.optional(),
    sources: z.array(
      z.object({
        name: z.string(),
        shard: z.string(),
        lagMs: z.number().optional(),
        lastRecordAt: at.optional(),
        ackedUntil: at.optional().describe('Arrival of the last record that is acknowledged'),
        state: z.enum(['reading', 'waiting', 'failing']),
        detail: z.string().optional(),
      }),
    ),
    archive: z.object({ objects: count, bytes: count, pendingRecords: count, location: z.string() }),
    index: z.object({
      location: z.string(),
      state: z
        .enum(['ok', 'waiting', 'owing'])
        .describe(
          'waiting: it is away, and the source waits with it. owing: lines go to the archive and are indexed later.',
        ),
      since: at.optional(),
      fault: z.string().optional(),
      refused: count.describe('Records that it refused since the start; they are in quarantine'),
      debt: z.object({ objects: count, records: count, oldestAt: at.optional(), lastFault: z.string().optional() }),
    }),
    outbox: z.object({
      pending: count,
      oldestPendingAt: at.optional(),
      posted: count,
      lastFault: z.string().optional(),
      mode: z.enum(['bot', 'webhook', 'preview']),
    }),
    lineToMessageMs: z.object({ p50: z.number(), p95: z.number(), samples: count }),
    probe: z.object({
      intervalMs: z.number().describe('0: no test error is sent'),
      objectiveMs: z.number(),
      sentAt: at.optional(),
      arrived: z.object({ sentAt: at, at }).optional().describe('The last one that reached the outbox'),
    }),
    incidents: z.record(incidentState, count).describe('Incidents by state'),
    quarantine: z.array(
      z.object({
        id: z.string(),
        at,
        reason: z.string(),
        detail: z.string(),
        position: z.string(),
        preview: z.string(),
        objectKey: z.string(),
        bytes: count,
      }),
    ),
  })
  .meta({ id: 'Pipeline' })

export const statusSchema = z
  .object({
    name: z.literal('cali'),
    version: z.string(),
    startedAt: at,
    language: uiLanguage,
    timeZone: z.string(),
    analysis: z.object({ mode: z.enum(['rules', 'model']), runbooks: count, model: z.string().optional() }),
    slack: z.object({ mode: z.enum(['bot', 'webhook', 'preview']), channel: z.string().optional() }),
    sources: z.array(z.string()),
    dataDir: z.string(),
  })
  .meta({ id: 'Status' })

export const patternSchema = z
  .object({
    fingerprint: z.string(),
    service: z.string(),
    level: z.string(),
    template: z.string(),
    count,
    firstSeen: at,
    lastSeen: at,
    incident: z.string().optional(),
  })
  .meta({ id: 'Pattern' })

export const knowledgeDocumentSchema = z
  .object({
    id: z.string(),
    language: uiLanguage,
    title: z.string(),
    category: z.string(),
    tags: z.array(z.string()),
    source: z.string(),
    markdown: z.string().optional(),
  })
  .meta({ id: 'KnowledgeDocument' })

export const rulePreviewSchema = z
  .object({
    records: count,
    from: at,
    to: at,
    before: z.object({ keep: count, archive: count, drop: count }),
    after: z.object({ keep: count, archive: count, drop: count }),
    byRule: z.array(z.object({ rule: z.string(), action: z.enum(['keep', 'archive', 'drop']), records: count })),
    changedExamples: z.array(z.object({ record: logRecordSchema, before: z.string(), after: z.string() })),
    incidentsAffected: z.array(z.object({ id: z.string(), title: z.string(), service: z.string() })),
  })
  .meta({ id: 'RulePreview' })

/** Event of /api/events, which stands outside the routes: its id puts it into the OpenAPI document. @public */
export const liveEventSchema = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('incident'),
      id: z.string(),
      kind: z.enum(['opened', 'counted', 'regressed', 'changed']),
    }),
    z.object({ type: z.literal('notification'), incident: z.string() }),
    z.object({ type: z.literal('rules') }),
  ])
  .meta({ id: 'LiveEvent' })

export const errorSchema = z
  .object({ error: z.object({ code: z.string(), message: z.string() }) })
  .meta({ id: 'Error' })
