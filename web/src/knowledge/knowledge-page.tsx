/** The runbooks, by category; and the search that the analysis itself uses, with its honest "none fits". */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { KnowledgeDocument } from '../api/nouns'
import { knowledgeQuery, knowledgeSearchQuery } from '../api/queries'
import { SearchBox } from '../facet/search-box'
import { useLanguage } from '../language/language'
import { Page } from '../shell/page'
import { Empty, Loaded } from '../shell/states'
import './knowledge.css'

const route = getRouteApi('/knowledge')

export function KnowledgePage() {
  const { t, format, language } = useLanguage()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(knowledgeQuery(language))
  const q = search.q ?? ''
  return (
    <Page
      title={t.knowledge.title}
      aside={query.data && t.knowledge.count(format.number(query.data.documents.length))}
      lead={t.knowledge.lead}
    >
      <div className="toolbar">
        <SearchBox
          value={q}
          label={t.knowledge.search}
          onChange={(next) => void navigate({ search: next === '' ? {} : { q: next } })}
        />
      </div>
      {q === '' ? (
        <Loaded query={query}>
          {({ documents }) =>
            documents.length === 0 ? <Empty title={t.knowledge.none} /> : <ByCategory documents={documents} />
          }
        </Loaded>
      ) : (
        <Results q={q} />
      )}
    </Page>
  )
}

function Results({ q }: { q: string }) {
  const { t, format, language } = useLanguage()
  const query = useQuery(knowledgeSearchQuery(q, language))
  return (
    <Loaded query={query} rows={4}>
      {({ hits, abstain }) => (
        <section aria-label={t.knowledge.results}>
          {(abstain || hits.length === 0) && <p className="notice">{t.knowledge.abstain}</p>}
          <ol className="runbook-hits">
            {hits.map((hit) => (
              <li key={hit.id}>
                <span className="faint num">{format.percent(hit.score)}</span>
                <span>
                  <Link to="/knowledge/$id" params={{ id: hit.id }}>
                    {hit.title}
                  </Link>{' '}
                  {hit.exact && <span className="tag">{t.knowledge.exact}</span>}
                </span>
                <span className="mono faint truncate">{hit.id}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </Loaded>
  )
}

function ByCategory({ documents }: { documents: readonly KnowledgeDocument[] }) {
  const { t } = useLanguage()
  const groups = Map.groupBy(documents, ({ category }) => category)
  return (
    <div className="runbooks">
      {[...groups].map(([category, members]) => (
        <section key={category} aria-labelledby={`category-${category}`}>
          <h2 id={`category-${category}`}>{t.category[category] ?? category}</h2>
          <ul>
            {members.map(({ id, title, tags }) => (
              <li key={id}>
                <Link to="/knowledge/$id" params={{ id }}>
                  {title}
                </Link>
                <span className="faint small truncate">{tags.slice(0, 5).join(', ')}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}
