/** Loading, empty and failed look different on purpose, and each says what to do. */
import { type ReactNode, useEffect, useState } from 'react'
import { ApiError } from '../api/client'
import { useLanguage } from '../language/language'
import { Icon } from './icon'

const PATIENCE = 300

/** Nothing for the first 300 ms: a skeleton that flashes by is worse than none. */
export function Loading({ rows = 8 }: { rows?: number }) {
  const { t } = useLanguage()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE)
    return () => clearTimeout(timer)
  }, [])
  if (!late) return <div aria-busy="true" />
  return (
    <div className="skeleton" role="status" aria-busy="true">
      <span className="hidden-text">{t.states.loading}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <div key={row} className="skeleton-row" aria-hidden="true" />
      ))}
    </div>
  )
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <p className="state-title">{title}</p>
      {children !== undefined && <div className="muted">{children}</div>}
    </div>
  )
}

export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useLanguage()
  const unreachable = error instanceof ApiError && error.status === 0
  return (
    <div className="state failure" role="alert">
      <p className="state-title">
        <Icon name="warning" />
        {t.states.failed}
      </p>
      <p>{unreachable ? t.states.unreachable : error instanceof Error ? error.message : String(error)}</p>
      {error instanceof ApiError && (
        <p className="faint mono">
          {error.status === 0 ? error.message : `${error.path} · ${error.status} ${error.code}`}
        </p>
      )}
      {onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          {t.states.retry}
        </button>
      )}
    </div>
  )
}

interface Answer<T> {
  data: T | undefined
  error: unknown
  refetch(): unknown
}

/** What was loaded stays on the screen when a refresh fails. */
export function Loaded<T>({
  query,
  children,
  rows,
}: {
  query: Answer<T>
  children(data: T): ReactNode
  rows?: number
}) {
  if (query.data !== undefined) return children(query.data)
  if (query.error !== null) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  return rows === undefined ? <Loading /> : <Loading rows={rows} />
}
