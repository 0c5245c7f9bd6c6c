import { useLanguage } from '../language/language'
import { Menu, MenuItem } from '../shell/menu'
import { withPlaces } from '../shell/places'
import { Emoji } from './mrkdwn'
import { addressIn, type Json, labelIn, objectsIn, textIn } from './read'

/** Buttons, overflow menus and selects. Those with an address lead there; the others are inert in a preview. */
export function Elements({ elements }: { elements: readonly Json[] }) {
  return withPlaces(elements).map(({ key, part }) => <Element key={key} element={part} />)
}

function Element({ element }: { element: Json }) {
  const { t } = useLanguage()
  const type = textIn(element['type'])
  switch (type) {
    case 'button':
      return <Button element={element} />
    case 'overflow':
      return (
        <Menu
          trigger={
            <button type="button" className="slack-button" aria-label={t.action.more}>
              ⋯
            </button>
          }
        >
          {withPlaces(objectsIn(element['options'])).map(({ key, part }) => (
            <MenuItem key={key} onSelect={() => {}}>
              <Emoji text={labelIn(part['text'])} />
            </MenuItem>
          ))}
        </Menu>
      )
    case 'static_select':
      return (
        <select className="slack-button" aria-label={labelIn(element['placeholder'])} defaultValue="">
          <option value="">{labelIn(element['placeholder'])}</option>
          {withPlaces(objectsIn(element['options'])).map(({ key, part }) => (
            <option key={key}>{labelIn(part['text'])}</option>
          ))}
        </select>
      )
    case 'feedback_buttons':
      return (
        <span className="slack-feedback">
          <button
            type="button"
            className="slack-button"
            title={labelIn((element['positive_button'] as Json | undefined)?.['text'])}
          >
            👍
          </button>
          <button
            type="button"
            className="slack-button"
            title={labelIn((element['negative_button'] as Json | undefined)?.['text'])}
          >
            👎
          </button>
        </span>
      )
    default:
      return <span className="slack-unknown">{t.slack.unknownBlock(type)}</span>
  }
}

function Button({ element }: { element: Json }) {
  const label = <Emoji text={labelIn(element['text'])} />
  const address = addressIn(element['url'])
  const look = `slack-button ${textIn(element['style'])}`
  return address === undefined ? (
    <button type="button" className={look}>
      {label}
    </button>
  ) : (
    <a className={look} href={address} target="_blank" rel="noreferrer noopener">
      {label}
    </a>
  )
}
