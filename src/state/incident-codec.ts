import type { Incident } from '../pipeline/incident.ts'
import type { IncidentRow } from './database.ts'

export function incidentOfRow(row: IncidentRow): Incident {
  return {
    id: row.id,
    fingerprint: row.fingerprint,
    service: row.service,
    title: row.title,
    template: row.template,
    basis: row.basis as Incident['basis'],
    explanation: JSON.parse(row.explanation),
    ...(row.exception === null ? {} : { exception: JSON.parse(row.exception) }),
    severity: row.severity as Incident['severity'],
    severityReasons: JSON.parse(row.severity_reasons),
    state: row.state as Incident['state'],
    count: Number(row.count),
    firstSeen: Number(row.first_seen),
    lastSeen: Number(row.last_seen),
    openedAt: Number(row.opened_at),
    namespaces: JSON.parse(row.namespaces),
    pods: JSON.parse(row.pods),
    versions: JSON.parse(row.versions),
    traceIds: JSON.parse(row.trace_ids),
    ...(row.muted_until === null ? {} : { mutedUntil: Number(row.muted_until) }),
    ...(row.folded_under === null
      ? {}
      : { fold: { under: row.folded_under, reason: row.fold_reason as 'trace' | 'downstream' | 'storm' } }),
    ...(row.downstream === null ? {} : { downstream: row.downstream }),
    ...(row.merged_into === null ? {} : { mergedInto: row.merged_into }),
    ...(row.acknowledged_by === null ? {} : { acknowledgedBy: row.acknowledged_by }),
    ...(row.resolved_by === null ? {} : { resolvedBy: row.resolved_by }),
    stateChangedAt: Number(row.state_changed_at),
    regressions: row.regressions,
    spikes: row.spikes,
    ...(row.spiked_at === null ? {} : { spikedAt: Number(row.spiked_at) }),
  }
}

export function rowOfIncident(incident: Incident): IncidentRow {
  return {
    id: incident.id,
    fingerprint: incident.fingerprint,
    service: incident.service,
    title: incident.title,
    template: incident.template,
    basis: incident.basis,
    explanation: JSON.stringify(incident.explanation),
    exception: incident.exception === undefined ? null : JSON.stringify(incident.exception),
    severity: incident.severity,
    severity_reasons: JSON.stringify(incident.severityReasons),
    state: incident.state,
    count: incident.count,
    first_seen: incident.firstSeen,
    last_seen: incident.lastSeen,
    opened_at: incident.openedAt,
    namespaces: JSON.stringify(incident.namespaces),
    pods: JSON.stringify(incident.pods),
    versions: JSON.stringify(incident.versions),
    trace_ids: JSON.stringify(incident.traceIds),
    muted_until: incident.mutedUntil ?? null,
    merged_into: incident.mergedInto ?? null,
    folded_under: incident.fold?.under ?? null,
    fold_reason: incident.fold?.reason ?? null,
    downstream: incident.downstream ?? null,
    acknowledged_by: incident.acknowledgedBy ?? null,
    resolved_by: incident.resolvedBy ?? null,
    state_changed_at: incident.stateChangedAt,
    regressions: incident.regressions,
    spikes: incident.spikes,
    spiked_at: incident.spikedAt ?? null,
  }
}
