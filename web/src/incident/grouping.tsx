import { Link } from '@tanstack/react-router'
import type { Incident } from '../api/nouns'
import { useLanguage } from '../language/language'
import { LogText, TemplateText } from '../log-text/log-text'
import { CopyButton } from '../shell/copy'

/** Why these lines are one incident: what was hashed, in words. */
export function Grouping({ incident }: { incident: Incident }) {
  const { t } = useLanguage()
  return (
    <details className="section grouping">
      <summary>
        <h2>{t.incident.why}</h2>
      </summary>
      <p className="muted">{t.incident.whyIntro}</p>
      <ol className="grouping-parts">
        {incident.explanation.map((part) => (
          <li key={part} className="mono">
            <LogText text={part} />
          </li>
        ))}
      </ol>
      <dl className="fact-list">
        <div>
          <dt>{t.incident.template}</dt>
          <dd className="mono">
            <TemplateText text={incident.template} />
          </dd>
        </div>
        <div>
          <dt>{t.incident.fingerprint}</dt>
          <dd>
            {t.incident.basis[incident.basis]} · <span className="mono">{incident.fingerprint}</span>{' '}
            <CopyButton text={incident.fingerprint} />{' '}
            <Link to="/patterns" search={{ q: incident.fingerprint }}>
              {t.nav.patterns}
            </Link>
          </dd>
        </div>
      </dl>
    </details>
  )
}
