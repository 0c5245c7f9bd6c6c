/** The lines a report stands on, as they were logged, with the lines around them on request. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Evidence, LogRecord } from '../api/nouns'
import { contextQuery } from '../api/queries'
import { useLanguage } from '../language/language'
import { Clock } from '../language/time'
import { LogBlock } from '../log-text/log-block'
import { LogText } from '../log-text/log-text'
import { LevelTag } from '../severity/severity'
import { CopyButton } from '../shell/copy'
import { Failure, Loading } from '../shell/states'
import { useCitationTarget } from './citation'
import './evidence.css'

export function EvidenceList({ evidence }: { evidence: readonly Evidence[] }) {
  return (
    <ol className="evidence-list">
      {evidence.map((item) => (
        <EvidenceItem key={item.id} item={item} />
      ))}
    </ol>
  )
}

function EvidenceItem({ item }: { item: Evidence }) {
  const { t, format } = useLanguage()
  const target = useCitationTarget(item.id)
  return (
    <li {...target} className={`evidence ${target.className}`}>
      <div className="evidence-head">
        <span className="citation-id">{item.id}</span>
        <span className="mono num">
          <Clock at={item.at} millis />
        </span>
        <LevelTag level={item.severity} />
        <span className="truncate muted">{item.service}</span>
        <span className="tag">{t.incident.role[item.role] ?? item.role}</span>
        {item.count !== undefined && item.count > 1 && (
          <span className="faint small num">{t.incident.repeated(format.number(item.count))}</span>
        )}
        {item.file !== undefined && (
          <span className="faint mono truncate">
            {item.file}
            {item.line === undefined ? '' : `:${item.line}`}
          </span>
        )}
        <span className="evidence-tools">
          <CopyButton text={item.text} />
        </span>
      </div>
      <LogBlock text={item.text} />
      <ContextLines recordId={item.recordId} />
    </li>
  )
}

const SAMPLES = 3

export function SampleList({ samples }: { samples: readonly LogRecord[] }) {
  const { t } = useLanguage()
  const [all, setAll] = useState(false)
  const rest = samples.length - SAMPLES
  return (
    <>
      <ol className="evidence-list">
        {(all ? samples : samples.slice(0, SAMPLES)).map((record) => (
          <li key={record.id} className="evidence">
            <div className="evidence-head">
              <span className="mono num">
                <Clock at={record.at} millis />
              </span>
              <LevelTag level={record.level} />
              <span className="truncate muted">{record.pod ?? record.service}</span>
              <span className="evidence-tools">
                <CopyButton text={record.body} />
              </span>
            </div>
            <LogBlock text={record.body} />
            <ContextLines recordId={record.id} />
          </li>
        ))}
      </ol>
      {rest > 0 && (
        <button type="button" className="text-button samples-more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t.facet.less : t.facet.more(rest)}
        </button>
      )}
    </>
  )
}

const STEP = 5
const MOST = 50

function ContextLines({ recordId }: { recordId: string }) {
  const { t } = useLanguage()
  const [lines, setLines] = useState(0)
  return (
    <>
      {lines > 0 && <Around recordId={recordId} lines={lines} />}
      <div className="context-tools">
        {lines > 0 && (
          <button type="button" className="text-button small" onClick={() => setLines(0)}>
            {t.incident.hideContext}
          </button>
        )}
        {lines < MOST && (
          <button type="button" className="text-button small" onClick={() => setLines(lines === 0 ? STEP : lines * 2)}>
            ± {lines === 0 ? t.incident.showContext : t.incident.moreContext}
          </button>
        )}
        <Link to="/logs" search={{ line: recordId }} className="small">
          {t.incident.openInLogs}
        </Link>
      </div>
    </>
  )
}

function Around({ recordId, lines }: { recordId: string; lines: number }) {
  const { t } = useLanguage()
  const query = useQuery(contextQuery(recordId, Math.min(lines, MOST)))
  if (query.data === undefined) return query.error === null ? <Loading rows={4} /> : <Failure error={query.error} />
  if (query.data.records.length < 2) return <p className="faint small">{t.incident.noContext}</p>
  return (
    <ol className="context-lines">
      {query.data.records.map((record) => (
        <li key={record.id} className={record.id === recordId ? 'own' : ''}>
          <span className="faint num">
            <Clock at={record.at} millis />
          </span>
          <LevelTag level={record.level} />
          <span className="context-text">
            <LogText text={record.message} />
          </span>
        </li>
      ))}
    </ol>
  )
}
