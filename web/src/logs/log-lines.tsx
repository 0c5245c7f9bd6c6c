import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { LogRecord } from '../api/nouns'
import { useLanguage } from '../language/language'
import { Clock } from '../language/time'
import { LogText } from '../log-text/log-text'
import { LevelTag } from '../severity/severity'
import { useRowKeys } from '../shell/keyboard'
import { useWide } from '../shell/wide'

interface Props {
  rows: readonly LogRecord[]
  wrap: boolean
  more: boolean
  loading: boolean
  onOpen(id: string): void
  onMore(): void
}

/** Only what is on the screen is in the document, however many lines are loaded. The page itself scrolls. */
export function LogLines({ rows, wrap, more, loading, onOpen, onMore }: Props) {
  const { t } = useLanguage()
  const wide = useWide()
  const list = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  // What stands above the list can change its height (facets unfold, the tail bar appears).
  useLayoutEffect(() => {
    const measure = (): void => setTop((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [])
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => (wide && !wrap ? 24 : 44),
    overscan: 20,
    scrollMargin: top,
    getItemKey: (index) => rows[index]?.id ?? index,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another layout has other heights
  useEffect(() => virtual.measure(), [wrap, wide])

  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  const nearEnd = last > rows.length - 40
  const load = useRef(onMore)
  load.current = onMore
  useEffect(() => {
    if (nearEnd && more && !loading) load.current()
  }, [nearEnd, more, loading])
  useRowKeys(list)

  return (
    <>
      <div
        ref={list}
        role="feed"
        aria-label={t.logs.list}
        aria-busy={loading}
        className={`log-lines ${wrap ? 'wrap' : ''}`}
        style={{ height: virtual.getTotalSize() }}
      >
        {items.map((item) => {
          const record = rows[item.index]
          if (record === undefined) return null
          return (
            <div
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className="log-slot"
              style={{ transform: `translateY(${item.start - top}px)` }}
            >
              <Line record={record} position={item.index + 1} total={more ? -1 : rows.length} onOpen={onOpen} />
            </div>
          )
        })}
      </div>
      <p className="log-end faint" role="status">
        {loading ? t.logs.loadingMore : more ? '' : t.logs.end}
      </p>
      {more && !loading && (
        <button type="button" className="button" onClick={onMore}>
          {t.logs.more}
        </button>
      )}
    </>
  )
}

interface LineProps {
  record: LogRecord
  position: number
  total: number
  onOpen(id: string): void
}

const Line = memo(function Line({ record, position, total, onOpen }: LineProps) {
  return (
    <article className="log-line" data-row={record.id} aria-posinset={position} aria-setsize={total}>
      <button type="button" className="log-open" data-row-link onClick={() => onOpen(record.id)}>
        <span className="log-time num">
          <Clock at={record.at} millis />
        </span>
        <LevelTag level={record.level} />
        <span className="log-service truncate">{record.service}</span>
        <span className="log-message">
          <LogText text={record.message} />
        </span>
      </button>
    </article>
  )
})
