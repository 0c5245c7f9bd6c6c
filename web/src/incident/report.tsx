/** What CALI says about the incident. Every claim carries its citations; feedback stands beside each hypothesis. */
import type { Incident, IncidentDetail, Report } from '../api/nouns'
import { useLanguage } from '../language/language'
import { Clock } from '../language/time'
import { ConfidenceTag } from '../severity/severity'
import { Icon } from '../shell/icon'
import { Citation, ReportText } from './citation'
import { HypothesisFeedback } from './feedback'
import './report.css'

interface Props {
  incident: Incident
  report: Report | undefined
  feedback: IncidentDetail['feedback']
}

export function ReportView({ incident, report, feedback }: Props) {
  const { t } = useLanguage()
  if (report === undefined) {
    return (
      <section className="report" aria-labelledby="report-title">
        <h2 id="report-title">{t.incident.report}</h2>
        <p className="muted">{t.incident.pending}</p>
      </section>
    )
  }
  return (
    <section className="report" aria-labelledby="report-title" lang={report.language}>
      <div className="section-head">
        <h2 id="report-title">{t.incident.report}</h2>
        <span className="faint small">
          {report.source === 'model' ? t.incident.byModel(report.model ?? '') : t.incident.byRules} ·{' '}
          <Clock at={report.writtenAt} />
        </span>
      </div>
      {report.injectionSuspected && (
        <p className="notice" role="note">
          <Icon name="warning" />
          {t.incident.injection}
        </p>
      )}
      {report.degraded !== undefined && (
        <p className="notice" role="note">
          <Icon name="warning" />
          {t.incident.degraded[report.degraded]}
        </p>
      )}
      {report.status === 'insufficient_evidence' && (
        <p className="notice" role="note">
          <Icon name="warning" />
          {t.incident.insufficient}
        </p>
      )}
      <p className="report-summary">
        <ReportText text={report.summary} />
      </p>
      {report.analogy !== undefined && (
        <p className="report-analogy">
          <span className="faint">{t.incident.analogy}</span> <ReportText text={report.analogy} />
        </p>
      )}
      <Hypotheses incident={incident} report={report} feedback={feedback} />
      <Actions report={report} />
      <FixNotes feedback={feedback} />
      {report.missing.length > 0 && (
        <>
          <h3>{t.incident.missing}</h3>
          <ul className="report-missing">
            {report.missing.map((text) => (
              <li key={text}>
                <ReportText text={text} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function Hypotheses({
  incident,
  report,
  feedback,
}: {
  incident: Incident
  report: Report
  feedback: IncidentDetail['feedback']
}) {
  const { t } = useLanguage()
  if (report.hypotheses.length === 0) return null
  return (
    <>
      <h3>{t.incident.hypotheses}</h3>
      <ol className="hypotheses">
        {report.hypotheses.map((hypothesis) => (
          <li key={hypothesis.id}>
            <p className="hypothesis-cause">
              <ReportText text={hypothesis.cause} />
            </p>
            <div className="hypothesis-facts">
              <ConfidenceTag confidence={hypothesis.confidence} />
              <span className="faint small">{t.category[hypothesis.category] ?? hypothesis.category}</span>
              <span className="citations">
                <span className="hidden-text">{t.incident.citations}</span>
                {hypothesis.support.map((id) => (
                  <Citation key={id} id={id} />
                ))}
              </span>
              <HypothesisFeedback
                incident={incident.id}
                hypothesis={hypothesis.id}
                given={feedback.filter((entry) => entry.hypothesis === hypothesis.id)}
              />
            </div>
          </li>
        ))}
      </ol>
    </>
  )
}

/** What people said had fixed it. */
function FixNotes({ feedback }: { feedback: IncidentDetail['feedback'] }) {
  const { t } = useLanguage()
  const notes = feedback.filter(({ hypothesis, note }) => hypothesis === 'fix' && note !== null && note !== '')
  if (notes.length === 0) return null
  return (
    <>
      <h3>{t.incident.fixNote}</h3>
      <ul className="report-missing">
        {notes.map(({ note, actor, at }) => (
          <li key={`${at}${actor}`}>
            {note}{' '}
            <span className="faint small">
              {actor}, <Clock at={at} />
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Actions({ report }: { report: Report }) {
  const { t } = useLanguage()
  if (report.actions.length === 0) return null
  return (
    <>
      <h3>{t.incident.actions}</h3>
      <ol className="report-actions">
        {report.actions.map(({ text, risk, knowledge }) => (
          <li key={text}>
            <ReportText text={text} /> <span className={`risk ${risk}`}>{t.risk[risk]}</span>{' '}
            {knowledge !== undefined && <Citation id={knowledge} />}
          </li>
        ))}
      </ol>
    </>
  )
}
