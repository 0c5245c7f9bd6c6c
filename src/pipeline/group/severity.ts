/** Severity: computed from facts, with its reasons; never asked of a model. */
import { withoutFreeText } from '../free-text.ts'
import type { Incident, IncidentSeverity, SeverityReason } from '../incident.ts'
import { SEVERITY } from '../record.ts'
import type { GroupedEvent } from '../store.ts'

const MANY_PODS = 3
const HIGH_RATE_PER_MINUTE = 30
const DATA_LOSS = /data ?loss|corrupt(?:ed|ion)|lost (?:\d+ )?(?:messages|records|events)|데이터 ?유실|손상/i

/** Severity only rises while an incident lives: a person who was told SEV2 must not find it SEV3 for no reason. */
export function judgeSeverity(incident: Incident, events: readonly GroupedEvent[], busiestMinute: number): Incident {
  const reasons = new Map<SeverityReason['key'], SeverityReason>(
    incident.severityReasons.map((reason) => [reason.key, reason]),
  )
  const add = (key: SeverityReason['key'], params: SeverityReason['params'] = {}): void =>
    void reasons.set(key, { key, params })
  if (events.some((event) => event.record.severity.number >= SEVERITY.FATAL.number)) add('fatal')
  if (events.some((event) => DATA_LOSS.test(withoutFreeText(event.record.message)))) add('data_loss')
  if (incident.pods.length >= MANY_PODS) add('many_pods', { pods: incident.pods.length })
  if (busiestMinute >= HIGH_RATE_PER_MINUTE || reasons.has('high_rate')) {
    const before = Number(reasons.get('high_rate')?.params['perMinute'] ?? 0)
    add('high_rate', { perMinute: Math.max(before, busiestMinute) })
  }
  if (incident.regressions > 0) add('regressed', { times: incident.regressions })
  const raised = Number(
    reasons.has('fatal') || reasons.has('many_pods') || reasons.has('high_rate') || reasons.has('spike'),
  )
  const level = reasons.has('data_loss')
    ? 1
    : reasons.has('high_rate') && (reasons.has('many_pods') || reasons.has('fatal'))
      ? 1
      : 3 - raised
  const severity = `SEV${Math.min(level, Number(incident.severity.slice(3)))}` as IncidentSeverity
  return { ...incident, severity, severityReasons: [...reasons.values()] }
}
