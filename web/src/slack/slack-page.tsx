/** The messages as Slack shows them: the very blocks that were sent, or would be. */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Notification } from '../api/nouns'
import { slackQuery } from '../api/queries'
import { useLanguage } from '../language/language'
import { visibleText } from '../log-text/log-text'
import { Page } from '../shell/page'
import { Empty, Loaded } from '../shell/states'
import { useShade } from '../shell/theme'
import { Message } from './message'
import './slack.css'

const route = getRouteApi('/slack')

export function SlackPage() {
  const { t } = useLanguage()
  const query = useQuery(slackQuery)
  const mode = query.data?.mode
  const lead = mode === 'bot' || mode === 'webhook' || mode === 'preview' ? t.slack.lead[mode] : undefined
  return (
    <Page title={t.slack.title} lead={lead}>
      <Loaded query={query}>
        {({ notifications }) =>
          notifications.length === 0 ? <Empty title={t.slack.none} /> : <Messages notifications={notifications} />
        }
      </Loaded>
    </Page>
  )
}

function Messages({ notifications }: { notifications: readonly Notification[] }) {
  const { t } = useLanguage()
  const { incident } = route.useSearch()
  const shade = useShade()
  const [chosen, setChosen] = useState<'light' | 'dark'>()
  const look = chosen ?? shade
  const shown = notifications.find((one) => one.incident === incident) ?? notifications[0]
  if (shown === undefined) return null
  return (
    <div className="slack-split">
      <nav aria-label={t.slack.list} className="slack-list">
        <ol>
          {notifications.map((one) => (
            <li key={one.incident}>
              <Link
                to="/slack"
                search={{ incident: one.incident }}
                resetScroll={false}
                className={one === shown ? 'slack-pick current' : 'slack-pick'}
                aria-current={one === shown}
              >
                <span className="slack-pick-text">{visibleText(unescaped(one.text))}</span>
                <span className="faint small num">
                  <span className="mono">{one.incident}</span> · <State notification={one} />
                </span>
              </Link>
            </li>
          ))}
        </ol>
      </nav>
      <div className="slack-main">
        <div className="buttons slack-tools">
          <fieldset className="slack-look" aria-label={t.slack.look}>
            {(['light', 'dark'] as const).map((one) => (
              <button
                key={one}
                type="button"
                className="button small"
                aria-pressed={look === one}
                onClick={() => setChosen(one)}
              >
                {t.slack[one]}
              </button>
            ))}
          </fieldset>
          <Link to="/i/$id" params={{ id: shown.incident }}>
            {t.patterns.incident} {shown.incident}
          </Link>
          {shown.fault !== undefined && (
            <span>
              {t.slack.fault}: {shown.fault}
            </span>
          )}
        </div>
        <div className={`slack-canvas ${look}`}>
          <Message key={shown.incident} notification={shown} />
        </div>
        <p className="faint small">{t.slack.inert}</p>
      </div>
    </div>
  )
}

function State({ notification: { fault, pending, mode, postedAt } }: { notification: Notification }) {
  const { t, format } = useLanguage()
  if (fault !== undefined) return t.slack.fault
  if (mode === 'preview') return t.slack.preview
  if (pending || postedAt === undefined) return t.slack.pending
  return `${t.slack.posted} ${format.clock(postedAt)}`
}

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
