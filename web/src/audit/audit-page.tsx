import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { AuditEntry } from '../api/nouns'
import { auditQuery } from '../api/queries'
import { SearchBox } from '../facet/search-box'
import { useLanguage } from '../language/language'
import { Clock } from '../language/time'
import { LogText } from '../log-text/log-text'
import { Page } from '../shell/page'
import { Empty, Loaded } from '../shell/states'
import { TableScroll } from '../shell/table-scroll'
import { describeDetail } from './describe'

const route = getRouteApi('/audit')

export function AuditPage() {
  const { t, format } = useLanguage()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(auditQuery)
  const text = (search.q ?? '').toLowerCase()
  return (
    <Page title={t.audit.title} lead={t.audit.lead}>
      <Loaded query={query}>
        {({ entries }) => {
          const found = entries.filter(({ actor, action, target, detail }) =>
            [actor, action, target, describeDetail(detail, t, format)].join(' ').toLowerCase().includes(text),
          )
          if (entries.length === 0) return <Empty title={t.audit.none} />
          return (
            <>
              <div className="toolbar">
                <SearchBox
                  value={search.q ?? ''}
                  label={t.audit.search}
                  onChange={(q) => void navigate({ search: q === '' ? {} : { q } })}
                />
              </div>
              {found.length === 0 ? <Empty title={t.audit.noMatch} /> : <Entries entries={found} />}
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  const { t, format } = useLanguage()
  return (
    <TableScroll label={t.audit.title}>
      <table className="num">
        <thead>
          <tr>
            <th scope="col">{t.audit.at}</th>
            <th scope="col">{t.audit.actor}</th>
            <th scope="col">{t.audit.action}</th>
            <th scope="col">{t.audit.target}</th>
            <th scope="col">{t.audit.detail}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={`${entry.at}${entry.actor}${entry.action}${entry.target}`}>
              <td>
                <Clock at={entry.at} />
              </td>
              <td>
                <LogText text={entry.actor} />
              </td>
              <td title={entry.action}>{t.audit.actions[entry.action] ?? entry.action}</td>
              <td className="mono">
                <Target entry={entry} />
              </td>
              <td className="muted">
                <LogText text={describeDetail(entry.detail, t, format)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  )
}

function Target({ entry: { action, target } }: { entry: AuditEntry }) {
  if (action.startsWith('rules')) return <Link to="/rules">{target}</Link>
  // Public incident ids: 4 to 8 characters of Crockford base 32.
  if (!/^[0-9A-HJKMNP-TV-Z]{4,8}$/.test(target)) return target
  return (
    <Link to="/i/$id" params={{ id: target }}>
      {target}
    </Link>
  )
}
