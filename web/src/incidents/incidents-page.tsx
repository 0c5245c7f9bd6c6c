/** Home: which incidents there are, how bad, since when, and why. The whole state of the screen is its address. */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { IncidentList } from '../api/nouns'
import { type IncidentFilter, incidentsQuery } from '../api/queries'
import { StackedHistogram } from '../chart/histogram'
import { type FacetField, FacetPanel } from '../facet/facet-panel'
import { SearchBox } from '../facet/search-box'
import { joinList, splitList } from '../facet/search-params'
import { TimeRange } from '../facet/time-range'
import { windowOf } from '../facet/time-span'
import { useLanguage } from '../language/language'
import { Ago } from '../language/time'
import { ACTIVE_STATES, FILL, SEVERITIES, STATES } from '../severity/severity'
import { Page } from '../shell/page'
import { Empty, Loaded } from '../shell/states'
import { IncidentRows } from './incident-rows'
import { isSort, SORTS, sortRows } from './sort'
import './incidents.css'

const route = getRouteApi('/')
const FACETS = ['state', 'severity', 'service', 'namespace', 'version'] as const
/** In the address: no `state` means the active ones, `all` means no filter. */
const ALL = 'all'
const STACK = [...SEVERITIES].reverse()

export function IncidentsPage() {
  const { t, format } = useLanguage()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const states = search.state === ALL ? [] : search.state === undefined ? ACTIVE_STATES : splitList(search.state)
  const filter: IncidentFilter = {
    state: states,
    severity: splitList(search.severity),
    service: splitList(search.service),
    namespace: splitList(search.namespace),
    version: splitList(search.version),
    q: search.q ?? '',
    ...windowOf(search),
  }
  const query = useQuery(incidentsQuery(filter))
  const sort = isSort(search.sort) ? search.sort : 'last'
  const set = (change: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...change }), resetScroll: false })
  const setFacet = (name: string, selected: string[]): void =>
    set({ [name]: name === 'state' ? stateParameter(selected) : joinList(selected) })
  const clear = (): void => void navigate({ search: {} })
  const fields = (facets: IncidentList['facets']): FacetField[] =>
    FACETS.map((name) => ({
      name,
      title: t.facet[name],
      counts: facets[name],
      selected: filter[name],
      ...(name === 'state'
        ? { order: STATES, render: (value: string) => (isState(value) ? t.state[value] : value) }
        : {}),
      ...(name === 'severity' ? { order: SEVERITIES, render: (value: string) => <SeverityName value={value} /> } : {}),
    }))

  return (
    <Page
      title={t.incidents.title}
      aside={query.data && t.incidents.total(format.number(query.data.incidents.length))}
      actions={<TimeRange value={search} onChange={set} />}
    >
      <Loaded query={query}>
        {(list) => (
          <div className="split">
            <FacetPanel
              fields={fields(list.facets)}
              applied={FACETS.filter((name) => search[name] !== undefined).length}
              onChange={setFacet}
              onClear={clear}
            />
            <div className="incidents">
              <div className="toolbar">
                <SearchBox
                  value={search.q ?? ''}
                  label={t.incidents.search}
                  onChange={(q) => set({ q: q || undefined })}
                />
                <select
                  aria-label={t.incidents.sort}
                  value={sort}
                  onChange={({ target }) => set({ sort: target.value })}
                >
                  {SORTS.map((name) => (
                    <option key={name} value={name}>
                      {t.incidents.sortBy[name]}
                    </option>
                  ))}
                </select>
              </div>
              <StackedHistogram
                title={t.incidents.histogram}
                histogram={list.histogram}
                keys={STACK}
                fills={FILL}
                onRange={(from, to) => set({ from, to, span: undefined })}
              />
              {list.incidents.length === 0 ? (
                <NoIncidents
                  list={list}
                  filtered={isFiltered(search)}
                  onShowAll={() => void navigate({ search: { state: ALL } })}
                />
              ) : (
                <SortedRows list={list} sort={sort} />
              )}
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  )
}

function SortedRows({ list, sort }: { list: IncidentList; sort: (typeof SORTS)[number] }) {
  const rows = useMemo(() => sortRows(list.incidents, sort), [list.incidents, sort])
  return <IncidentRows rows={rows} />
}

function SeverityName({ value }: { value: string }) {
  const { t } = useLanguage()
  const known = SEVERITIES.find((severity) => severity === value)
  return known === undefined ? (
    value
  ) : (
    <>
      <i className={`swatch facet-swatch fill-${value.toLowerCase()}`} aria-hidden="true" />
      {value} <span className="faint">{t.severity[known]}</span>
    </>
  )
}

function NoIncidents({ list, filtered, onShowAll }: { list: IncidentList; filtered: boolean; onShowAll(): void }) {
  const { t } = useLanguage()
  const at = list.lastRecordAt
  return (
    <Empty title={filtered ? t.incidents.emptyMatch : t.incidents.emptyOpen}>
      <p>{at === undefined ? t.incidents.noLine : <LastLine at={at} />}</p>
      <div className="buttons empty-actions">
        <button type="button" className="button" onClick={onShowAll}>
          {t.incidents.showAll}
        </button>
        <Link to="/logs" className="button">
          {t.incidents.seeLogs}
        </Link>
        <Link to="/pipeline" className="button">
          {t.incidents.seePipeline}
        </Link>
      </div>
    </Empty>
  )
}

function LastLine({ at }: { at: number }) {
  const { t } = useLanguage()
  // The sentence is the catalogue's; the moment in it ticks.
  const [before, after] = t.incidents.lastLine('\u0000').split('\u0000')
  return (
    <>
      {before}
      <Ago at={at} />
      {after}
    </>
  )
}

const isState = (value: string): value is (typeof STATES)[number] => STATES.some((state) => state === value)

function stateParameter(selected: readonly string[]): string | undefined {
  if (selected.length === 0) return ALL
  const active = selected.length === ACTIVE_STATES.length && ACTIVE_STATES.every((state) => selected.includes(state))
  return active ? undefined : selected.join(',')
}

const isFiltered = (search: object): boolean => Object.keys(search).some((name) => name !== 'sort')
