import { Link } from '@tanstack/react-router'
import type { Incident, IncidentMember } from '../api/nouns'
import { useLanguage } from '../language/language'
import { LogText, TemplateText } from '../log-text/log-text'
import { CopyButton } from '../shell/copy'
import { useIncidentActions } from './incident-actions'

/** Why these lines are one incident: what was hashed, in words, and the kinds of error that it consists of. */
export function Grouping({ incident, members }: { incident: Incident; members: readonly IncidentMember[] }) {
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
      {members.length > 1 && <Members incident={incident} members={members} />}
    </details>
  )
}

function Members({ incident, members }: { incident: Incident; members: readonly IncidentMember[] }) {
  const { t, format } = useLanguage()
  const actions = useIncidentActions()
  return (
    <>
      <h3>{t.incident.members(members.length)}</h3>
      <p className="muted">{t.incident.membersIntro}</p>
      <ul className="grouping-members">
        {members.map((member) => (
          <li key={member.fingerprint}>
            <span className="num faint">{t.incident.events(format.number(member.count))}</span>
            <span className="mono grouping-template">
              <TemplateText text={member.template === '' ? member.fingerprint : member.template} />
            </span>
            {member.own ? (
              <span className="faint">{t.incident.firstKind}</span>
            ) : (
              <button
                type="button"
                className="button small"
                onClick={() => actions.split(incident, member.fingerprint)}
              >
                {t.action.split}
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
