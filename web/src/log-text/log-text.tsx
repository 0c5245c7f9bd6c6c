/**
 * Text from a log is hostile: it may hide, reorder or colour what a reader sees. It is rendered as text only, and
 * every control, bidirectional or invisible character becomes a visible mark.
 */
import type { ReactNode } from 'react'
import './log-text.css'
import { withPlaces } from '../shell/places'

/** C0 without tab and line feed, C1, soft hyphen, zero width, bidi controls, line separators, byte order mark, tags. */
const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

const NAMES: Readonly<Record<string, string>> = {
  '\u001b': 'ESC',
  '\r': 'CR',
  '\u0000': 'NUL',
  '\u0007': 'BEL',
  '\u0008': 'BS',
}

const nameOf = (char: string): string =>
  NAMES[char] ?? `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

export function LogText({ text }: { text: string }) {
  // bdi isolates what is left of right-to-left text, so that it cannot reorder the line around it.
  return <bdi>{visible(text)}</bdi>
}

/** For titles: parameters that were masked, such as <num>, step back so that the constant words stand out. */
export function TemplateText({ text }: { text: string }) {
  const parts = text.split(/(<[a-z*_-]{1,24}>)/gi)
  return (
    <bdi>
      {withPlaces(parts).map(({ key, part, place }) =>
        place % 2 === 1 ? (
          <span key={key} className="parameter">
            {part}
          </span>
        ) : (
          visible(part)
        ),
      )}
    </bdi>
  )
}

/** For attributes and copies, where marks must be text. */
export const visibleText = (text: string): string => text.replace(INVISIBLE, (char) => `<${nameOf(char)}>`)

function visible(text: string): ReactNode {
  const nodes: ReactNode[] = []
  let end = 0
  for (const match of text.matchAll(INVISIBLE)) {
    nodes.push(text.slice(end, match.index))
    nodes.push(
      <span key={match.index} className="invisible-char">
        {nameOf(match[0])}
      </span>,
    )
    end = match.index + match[0].length
  }
  if (end === 0) return text
  nodes.push(text.slice(end))
  return nodes
}
