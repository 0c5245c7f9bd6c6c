/** Severity, state, level and confidence: always a word; colour only where it means severity. */
import type { Confidence, IncidentState, LogLevel, Severity } from '../api/nouns'
import { useLanguage } from '../language/language'
import './severity.css'

export const SEVERITIES: readonly Severity[] = ['SEV1', 'SEV2', 'SEV3', 'SEV4']
export const STATES: readonly IncidentState[] = ['open', 'acknowledged', 'regressed', 'quiet', 'resolved', 'merged']
export const ACTIVE_STATES: readonly IncidentState[] = ['open', 'acknowledged', 'regressed']
export const LEVELS: readonly LogLevel[] = ['FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE']

/** The CSS colour of each severity and level in charts. */
export const FILL: Readonly<Record<string, string>> = {
  SEV1: '--sev1-fill',
  SEV2: '--sev2-fill',
  SEV3: '--sev3-fill',
  SEV4: '--sev4-fill',
  FATAL: '--sev1-fill',
  ERROR: '--sev2-fill',
  WARN: '--sev3-fill',
  INFO: '--sev4-fill',
  DEBUG: '--sev5-fill',
  TRACE: '--sev5-fill',
}

const MARKS: Record<IncidentState, string> = {
  open: '●',
  acknowledged: '◐',
  regressed: '↻',
  quiet: '○',
  resolved: '✓',
  merged: '⇥',
}

export function SeverityTag({ severity }: { severity: Severity }) {
  const { t } = useLanguage()
  return (
    <span className={`severity ${severity.toLowerCase()}`} title={`${t.severity.label}: ${t.severity[severity]}`}>
      {severity}
    </span>
  )
}

export function LevelTag({ level }: { level: string }) {
  return <span className={`level level-${level.toLowerCase()}`}>{level}</span>
}

export function StateTag({ state }: { state: IncidentState }) {
  const { t } = useLanguage()
  return (
    <span className={`incident-state ${state}`}>
      <span aria-hidden="true">{MARKS[state]}</span> {t.state[state]}
    </span>
  )
}

export function ConfidenceTag({ confidence }: { confidence: Confidence }) {
  const { t } = useLanguage()
  const filled = { high: 3, medium: 2, low: 1 }[confidence]
  return (
    <span className="confidence">
      <span aria-hidden="true" className="confidence-bars">
        {[1, 2, 3].map((bar) => (
          <i key={bar} className={bar <= filled ? 'on' : ''} />
        ))}
      </span>
      {t.confidence[confidence]}
    </span>
  )
}
