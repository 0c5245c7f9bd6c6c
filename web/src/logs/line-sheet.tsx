/** One line in full: everything known about it, the lines around it, and its permanent address. */
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { ApiError } from '../api/client'
import type { LogRecord } from '../api/nouns'
import { contextQuery } from '../api/queries'
import { useLanguage } from '../language/language'
import { LogText } from '../log-text/log-text'
import { LevelTag } from '../severity/severity'
import { CopyButton } from '../shell/copy'
import { Modal } from '../shell/modal'
import { Empty, Loaded } from '../shell/states'

const STEP = 10
const MOST = 100

interface Props {
  id: string
  onLine(id: string): void
  onQuery(q: string): void
  onClose(): void
}

export function LineSheet({ id, onLine, onQuery, onClose }: Props) {
  const { t, format } = useLanguage()
  const [lines, setLines] = useState(STEP)
  const query = useQuery(contextQuery(id, lines))
  const missing = query.error instanceof ApiError && query.error.status === 404
  return (
    <Modal title={t.logs.detail} className="sheet" onClose={onClose}>
      {missing ? (
        <Empty title={t.logs.missingLine} />
      ) : (
        <Loaded query={query}>
          {({ records }) => {
            const own = records.find((record) => record.id === id)
            return (
              <>
                {own !== undefined && <Line record={own} onQuery={onQuery} />}
                <div className="section-head sheet-context">
                  <h3>{t.logs.context}</h3>
                  {lines < MOST && (
                    <button
                      type="button"
                      className="text-button small"
                      onClick={() => setLines(Math.min(MOST, lines * 2))}
                    >
                      ± {t.incident.moreContext}
                    </button>
                  )}
                </div>
                <ol className="sheet-lines">
                  {records.map((record) => (
                    <li key={record.id}>
                      <button
                        type="button"
                        className={record.id === id ? 'own' : ''}
                        aria-current={record.id === id}
                        onClick={() => onLine(record.id)}
                      >
                        <span className="faint num">{format.millis(record.at)}</span>
                        <LevelTag level={record.level} />
                        <span className="truncate">
                          <LogText text={record.message} />
                        </span>
                      </button>
                    </li>
                  ))}
                </ol>
              </>
            )
          }}
        </Loaded>
      )}
    </Modal>
  )
}

function Line({ record, onQuery }: { record: LogRecord; onQuery(q: string): void }) {
  const { t, format } = useLanguage()
  const field = (name: string, value: string | undefined, q?: string): ReactNode =>
    value === undefined ? null : (
      <div key={name}>
        <dt>{name}</dt>
        <dd className="mono">
          {q === undefined ? (
            <LogText text={value} />
          ) : (
            <button type="button" className="text-button mono" title={t.logs.filterBy(name)} onClick={() => onQuery(q)}>
              <LogText text={value} />
            </button>
          )}
        </dd>
      </div>
    )
  return (
    <>
      <div className="sheet-head">
        <LevelTag level={record.level} />
        <span className="num">{format.exact(record.at)}</span>
        <span className="sheet-tools">
          <CopyButton text={record.body} />
          <CopyButton
            text={`${location.origin}/logs?line=${encodeURIComponent(record.id)}`}
            label={t.logs.permalink}
            icon="link"
          />
        </span>
      </div>
      <pre className="log-block sheet-body">
        <LogText text={record.body} />
      </pre>
      <dl className="sheet-fields">
        {field('service', record.service, `service:${record.service}`)}
        {field('trace', record.traceId, `trace:${record.traceId}`)}
        {field('namespace', record.namespace)}
        {field('pod', record.pod, `pod:${record.pod}`)}
        {field('node', record.node)}
        {field('version', record.version)}
        {Object.entries(record.attributes).map(([name, value]) => field(name, String(value)))}
        {field(t.logs.received, format.exact(record.observedAt))}
        {field('id', record.id)}
      </dl>
    </>
  )
}
