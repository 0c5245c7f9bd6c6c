import { useState } from 'react'
import type { Block, Notification } from '../api/nouns'
import { useLanguage } from '../language/language'
import { withPlaces } from '../shell/places'
import { BlockView } from './block'

/** Root message and its thread. */
export function Message({ notification }: { notification: Notification }) {
  const { t } = useLanguage()
  const [asJson, setAsJson] = useState(false)
  const { blocks, thread, postedAt } = notification
  return (
    <>
      <Post blocks={blocks} at={postedAt} />
      {thread.length > 0 && (
        <>
          <p className="slack-replies">{t.slack.thread(thread.length)}</p>
          <div className="slack-thread">
            {withPlaces(thread).map(({ key, part }) => (
              <Post key={key} blocks={part.blocks} at={undefined} broadcast={part.broadcast} />
            ))}
          </div>
        </>
      )}
      <button
        type="button"
        className="text-button small slack-json-toggle"
        aria-expanded={asJson}
        onClick={() => setAsJson(!asJson)}
      >
        {asJson ? t.slack.hideJson : t.slack.showJson}
      </button>
      {asJson && (
        <pre className="slack-json">{JSON.stringify({ text: notification.text, blocks, thread }, null, 2)}</pre>
      )}
    </>
  )
}

function Post({
  blocks,
  at,
  broadcast = false,
}: {
  blocks: readonly Block[]
  at: number | undefined
  broadcast?: boolean
}) {
  const { t, format } = useLanguage()
  return (
    <article className="slack-post">
      <div className="slack-avatar" aria-hidden="true">
        <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          <path d="M3 16v-4M8 16V8M13 16V4" stroke="#fff" strokeWidth="2.4" strokeLinecap="round" fill="none" />
          <circle cx="17.2" cy="14.8" r="2" fill="#fff" />
        </svg>
      </div>
      <div className="slack-content">
        <p className="slack-author">
          <strong>CALI</strong> <span className="slack-app">{t.slack.app}</span>{' '}
          {at !== undefined && (
            <time className="slack-time" dateTime={new Date(at).toISOString()}>
              {format.clock(at).replace(/:\d\d$/, '')}
            </time>
          )}
          {broadcast && <span className="slack-time"> · {t.slack.broadcast}</span>}
        </p>
        {withPlaces(blocks).map(({ key, part }) => (
          <BlockView key={key} block={part} />
        ))}
      </div>
    </article>
  )
}
