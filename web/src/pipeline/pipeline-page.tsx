/** The page that proves nothing was lost: the flow with live numbers, and the ledger that must balance. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Pipeline } from '../api/nouns'
import { pipelineQuery } from '../api/queries'
import { useLanguage } from '../language/language'
import { Ago } from '../language/time'
import { STATES, StateTag } from '../severity/severity'
import { Icon } from '../shell/icon'
import { Page } from '../shell/page'
import { Loaded } from '../shell/states'
import { FlowPicture } from './flow-picture'
import { Ledger, Reasons } from './ledger'
import { Quarantine } from './quarantine'
import { Sources } from './sources'
import './pipeline.css'

export function PipelinePage() {
  const { t } = useLanguage()
  const query = useQuery(pipelineQuery)
  return (
    <Page title={t.pipeline.title} lead={t.pipeline.lead}>
      <Loaded query={query}>{(pipeline) => <Body pipeline={pipeline} />}</Loaded>
    </Page>
  )
}

function Body({ pipeline }: { pipeline: Pipeline }) {
  const { t } = useLanguage()
  const { balanced, faults } = pipeline
  return (
    <>
      <p className={`verdict ${balanced ? '' : 'off'}`} role="status">
        <Icon name={balanced ? 'done' : 'warning'} />
        {balanced ? t.pipeline.balanced : t.pipeline.unbalanced}
      </p>
      <FlowPicture pipeline={pipeline} />
      {faults.length > 0 && (
        <section className="section" aria-labelledby="faults-title">
          <h2 id="faults-title">{t.pipeline.faults}</h2>
          <ul className="fault-list">
            {faults.map((fault) => (
              <li key={fault}>{fault}</li>
            ))}
          </ul>
        </section>
      )}
      <div className="pipeline-grid">
        <div>
          <Ledger ledger={pipeline.ledger} />
          <Sources sources={pipeline.sources} />
          <Quarantine records={pipeline.quarantine} />
        </div>
        <div>
          <Reasons ledger={pipeline.ledger} />
          <Latency pipeline={pipeline} />
          <Outbox pipeline={pipeline} />
          <SearchIndex index={pipeline.index} />
          <ByState pipeline={pipeline} />
        </div>
      </div>
    </>
  )
}

function Latency({ pipeline: { lineToMessageMs, probe } }: { pipeline: Pipeline }) {
  const { t, format } = useLanguage()
  const { p50, p95, samples } = lineToMessageMs
  return (
    <section className="section" aria-labelledby="latency-title">
      <h2 id="latency-title">{t.pipeline.latency}</h2>
      {samples === 0 ? (
        <p className="faint">{t.pipeline.noSamples}</p>
      ) : (
        <dl className="pairs num">
          <Pair name={t.pipeline.p50} value={format.duration(p50)} />
          <Pair name={t.pipeline.p95} value={format.duration(p95)} />
          <Pair name="" value={t.pipeline.samples(format.number(samples))} />
        </dl>
      )}
      <dl className="pairs num">
        <Pair name={t.pipeline.objective} value={format.duration(probe.objectiveMs)} />
        <Pair name={t.pipeline.probe} value={<ProbeState probe={probe} />} />
      </dl>
    </section>
  )
}

function ProbeState({ probe: { intervalMs, objectiveMs, sentAt, arrived } }: { probe: Pipeline['probe'] }) {
  const { t, format } = useLanguage()
  if (intervalMs === 0 && arrived === undefined) return <span className="faint">{t.pipeline.probeOff}</span>
  const missing = sentAt !== undefined && sentAt > (arrived?.sentAt ?? 0) && Date.now() - sentAt > objectiveMs
  if (missing) return <span className="missing">{t.pipeline.probeMissing(format.ago(sentAt))}</span>
  if (arrived === undefined) return <span className="faint">{t.pipeline.probeUnderWay}</span>
  return t.pipeline.probeArrived(format.duration(Math.max(0, arrived.at - arrived.sentAt)), format.ago(arrived.at))
}

function Outbox({ pipeline: { outbox, archive } }: { pipeline: Pipeline }) {
  const { t, format } = useLanguage()
  return (
    <>
      <section className="section" aria-labelledby="outbox-title">
        <h2 id="outbox-title">{t.pipeline.outbox}</h2>
        <p className="num">
          <Link to="/slack">
            {outbox.mode === 'preview'
              ? t.pipeline.shown(format.number(outbox.posted))
              : t.pipeline.posted(format.number(outbox.posted))}
          </Link>{' '}
          · {t.pipeline.pending(format.number(outbox.pending))}
          {outbox.oldestPendingAt !== undefined && (
            <span className="faint"> · {t.pipeline.oldest(format.ago(outbox.oldestPendingAt))}</span>
          )}
          <span className="faint"> · {t.pipeline.mode[outbox.mode]}</span>
        </p>
        {outbox.lastFault !== undefined && (
          <p className="muted">
            {t.pipeline.lastFault}: {outbox.lastFault}
          </p>
        )}
      </section>
      <section className="section" aria-labelledby="archive-title">
        <h2 id="archive-title">{t.pipeline.archive}</h2>
        <p className="num">
          {t.pipeline.objects(format.number(archive.objects))} · {format.bytes(archive.bytes)} ·{' '}
          {t.pipeline.pendingRecords(format.number(archive.pendingRecords))}
        </p>
        <p className="mono faint">{archive.location}</p>
      </section>
    </>
  )
}

function SearchIndex({ index }: { index: Pipeline['index'] }) {
  const { t, format } = useLanguage()
  const { state, since, fault, refused, debt, location } = index
  return (
    <section className="section" aria-labelledby="index-title">
      <h2 id="index-title">{t.pipeline.stage.index}</h2>
      <p className="num">
        {t.pipeline.indexState[state]}
        {since !== undefined && <span className="faint"> · {format.ago(since)}</span>}
        {debt.records > 0 && (
          <>
            {' '}
            · {t.pipeline.owed(format.number(debt.records))}
            {debt.oldestAt !== undefined && (
              <span className="faint"> · {t.pipeline.oldest(format.ago(debt.oldestAt))}</span>
            )}
          </>
        )}
        {refused > 0 && <> · {t.pipeline.refused(format.number(refused))}</>}
      </p>
      {(fault ?? debt.lastFault) !== undefined && (
        <p className="muted">
          {t.pipeline.lastFault}: {fault ?? debt.lastFault}
        </p>
      )}
      <p className="mono faint">{location}</p>
    </section>
  )
}

function ByState({ pipeline: { incidents, lastRecordAt } }: { pipeline: Pipeline }) {
  const { t, format } = useLanguage()
  return (
    <section className="section" aria-labelledby="by-state-title">
      <h2 id="by-state-title">{t.pipeline.byState}</h2>
      <ul className="pairs num">
        {STATES.filter((state) => (incidents[state] ?? 0) > 0).map((state) => (
          <li key={state} className="pair">
            <StateTag state={state} />
            <Link to="/" search={{ state }}>
              {format.number(incidents[state] ?? 0)}
            </Link>
          </li>
        ))}
      </ul>
      {lastRecordAt !== undefined && (
        <p className="faint">
          {t.pipeline.sourceLast} <Ago at={lastRecordAt} />
        </p>
      )}
    </section>
  )
}

function Pair({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div className="pair">
      <dt className="muted">{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
