import type { ReactNode } from 'react'
import { LogText } from '../log-text/log-text'
import { withPlaces } from '../shell/places'
import { Emoji, emojiOf } from './mrkdwn'
import { addressIn, isObject, type Json, objectsIn, textIn } from './read'

/** rich_text: sections, lists, quotes and preformatted text, whose content Slack does not parse at all. */
export function RichText({ elements }: { elements: readonly Json[] }) {
  return withPlaces(elements).map(({ key, part: element }) => {
    const parts = objectsIn(element['elements'])
    switch (element['type']) {
      case 'rich_text_preformatted':
        return (
          <pre key={key} className="slack-pre">
            {withPlaces(parts).map(({ key: place, part }) => (
              <LogText key={place} text={textIn(part['text']) || textIn(part['url'])} />
            ))}
          </pre>
        )
      case 'rich_text_list': {
        const List = element['style'] === 'ordered' ? 'ol' : 'ul'
        return (
          <List
            key={key}
            className={`slack-rich-list ${textIn(element['style'])} indent-${Number(element['indent'] ?? 0)}`}
          >
            {withPlaces(parts).map(({ key: place, part: item }) => (
              <li key={place}>
                <Inlines parts={objectsIn(item['elements'])} />
              </li>
            ))}
          </List>
        )
      }
      case 'rich_text_quote':
        return (
          <blockquote key={key} className="slack-quote">
            <Inlines parts={parts} />
          </blockquote>
        )
      default:
        return (
          <p key={key} className="slack-rich">
            <Inlines parts={parts} />
          </p>
        )
    }
  })
}

function Inlines({ parts }: { parts: readonly Json[] }) {
  return withPlaces(parts).map(({ key, part }) => <Inline key={key} part={part} />)
}

function Inline({ part }: { part: Json }): ReactNode {
  const text = textIn(part['text'])
  switch (part['type']) {
    case 'link': {
      const address = addressIn(part['url'])
      const label = text || textIn(part['url'])
      return address === undefined ? (
        label
      ) : (
        <a href={address} target="_blank" rel="noreferrer noopener">
          {label}
        </a>
      )
    }
    case 'emoji':
      return emojiOf(textIn(part['name']))
    case 'text':
      return styled(<Emoji text={text} />, part['style'])
    case 'user':
    case 'usergroup':
    case 'channel':
      return (
        <span className="slack-mention">
          @{textIn(part['user_id']) || textIn(part['usergroup_id']) || textIn(part['channel_id'])}
        </span>
      )
    default:
      return text
  }
}

function styled(node: ReactNode, style: unknown): ReactNode {
  if (!isObject(style)) return node
  let styledNode = node
  if (style['code'] === true) styledNode = <code className="slack-code">{styledNode}</code>
  if (style['bold'] === true) styledNode = <strong>{styledNode}</strong>
  if (style['italic'] === true) styledNode = <em>{styledNode}</em>
  if (style['strike'] === true) styledNode = <s>{styledNode}</s>
  return styledNode
}
