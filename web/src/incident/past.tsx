import { Link } from '@tanstack/react-router'
import type { Report } from '../api/nouns'
import { useLanguage } from '../language/language'
import { Ago } from '../language/time'
import { TemplateText } from '../log-text/log-text'
import { useCitationTarget } from './citation'

export function PastIncidents({ past }: { past: Report['past'] }) {
  const { t } = useLanguage()
  return (
    <section className="section" aria-labelledby="past-title">
      <div className="section-head">
        <h2 id="past-title">{t.incident.past}</h2>
      </div>
      {past.length === 0 ? (
        <p className="faint">{t.incident.noPast}</p>
      ) : (
        <ul className="cited-list">
          {past.map((item) => (
            <Past key={item.id} item={item} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Past({ item }: { item: Report['past'][number] }) {
  const { t, format } = useLanguage()
  const target = useCitationTarget(item.id)
  return (
    <li {...target}>
      <span className="citation-id">{item.id}</span>
      <span>
        <Link to="/i/$id" params={{ id: item.incident }}>
          <TemplateText text={item.title} />
        </Link>{' '}
        <span className="faint small">
          {item.sameError === true ? t.incident.sameError : t.incident.score(format.percent(item.similarity))} ·{' '}
          <Ago at={item.lastSeen} />
        </span>
        <br />
        {item.cause !== undefined && (
          <>
            <span className="faint">{t.incident.confirmedCause}</span> {item.cause}
            <br />
          </>
        )}
        {item.fix === undefined ? (
          <span className="faint">{t.incident.noFix}</span>
        ) : (
          <>
            <span className="faint">{t.incident.fix}</span> {item.fix}
          </>
        )}
      </span>
    </li>
  )
}
