/** The list. One row is one incident: two lines of text at the desk, a few more on a phone. */
import { Link } from '@tanstack/react-router'
import { useRef } from 'react'
import type { IncidentRow } from '../api/nouns'
import { Sparkline } from '../chart/sparkline'
import { type IncidentActions, useIncidentActions } from '../incident/incident-actions'
import { useLanguage } from '../language/language'
import { Ago } from '../language/time'
import { TemplateText, visibleText } from '../log-text/log-text'
import { ConfidenceTag, SeverityTag, StateTag } from '../severity/severity'
import { Icon } from '../shell/icon'
import { useRowKeys } from '../shell/keyboard'

export function IncidentRows({ rows }: { rows: readonly IncidentRow[] }) {
  const { t } = useLanguage()
  const list = useRef<HTMLOListElement>(null)
  const actions = useIncidentActions()
  const on = (act: (incident: IncidentRow) => void) => (id: string) => {
    const incident = rows.find((row) => row.id === id)
    if (incident !== undefined) act(incident)
  }
  useRowKeys(list, {
    e: on((incident) => canAcknowledge(incident) && actions.acknowledge(incident)),
    x: on((incident) => canResolve(incident) && actions.resolve(incident)),
  })
  return (
    <div className="incident-table">
      <div className="incident-columns" aria-hidden="true">
        <span />
        <span />
        <span>{t.incidents.trend}</span>
        <span className="n">{t.incidents.events}</span>
        <span>
          {t.incidents.last} / {t.incidents.first}
        </span>
        <span>{t.state.label}</span>
      </div>
      <ol ref={list} aria-label={t.incidents.list}>
        {rows.map((row) => (
          <Row key={row.id} row={row} actions={actions} />
        ))}
      </ol>
    </div>
  )
}

function Row({ row, actions }: { row: IncidentRow; actions: IncidentActions }) {
  const { t, format } = useLanguage()
  const over = row.state === 'resolved' || row.state === 'quiet'
  return (
    <li className={`incident-row ${over ? 'over' : ''}`} data-row={row.id}>
      <i className={`row-edge fill-${row.severity.toLowerCase()}`} aria-hidden="true" />
      <div className="row-main">
        <div className="row-title">
          <SeverityTag severity={row.severity} />
          <span className="row-service truncate">{row.service}</span>
          <Link to="/i/$id" params={{ id: row.id }} data-row-link className="row-link" title={visibleText(row.title)}>
            <TemplateText text={row.title} />
          </Link>
        </div>
        <div className="row-cause">
          <span className="mono faint row-id">{row.id}</span>
          {row.cause === undefined ? (
            <span className="faint">{t.incidents.noCause}</span>
          ) : (
            <>
              <span className="truncate" title={row.cause}>
                {row.cause}
              </span>
              {row.confidence !== undefined && <ConfidenceTag confidence={row.confidence} />}
            </>
          )}
        </div>
      </div>
      <div className="row-trend">
        <Sparkline counts={row.sparkline} severity={row.severity} />
      </div>
      <div className="row-count num" title={t.incident.events(format.number(row.count))}>
        <span className="hidden-text">{t.incidents.events} </span>×{format.short(row.count)}
      </div>
      <div className="row-times">
        <span>
          <span className="hidden-text">{t.incidents.last} </span>
          <Ago at={row.lastSeen} />
        </span>
        <span className="faint">
          <span className="hidden-text">{t.incidents.first} </span>
          <Ago at={row.firstSeen} />
        </span>
      </div>
      <div className="row-state">
        <StateTag state={row.state} />
        <StateNote row={row} />
        <div className="row-actions">
          {canAcknowledge(row) && (
            <button
              type="button"
              className="icon-button"
              title={`${t.action.acknowledge} (e)`}
              onClick={() => actions.acknowledge(row)}
            >
              <Icon name="check" />
              <span className="hidden-text">
                {t.action.acknowledge} {row.id}
              </span>
            </button>
          )}
          {canResolve(row) && (
            <button
              type="button"
              className="icon-button"
              title={`${t.action.resolve} (x)`}
              onClick={() => actions.resolve(row)}
            >
              <Icon name="done" />
              <span className="hidden-text">
                {t.action.resolve} {row.id}
              </span>
            </button>
          )}
        </div>
      </div>
    </li>
  )
}

function StateNote({ row }: { row: IncidentRow }) {
  const { t, format } = useLanguage()
  const notes = [
    row.fold !== undefined && t.incident.toldWith(row.fold.under, t.incident.foldReason[row.fold.reason]),
    row.mergedInto !== undefined && t.incident.partOf(row.mergedInto),
    row.state === 'acknowledged' && row.acknowledgedBy !== undefined && t.incidents.acknowledgedBy(row.acknowledgedBy),
    row.state === 'resolved' && row.resolvedBy !== undefined && t.incidents.resolvedBy(row.resolvedBy),
    row.mutedUntil !== undefined && row.mutedUntil > Date.now() && t.incidents.muted(format.clock(row.mutedUntil)),
  ].filter((note) => note !== false)
  if (notes.length === 0) return null
  return (
    <span className="faint small truncate" title={notes.join(' · ')}>
      {notes.join(' · ')}
    </span>
  )
}

const canAcknowledge = ({ state }: IncidentRow): boolean => state === 'open' || state === 'regressed'
const canResolve = ({ state }: IncidentRow): boolean => state !== 'resolved' && state !== 'merged'
