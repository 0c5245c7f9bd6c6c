/** Which values are in use and where each came from; and what is kept in this browser only. */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import type { Setting, Status } from '../api/nouns'
import { settingsQuery, statusQuery } from '../api/queries'
import { SearchBox } from '../facet/search-box'
import type { Catalogue } from '../language/ko'
import { useLanguage } from '../language/language'
import { Ago } from '../language/time'
import { Preferences } from '../shell/navigation'
import { Page } from '../shell/page'
import { Empty, Loaded } from '../shell/states'
import './settings.css'
import { TableScroll } from '../shell/table-scroll'

const route = getRouteApi('/settings')

export function SettingsPage() {
  const { t } = useLanguage()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(settingsQuery)
  const status = useQuery(statusQuery)
  const [changedOnly, setChangedOnly] = useState(false)
  const text = (search.q ?? '').toLowerCase()
  const matches = ({ key, description, origin }: Setting): boolean =>
    `${key} ${description}`.toLowerCase().includes(text) && !(changedOnly && origin === 'default')
  return (
    <Page title={t.settings.title} lead={t.settings.lead}>
      <div className="settings-top">
        <section aria-labelledby="server-title">
          <h2 id="server-title">{t.settings.server}</h2>
          {status.data !== undefined && <Server status={status.data} />}
        </section>
        <section aria-labelledby="personal-title">
          <h2 id="personal-title">{t.settings.personal}</h2>
          <Preferences />
        </section>
      </div>
      <div className="toolbar settings-tools">
        <SearchBox
          value={search.q ?? ''}
          label={t.settings.search}
          onChange={(q) => void navigate({ search: q === '' ? {} : { q } })}
        />
        <label className="check">
          <input type="checkbox" checked={changedOnly} onChange={({ target }) => setChangedOnly(target.checked)} />
          {t.settings.changedOnly}
        </label>
      </div>
      <Loaded query={query}>
        {({ settings }) => {
          const found = settings.filter(matches)
          return found.length === 0 ? <Empty title={t.settings.none} /> : <SettingsTable settings={found} />
        }}
      </Loaded>
    </Page>
  )
}

function SettingsTable({ settings }: { settings: readonly Setting[] }) {
  const { t } = useLanguage()
  return (
    <TableScroll label={t.settings.title}>
      <table className="settings">
        <thead>
          <tr>
            <th scope="col">{t.settings.key}</th>
            <th scope="col">{t.settings.value}</th>
            <th scope="col">{t.settings.origin}</th>
            <th scope="col">{t.settings.description}</th>
          </tr>
        </thead>
        <tbody>
          {settings.map(({ key, value, origin, description }) => (
            <tr key={key}>
              <th scope="row" className="mono">
                {key}
              </th>
              <td className="mono">{shown(value)}</td>
              <td className={origin === 'default' ? 'faint' : ''}>{originName(origin, t)}</td>
              <td className="muted">{description}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  )
}

function Server({ status }: { status: Status }) {
  const { t, format } = useLanguage()
  const { analysis } = status
  const runbooks = format.number(analysis.runbooks)
  const rows = [
    [t.settings.version, status.version],
    [
      t.settings.analysis,
      analysis.model === undefined ? t.settings.rulesOnly(runbooks) : t.settings.withModel(analysis.model, runbooks),
    ],
    [
      t.nav.slack,
      `${t.pipeline.mode[status.slack.mode]}${status.slack.channel === undefined ? '' : ` · ${status.slack.channel}`}`,
    ],
    [t.settings.sources, status.sources.join(', ')],
    [t.settings.data, status.dataDir],
  ] as const
  return (
    <dl className="server">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div>
        <dt>{t.settings.started}</dt>
        <dd>
          <Ago at={status.startedAt} />
        </dd>
      </div>
    </dl>
  )
}

/** `environment CALI_LANG`, a file's path, or one word. */
function originName(origin: string, t: Catalogue): string {
  const [word = '', ...rest] = origin.split(' ')
  const name = t.settings.originName[word]
  return name === undefined ? origin : [name, ...rest].join(' ')
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
