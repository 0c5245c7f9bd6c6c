import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Incident } from '../api/nouns'
import { useLanguage } from '../language/language'
import { Ago, Clock } from '../language/time'
import { TemplateText } from '../log-text/log-text'
import { SeverityTag, StateTag } from '../severity/severity'
import { CopyButton } from '../shell/copy'
import { Hint } from '../shell/hint'
import { Icon } from '../shell/icon'
import { useKeys } from '../shell/keyboard'
import { Menu, MenuItem, MenuLabel, MenuLine } from '../shell/menu'
import { useIncidentActions } from './incident-actions'
import { MergeDialog, RenameDialog, ResolveDialog } from './incident-dialogs'

const MUTES = [60, 240, 1_440] as const

export function IncidentHeader({ incident }: { incident: Incident }) {
  const { t, format } = useLanguage()
  const actions = useIncidentActions()
  const [dialog, setDialog] = useState<'resolve' | 'rename' | 'merge'>()
  const acknowledgeable = incident.state === 'open' || incident.state === 'regressed'
  const resolvable = incident.state !== 'resolved' && incident.state !== 'merged'
  const muted = incident.mutedUntil !== undefined && incident.mutedUntil > Date.now()
  useKeys({
    e: () => acknowledgeable && actions.acknowledge(incident),
    x: () => resolvable && setDialog('resolve'),
  })
  return (
    <header className="incident-head">
      <div className="incident-name">
        <Hint content={<SeverityReasons incident={incident} />}>
          <button type="button" className="severity-button">
            <SeverityTag severity={incident.severity} /> <span className="faint">{t.severity[incident.severity]}</span>
          </button>
        </Hint>
        <span className="faint mono">{incident.id}</span>
        <CopyButton text={`${location.origin}/i/${incident.id}`} label={t.action.copyLink} icon="link" />
      </div>
      <h1>
        <span className="incident-service">{incident.service}</span> <TemplateText text={incident.title} />
      </h1>
      <p className="incident-line">
        <StateTag state={incident.state} />
        <StateBy incident={incident} />
        {incident.fold !== undefined && (
          <Link to="/i/$id" params={{ id: incident.fold.under }}>
            {t.incident.toldWith(incident.fold.under, t.incident.foldReason[incident.fold.reason])}
          </Link>
        )}
        {incident.mergedInto !== undefined && (
          <Link to="/i/$id" params={{ id: incident.mergedInto }}>
            {t.incident.partOf(incident.mergedInto)}
          </Link>
        )}
        <span>
          <Clock at={incident.firstSeen} /> – <Ago at={incident.lastSeen} />
        </span>
        <span className="num">{t.incident.events(format.number(incident.count))}</span>
        {incident.pods.length > 0 && <span className="num">{t.incident.pods(incident.pods.length)}</span>}
        {incident.regressions > 0 && <span>{t.incident.regressions(incident.regressions)}</span>}
        {muted && incident.mutedUntil !== undefined && (
          <span>{t.incident.muted(format.clock(incident.mutedUntil))}</span>
        )}
      </p>
      <div className="buttons incident-buttons">
        {acknowledgeable && (
          <button type="button" className="button primary" onClick={() => actions.acknowledge(incident)}>
            <Icon name="check" />
            {t.action.acknowledge}
          </button>
        )}
        {resolvable ? (
          <button
            type="button"
            className={`button ${acknowledgeable ? '' : 'primary'}`}
            onClick={() => setDialog('resolve')}
          >
            <Icon name="done" />
            {t.action.resolve}
          </button>
        ) : (
          incident.state === 'resolved' && (
            <button type="button" className="button" onClick={() => actions.reopen(incident)}>
              {t.action.reopen}
            </button>
          )
        )}
        <Menu
          trigger={
            <button type="button" className="button" aria-label={t.action.more}>
              <Icon name="more" />
            </button>
          }
        >
          {muted ? (
            <MenuItem onSelect={() => actions.unmute(incident)}>{t.action.unmute}</MenuItem>
          ) : (
            <>
              <MenuLabel>{t.action.mute}</MenuLabel>
              {MUTES.map((minutes) => (
                <MenuItem key={minutes} onSelect={() => actions.mute(incident, minutes)}>
                  {t.action.muteFor(minutes)}
                </MenuItem>
              ))}
            </>
          )}
          <MenuLine />
          <MenuItem onSelect={() => setDialog('rename')}>{t.action.rename}</MenuItem>
          {incident.mergedInto === undefined && (
            <MenuItem onSelect={() => setDialog('merge')}>{t.action.merge}…</MenuItem>
          )}
          {incident.state === 'acknowledged' && (
            <MenuItem onSelect={() => actions.reopen(incident)}>{t.action.reopen}</MenuItem>
          )}
        </Menu>
      </div>
      {dialog === 'resolve' && <ResolveDialog incident={incident} onClose={() => setDialog(undefined)} />}
      {dialog === 'merge' && (
        <MergeDialog
          incident={incident}
          onMerge={(into) => actions.mergeInto(incident, into)}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === 'rename' && <RenameDialog incident={incident} onClose={() => setDialog(undefined)} />}
    </header>
  )
}

function StateBy({ incident }: { incident: Incident }) {
  const { t } = useLanguage()
  const by =
    incident.state === 'acknowledged'
      ? incident.acknowledgedBy
      : incident.state === 'resolved'
        ? incident.resolvedBy
        : undefined
  if (by === undefined) return null
  return (
    <span>
      {incident.state === 'acknowledged' ? t.incidents.acknowledgedBy(by) : t.incidents.resolvedBy(by)},{' '}
      <Ago at={incident.stateChangedAt} />
    </span>
  )
}

function SeverityReasons({ incident }: { incident: Incident }) {
  const { t } = useLanguage()
  return (
    <>
      <p className="faint small">{t.severity.why}</p>
      {incident.severityReasons.length === 0 && <p>{t.severity.noReasons}</p>}
      <ul className="reasons">
        {incident.severityReasons.map(({ key, text }) => (
          <li key={key}>{text ?? t.severity.reason[key] ?? key}</li>
        ))}
      </ul>
    </>
  )
}
