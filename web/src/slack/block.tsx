/** One Block Kit block. What this does not know is named, not hidden. */
import type { ReactNode } from 'react'
import type { Block } from '../api/nouns'
import { useLanguage } from '../language/language'
import { withPlaces } from '../shell/places'
import { Elements } from './elements'
import { Emoji, Mrkdwn } from './mrkdwn'
import { isObject, type Json, labelIn, objectsIn, textIn } from './read'
import { RichText } from './rich-text'

export function BlockView({ block }: { block: Block }) {
  const { t } = useLanguage()
  const type = textIn(block['type'])
  switch (type) {
    case 'header':
      return (
        <h2 className="slack-header">
          <Emoji text={labelIn(block['text'])} />
        </h2>
      )
    case 'section':
      return <Section block={block} />
    case 'context':
      return (
        <div className="slack-context">
          {withPlaces(objectsIn(block['elements'])).map(({ key, part }) => (
            <span key={key}>
              <Text value={part} />
            </span>
          ))}
        </div>
      )
    case 'divider':
      return <hr className="slack-divider" />
    case 'actions':
    case 'context_actions':
      return (
        <div className="slack-actions">
          <Elements elements={objectsIn(block['elements'])} />
        </div>
      )
    case 'rich_text':
      return <RichText elements={objectsIn(block['elements'])} />
    case 'markdown':
      return (
        <div className="slack-section">
          <Mrkdwn text={textIn(block['text']).replaceAll('**', '*')} />
        </div>
      )
    default:
      return <p className="slack-unknown">{t.slack.unknownBlock(type)}</p>
  }
}

function Section({ block }: { block: Block }) {
  const fields = objectsIn(block['fields'])
  const accessory = block['accessory']
  return (
    <div className="slack-section">
      <div>
        {isObject(block['text']) && <Text value={block['text']} />}
        {fields.length > 0 && (
          <div className="slack-fields">
            {withPlaces(fields).map(({ key, part }) => (
              <div key={key}>
                <Text value={part} />
              </div>
            ))}
          </div>
        )}
      </div>
      {isObject(accessory) && <Elements elements={[accessory]} />}
    </div>
  )
}

function Text({ value }: { value: Json }): ReactNode {
  const text = textIn(value['text'])
  return value['type'] === 'mrkdwn' ? <Mrkdwn text={text} /> : <Emoji text={text} />
}
