/** Logs: a query, facets and a histogram over all matches, and the lines, newest first, loaded as one scrolls. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import type { LogPage, LogRecord } from '../api/nouns'
import { type LogFilter, logsQuery } from '../api/queries'
import { StackedHistogram } from '../chart/histogram'
import { type FacetField, FacetPanel } from '../facet/facet-panel'
import { SearchBox } from '../facet/search-box'
import { joinList, splitList } from '../facet/search-params'
import { TimeRange } from '../facet/time-range'
import { windowOf } from '../facet/time-span'
import { useLanguage } from '../language/language'
import { FILL, LEVELS, LevelTag } from '../severity/severity'
import { Icon } from '../shell/icon'
import { Page } from '../shell/page'
import { Empty, Loaded } from '../shell/states'
import { LineSheet } from './line-sheet'
import { LogLines } from './log-lines'
import { QueryHelp } from './query-help'
import { useTail } from './tail'
import { TailBar } from './tail-bar'
import './logs.css'

const route = getRouteApi('/logs')
const STACK = [...LEVELS].reverse()

export function LogsPage() {
  const { t, format } = useLanguage()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [tailing, setTailing] = useState(false)
  const [wrap, setWrap] = useState(false)
  const level = splitList(search.level)
  const service = splitList(search.service)
  const filter: LogFilter = { q: search.q ?? '', level, service, ...windowOf(search) }
  const query = useInfiniteQuery(logsQuery(filter))
  const tail = useTail(tailing, filter)
  const set = useCallback(
    (change: Partial<typeof search>): void =>
      void navigate({ search: (before) => ({ ...before, ...change }), resetScroll: false }),
    [navigate],
  )
  const open = useCallback((line: string) => set({ line }), [set])
  const first = query.data?.pages[0]
  const rows = useMemo(() => merged(tail.lines, query.data?.pages ?? []), [tail.lines, query.data])

  return (
    <Page
      title={t.logs.title}
      aside={first && t.logs.total(format.number(first.total))}
      actions={
        <>
          <Link to="/patterns" className="button">
            {t.logs.patterns}
          </Link>
          <button type="button" className="button" aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
            {t.logs.wrap}
          </button>
          <button type="button" className="button" aria-pressed={tailing} onClick={() => setTailing(!tailing)}>
            <Icon name={tailing ? 'pause' : 'play'} />
            {tailing ? t.logs.tailStop : t.logs.tail}
          </button>
          <TimeRange value={search} onChange={set} />
        </>
      }
    >
      <div className="toolbar">
        <SearchBox
          value={search.q ?? ''}
          label={t.logs.search}
          placeholder={t.logs.placeholder}
          mono
          onEnter
          onChange={(q) => set({ q: q || undefined })}
        />
        <QueryHelp />
      </div>
      <Loaded query={{ data: first, error: query.error, refetch: query.refetch }} rows={16}>
        {(page) => (
          <div className="split">
            <FacetPanel
              fields={fieldsOf(page, { level, service }, { level: t.facet.level, service: t.facet.service })}
              onChange={(name, selected) => set({ [name]: joinList(selected) })}
              onClear={() => set({ level: undefined, service: undefined })}
            />
            <div className="logs">
              <StackedHistogram
                title={t.logs.histogram}
                histogram={page.histogram}
                keys={STACK}
                fills={FILL}
                onRange={(from, to) => set({ from, to, span: undefined })}
              />
              {tailing && <TailBar tail={tail} />}
              {rows.length === 0 ? (
                <Empty title={isFiltered(search) ? t.logs.empty : t.logs.emptyAll}>
                  <p>{tailing ? t.logs.tailing : isFiltered(search) ? t.logs.emptyHint : t.incidents.noLine}</p>
                </Empty>
              ) : (
                <LogLines
                  rows={rows}
                  wrap={wrap}
                  onOpen={open}
                  more={query.hasNextPage}
                  loading={query.isFetchingNextPage}
                  onMore={() => void query.fetchNextPage()}
                />
              )}
            </div>
          </div>
        )}
      </Loaded>
      {search.line !== undefined && (
        <LineSheet
          id={search.line}
          onLine={open}
          onQuery={(q) => set({ q, line: undefined, level: undefined, service: undefined })}
          onClose={() => set({ line: undefined })}
        />
      )}
    </Page>
  )
}

function fieldsOf(
  page: LogPage,
  selected: { level: readonly string[]; service: readonly string[] },
  titles: { level: string; service: string },
): FacetField[] {
  return [
    {
      name: 'level',
      title: titles.level,
      counts: page.facets.level,
      selected: selected.level,
      order: LEVELS,
      render: (value) => <LevelTag level={value} />,
    },
    { name: 'service', title: titles.service, counts: page.facets.service, selected: selected.service },
  ]
}

/** Lines of the tail come first; a line that the query has meanwhile fetched as well appears once. */
function merged(fresh: readonly LogRecord[], pages: readonly LogPage[]): LogRecord[] {
  const seen = new Set<string>()
  const rows: LogRecord[] = []
  for (const record of [...fresh, ...pages.flatMap((page) => page.records)]) {
    if (seen.has(record.id)) continue
    seen.add(record.id)
    rows.push(record)
  }
  return rows
}

const isFiltered = ({ line: _, ...search }: { line?: string | undefined }): boolean => Object.keys(search).length > 0
