/** The facts beside the report: what is hit, which versions, what else happened, and where the message is. */
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { Change, IncidentDetail, Notification, Report } from '../api/nouns'
import { useLanguage } from '../language/language'
import { Ago, Clock } from '../language/time'
import { LogText, TemplateText } from '../log-text/log-text'
import { SeverityTag, StateTag } from '../severity/severity'
import { useCitationTarget } from './citation'

const SHOWN = 4

export function Facts({ detail }: { detail: IncidentDetail }) {
  const { t } = useLanguage()
  const { incident, report, related, notification } = detail
  return (
    <aside className="facts" aria-label={t.incident.facts}>
      <dl className="fact-list">
        <Fact name={t.incident.service}>
          <Link to="/" search={{ service: incident.service, state: 'all' }}>
            {incident.service}
          </Link>
        </Fact>
        <Fact name={t.incident.namespaces} show={incident.namespaces.length > 0}>
          {incident.namespaces.join(', ')}
        </Fact>
        <Fact name={t.incident.versions} show={incident.versions.length > 0}>
          <Values values={incident.versions} />
        </Fact>
        <Fact name={t.incident.firstSeen}>
          <Clock at={incident.firstSeen} />
        </Fact>
        <Fact name={t.incident.lastSeen}>
          <Clock at={incident.lastSeen} />{' '}
          <span className="faint">
            (<Ago at={incident.lastSeen} />)
          </span>
        </Fact>
        {incident.exception !== undefined && (
          <Fact name={t.incident.exception}>
            <span className="mono">
              <LogText text={incident.exception.type} />
            </span>
          </Fact>
        )}
        {incident.exception?.root !== undefined && (
          <Fact name={t.incident.rootCause}>
            <span className="mono">
              <LogText text={`${incident.exception.root.type}: ${incident.exception.root.message}`} />
            </span>
          </Fact>
        )}
        <Fact name={t.incident.podList} show={incident.pods.length > 0}>
          <Values values={incident.pods} search={(pod) => `pod:${pod}`} />
        </Fact>
        <Fact name={t.incident.traces} show={incident.traceIds.length > 0}>
          <Values values={incident.traceIds} search={(trace) => `trace:${trace}`} />
        </Fact>
      </dl>

      <Changes changes={report?.changes ?? []} />
      <Runbooks knowledge={report?.knowledge ?? []} />

      <h2>{t.incident.related}</h2>
      <Related related={related} />

      <h2>{t.incident.slack}</h2>
      <SlackState notification={notification} />
    </aside>
  )
}

function Fact({ name, show = true, children }: { name: string; show?: boolean; children: ReactNode }) {
  if (!show) return null
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Values({ values, search }: { values: readonly string[]; search?: (value: string) => string }) {
  const { t } = useLanguage()
  const item = (value: string): ReactNode => (
    <li key={value} className="mono truncate" title={value}>
      {search === undefined ? (
        <LogText text={value} />
      ) : (
        <Link to="/logs" search={{ q: search(value) }}>
          <LogText text={value} />
        </Link>
      )}
    </li>
  )
  return (
    <>
      <ul>{values.slice(0, SHOWN).map(item)}</ul>
      {values.length > SHOWN && (
        <details>
          <summary className="faint">{t.facet.more(values.length - SHOWN)}</summary>
          <ul>{values.slice(SHOWN).map(item)}</ul>
        </details>
      )}
    </>
  )
}

function Related({ related }: { related: IncidentDetail['related'] }) {
  const { t } = useLanguage()
  const [all, setAll] = useState(false)
  if (related.length === 0) return <p className="faint">{t.incident.noRelated}</p>
  const rest = related.length - SHOWN
  return (
    <>
      <ul className="related">
        {(all ? related : related.slice(0, SHOWN)).map((other) => (
          <li key={other.id}>
            <span className="related-head">
              <SeverityTag severity={other.severity} />
              <span className="muted truncate">{other.service}</span>
              <StateTag state={other.state} />
            </span>
            <Link to="/i/$id" params={{ id: other.id }}>
              <TemplateText text={other.title} />
            </Link>
            <span className="faint small">
              {other.why === 'same_trace' ? t.incident.sameTrace : t.incident.sameTime} · <Clock at={other.firstSeen} />
            </span>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <button type="button" className="text-button" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t.facet.less : t.facet.more(rest)}
        </button>
      )}
    </>
  )
}

function Changes({ changes }: { changes: readonly Change[] }) {
  const { t } = useLanguage()
  if (changes.length === 0) return null
  return (
    <>
      <h2>{t.incident.changes}</h2>
      <ul className="cited-list">
        {changes.map((change) => (
          <ChangeItem key={change.id} change={change} />
        ))}
      </ul>
    </>
  )
}

function ChangeItem({ change }: { change: Change }) {
  const { t } = useLanguage()
  const target = useCitationTarget(change.id)
  return (
    <li {...target}>
      <span className="citation-id">{change.id}</span>
      <span>
        {t.incident.change(change.service, change.from, change.to)}{' '}
        <span className="faint">
          <Clock at={change.at} />
        </span>
      </span>
    </li>
  )
}

function Runbooks({ knowledge }: { knowledge: Report['knowledge'] }) {
  const { t } = useLanguage()
  if (knowledge.length === 0) return null
  return (
    <>
      <h2>{t.incident.knowledge}</h2>
      <ul className="cited-list">
        {knowledge.map((hit) => (
          <Runbook key={hit.id} hit={hit} />
        ))}
      </ul>
    </>
  )
}

function Runbook({ hit }: { hit: Report['knowledge'][number] }) {
  const { t, format } = useLanguage()
  const target = useCitationTarget(hit.id)
  return (
    <li {...target}>
      <span className="citation-id">{hit.id}</span>
      <span>
        <Link to="/knowledge/$id" params={{ id: hit.runbook }}>
          {hit.title}
        </Link>{' '}
        <span className="faint small">
          {hit.exact ? t.incident.exact : t.incident.score(format.percent(hit.score))}
        </span>
      </span>
    </li>
  )
}

function SlackState({ notification }: { notification: Notification | undefined }) {
  const { t } = useLanguage()
  if (notification === undefined) return <p className="faint">{t.incident.slackNone}</p>
  const { fault, pending, mode, postedAt, channel, incident } = notification
  return (
    <p>
      {fault !== undefined ? (
        <>
          {t.incident.slackFault}: {fault}
        </>
      ) : mode === 'preview' ? (
        t.incident.slackPreview
      ) : pending || postedAt === undefined ? (
        t.incident.slackPending
      ) : (
        <Posted at={postedAt} />
      )}
      {channel !== undefined && mode !== 'preview' && <span className="faint"> · {channel}</span>}{' '}
      <Link to="/slack" search={{ incident }}>
        {t.incident.slackSee}
      </Link>
    </p>
  )
}

function Posted({ at }: { at: number }) {
  const { t, format } = useLanguage()
  return <span title={format.exact(at)}>{t.incident.slackPosted(format.clock(at))}</span>
}
