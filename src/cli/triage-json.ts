import type { Triage } from '../app/triage.ts'

/** The machine form of a triage: a contract of the command line. */
export function triageJson(result: Triage): unknown {
  return {
    lines: result.lines,
    unreadable: result.unreadable,
    failures: result.failures,
    incidents: result.incidents.map(({ incident, report }) => ({
      id: incident.id,
      severity: incident.severity,
      service: incident.service,
      title: incident.title,
      template: incident.template,
      exception: incident.exception ?? null,
      count: incident.count,
      firstSeen: new Date(incident.firstSeen).toISOString(),
      lastSeen: new Date(incident.lastSeen).toISOString(),
      // The incident that this one began with, and why; it is told there.
      fold: incident.fold ?? null,
      evidence: report.evidence.map(({ id, file, line, text }) => ({
        id,
        file: file ?? null,
        line: line ?? null,
        text,
      })),
      report: {
        status: report.status,
        summary: report.summary,
        ...(report.analogy === undefined ? {} : { analogy: report.analogy }),
        hypotheses: report.hypotheses.map(({ cause, category, confidence, support }) => ({
          cause,
          category,
          confidence,
          support,
        })),
        actions: report.actions.map(({ text, risk }) => ({ text, risk })),
        knowledge: report.knowledge,
        missing: report.missing,
      },
    })),
  }
}
