/** One incident: is it true, since when, who else is hit, why, and what to do first. */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ApiError } from '../api/client'
import type { IncidentDetail } from '../api/nouns'
import { incidentQuery } from '../api/queries'
import { IncidentTimeline } from '../chart/timeline'
import { useLanguage } from '../language/language'
import { Icon } from '../shell/icon'
import { useTitle } from '../shell/page'
import { Empty, Loaded } from '../shell/states'
import { CitationProvider } from './citation'
import { EvidenceList, SampleList } from './evidence'
import { Facts } from './facts'
import { Grouping } from './grouping'
import { IncidentHeader } from './incident-header'
import { PastIncidents } from './past'
import { ReportView } from './report'
import './incident.css'

const route = getRouteApi('/i/$id')

export function IncidentPage() {
  const { t, language } = useLanguage()
  const { id } = route.useParams()
  const query = useQuery(incidentQuery(id, language))
  const missing = query.error instanceof ApiError && query.error.status === 404
  return (
    <div className="page incident-page">
      <Link to="/" className="back-link">
        <Icon name="back" />
        {t.incident.back}
      </Link>
      {missing ? (
        <Missing id={id} />
      ) : (
        <Loaded query={query} rows={12}>
          {(detail) => <Detail detail={detail} />}
        </Loaded>
      )}
    </div>
  )
}

function Detail({ detail }: { detail: IncidentDetail }) {
  const { t } = useLanguage()
  const { incident, report, samples, timeline } = detail
  const navigate = route.useNavigate()
  const { at } = route.useSearch()
  useTitle(`${incident.severity} ${incident.service} ${incident.title}`)
  return (
    <CitationProvider
      known={
        report === undefined
          ? []
          : [...report.evidence, ...report.knowledge, ...report.past, ...report.changes].map((item) => item.id)
      }
      active={at}
      onActive={(next) => void navigate({ search: { at: next }, replace: true, resetScroll: false })}
    >
      <IncidentHeader incident={incident} />
      <IncidentTimeline timeline={timeline} severity={incident.severity} />
      <div className="incident-columns-2">
        <div className="incident-left">
          <ReportView incident={incident} report={report} feedback={detail.feedback} />
          {report !== undefined && report.evidence.length > 0 && (
            <section className="section" aria-labelledby="evidence-title">
              <div className="section-head">
                <h2 id="evidence-title">{t.incident.evidence}</h2>
                <Link
                  to="/logs"
                  search={{ q: `service:${incident.service}`, from: timeline.from, to: timeline.to }}
                  className="small"
                >
                  {t.incident.openInLogs}
                </Link>
              </div>
              <EvidenceList evidence={report.evidence} />
            </section>
          )}
          <PastIncidents past={report?.past ?? []} />
          {samples.length > 0 && (
            <section className="section" aria-labelledby="samples-title">
              <div className="section-head">
                <h2 id="samples-title">{t.incident.samples}</h2>
              </div>
              <SampleList samples={samples} />
            </section>
          )}
          <Grouping incident={incident} members={detail.members} />
        </div>
        <Facts detail={detail} />
      </div>
    </CitationProvider>
  )
}

function Missing({ id }: { id: string }) {
  const { t } = useLanguage()
  useTitle(t.states.notFound)
  return (
    <Empty title={t.states.notFound}>
      <p>{t.incident.missingId(id)}</p>
    </Empty>
  )
}
