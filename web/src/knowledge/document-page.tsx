import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { documentQuery, knowledgeQuery } from '../api/queries'
import { useLanguage } from '../language/language'
import { Icon } from '../shell/icon'
import { useTitle } from '../shell/page'
import { Loaded } from '../shell/states'
import { Markdown } from './markdown'
import './knowledge.css'

const route = getRouteApi('/knowledge/$id')

export function DocumentPage() {
  const { t, language } = useLanguage()
  const { id } = route.useParams()
  const query = useQuery(documentQuery(id, language))
  const all = useQuery(knowledgeQuery(language))
  const titles = new Map(all.data?.documents.map((document) => [document.id, document.title]))
  useTitle(query.data?.title ?? t.knowledge.title)
  return (
    <div className="page">
      <Link to="/knowledge" className="back-link">
        <Icon name="back" />
        {t.knowledge.back}
      </Link>
      <Loaded query={query}>
        {(document) => (
          <article className="document" lang={document.language}>
            <h1>{document.title}</h1>
            <p className="document-facts small">
              <span className="muted">{t.category[document.category] ?? document.category}</span>
              <span className="mono faint">{document.id}</span>
              <span className="faint">
                {t.knowledge.source} <span className="mono">{document.source}</span>
              </span>
            </p>
            <Markdown text={document.markdown ?? ''} titles={titles} />
            <p className="document-tags">
              <span className="faint small">{t.knowledge.tags}</span>
              {document.tags.map((tag) => (
                <span key={tag} className="tag">
                  {tag}
                </span>
              ))}
            </p>
          </article>
        )}
      </Loaded>
    </div>
  )
}
