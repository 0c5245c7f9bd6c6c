/** Templates of all lines with their counts: what the logs are made of. */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Counts, Pattern } from '../api/nouns'
import { patternsQuery } from '../api/queries'
import { FacetPanel } from '../facet/facet-panel'
import { SearchBox } from '../facet/search-box'
import { joinList, splitList } from '../facet/search-params'
import { useLanguage } from '../language/language'
import { Ago } from '../language/time'
import { TemplateText } from '../log-text/log-text'
import { LEVELS, LevelTag } from '../severity/severity'
import { Page } from '../shell/page'
import { Empty, Loaded } from '../shell/states'
import './patterns.css'

const route = getRouteApi('/patterns')
const SHOWN = 200

export function PatternsPage() {
  const { t, format } = useLanguage()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(patternsQuery)
  const set = (change: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...change }), resetScroll: false })
  const selected = { service: splitList(search.service), level: splitList(search.level) }
  const text = (search.q ?? '').toLowerCase()
  return (
    <Page
      title={t.patterns.title}
      aside={query.data && t.patterns.total(format.number(query.data.patterns.length))}
      lead={t.patterns.lead}
    >
      <Loaded query={query}>
        {({ patterns }) => {
          const found = patterns.filter((pattern) =>
            `${pattern.template} ${pattern.service} ${pattern.fingerprint}`.toLowerCase().includes(text),
          )
          const matches = found.filter(
            (pattern) => includes(selected.service, pattern.service) && includes(selected.level, pattern.level),
          )
          return (
            <div className="split">
              <FacetPanel
                fields={[
                  {
                    name: 'level',
                    title: t.facet.level,
                    counts: tally(found, ({ level }) => level),
                    selected: selected.level,
                    order: LEVELS,
                    render: (value) => <LevelTag level={value} />,
                  },
                  {
                    name: 'service',
                    title: t.facet.service,
                    counts: tally(found, ({ service }) => service),
                    selected: selected.service,
                  },
                ]}
                onChange={(name, values) => set({ [name]: joinList(values) })}
                onClear={() => set({ level: undefined, service: undefined })}
              />
              <div className="patterns">
                <div className="toolbar">
                  <SearchBox
                    value={search.q ?? ''}
                    label={t.patterns.search}
                    onChange={(q) => set({ q: q || undefined })}
                  />
                </div>
                {matches.length === 0 ? (
                  <Empty title={patterns.length === 0 ? t.patterns.none : t.patterns.noMatch} />
                ) : (
                  <PatternTable patterns={matches} />
                )}
              </div>
            </div>
          )
        }}
      </Loaded>
    </Page>
  )
}

const includes = (selected: readonly string[], value: string): boolean =>
  selected.length === 0 || selected.includes(value)

function tally(patterns: readonly Pattern[], of: (pattern: Pattern) => string): Counts {
  const counts: Counts = {}
  for (const pattern of patterns) counts[of(pattern)] = (counts[of(pattern)] ?? 0) + 1
  return counts
}

function PatternTable({ patterns }: { patterns: readonly Pattern[] }) {
  const { t, format } = useLanguage()
  const [limit, setLimit] = useState(SHOWN)
  const sorted = [...patterns].sort((a, b) => b.count - a.count)
  const sum = sorted.reduce((all, { count }) => all + count, 0)
  return (
    <>
      <ol className="pattern-list">
        {sorted.slice(0, limit).map((pattern) => (
          <li key={`${pattern.service}${pattern.fingerprint}`}>
            <div className="pattern-count num">
              ×{format.short(pattern.count)}
              <span className="faint small">{format.percent(pattern.count / Math.max(1, sum))}</span>
            </div>
            <div className="pattern-main">
              <p className="mono">
                <TemplateText text={pattern.template} />
              </p>
              <p className="pattern-facts small">
                <LevelTag level={pattern.level} />
                <span className="muted">{pattern.service}</span>
                <span className="faint">
                  {t.incidents.last} <Ago at={pattern.lastSeen} />
                </span>
                {pattern.incident !== undefined && (
                  <Link to="/i/$id" params={{ id: pattern.incident }}>
                    {t.patterns.incident} {pattern.incident}
                  </Link>
                )}
                <Link to="/logs" search={{ q: queryOf(pattern) }}>
                  {t.patterns.findLines}
                </Link>
              </p>
            </div>
          </li>
        ))}
      </ol>
      {sorted.length > limit && (
        <button type="button" className="button" onClick={() => setLimit(limit + SHOWN)}>
          {t.facet.more(sorted.length - limit)}
        </button>
      )}
    </>
  )
}

/** The longest constant phrase of the template, as an exact phrase: parameters differ from line to line. */
function queryOf({ service, template }: Pattern): string {
  const phrase = template
    .split(/<[^<>\s]{1,24}>/)
    .map((part) => part.replaceAll('"', ' ').trim())
    .reduce((longest, part) => (part.length > longest.length ? part : longest), '')
  return phrase === '' ? `service:${service}` : `service:${service} "${phrase}"`
}
