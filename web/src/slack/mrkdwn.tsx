/** Slack's mrkdwn as React nodes: *bold*, _italic_, ~strike~, `code`, ```fences```, > quotes, <url|text>, :emoji:. */
import type { ReactNode } from 'react'
import { LogText } from '../log-text/log-text'
import { withPlaces } from '../shell/places'
import { addressIn } from './read'

const TOKEN =
  /(```[\s\S]+?```|`[^`\n]+`|<[^<>\n]+>|(?<![\p{L}\p{N}])\*[^*\n]+\*(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])_[^_\n]+_(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])~[^~\n]+~(?![\p{L}\p{N}]))/gu

export function Mrkdwn({ text }: { text: string }) {
  return withPlaces(text.split('\n').reduce<Block[]>(intoBlocks, [])).map(({ key, part: { quote, lines } }) =>
    quote ? (
      <blockquote key={key} className="slack-quote">
        <Spans text={lines.join('\n')} />
      </blockquote>
    ) : (
      <Spans key={key} text={lines.join('\n')} />
    ),
  )
}

interface Block {
  quote: boolean
  lines: string[]
}

function intoBlocks(blocks: Block[], line: string): Block[] {
  const quote = /^(&gt;|>) ?/.exec(line)?.[0]
  const last = blocks.at(-1)
  const content = quote === undefined ? line : line.slice(quote.length)
  if (last !== undefined && last.quote === (quote !== undefined)) last.lines.push(content)
  else blocks.push({ quote: quote !== undefined, lines: [content] })
  return blocks
}

function Spans({ text }: { text: string }): ReactNode {
  return withPlaces(text.split(TOKEN)).map(({ key, part, place }) => {
    if (place % 2 === 0) return <Emoji key={key} text={withoutEscapes(part)} />
    if (part.startsWith('```')) {
      return (
        <pre key={key} className="slack-pre">
          <LogText text={withoutEscapes(part.slice(3, -3).replace(/^\n/, ''))} />
        </pre>
      )
    }
    if (part.startsWith('`')) {
      return (
        <code key={key} className="slack-code">
          <LogText text={withoutEscapes(part.slice(1, -1))} />
        </code>
      )
    }
    if (part.startsWith('<')) return <Reference key={key} inside={part.slice(1, -1)} />
    const inner = <Spans text={part.slice(1, -1)} />
    if (part.startsWith('*')) return <strong key={key}>{inner}</strong>
    if (part.startsWith('_')) return <em key={key}>{inner}</em>
    return <s key={key}>{inner}</s>
  })
}

/** <url|text>, <@U…>, <#C…>, <!date^…^fallback> */
function Reference({ inside }: { inside: string }) {
  const [target = '', label] = inside.split('|')
  const address = addressIn(withoutEscapes(target))
  if (address !== undefined) {
    return (
      <a href={address} target="_blank" rel="noreferrer noopener">
        <Emoji text={withoutEscapes(label ?? target)} />
      </a>
    )
  }
  if (target.startsWith('!date')) return <>{withoutEscapes(label ?? target)}</>
  if (/^[@#!]/.test(target))
    return <span className="slack-mention">{withoutEscapes(label ?? target.replace(/^!(subteam\^)?/, '@'))}</span>
  return <>{withoutEscapes(`<${inside}>`)}</>
}

const withoutEscapes = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

const EMOJI: Readonly<Record<string, string>> = {
  red_circle: '🔴',
  large_orange_circle: '🟠',
  large_yellow_circle: '🟡',
  large_blue_circle: '🔵',
  white_circle: '⚪',
  large_green_circle: '🟢',
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  eyes: '👀',
  warning: '⚠️',
  rotating_light: '🚨',
  mag: '🔍',
  repeat: '🔁',
  zzz: '💤',
  thumbsup: '👍',
  '+1': '👍',
  thumbsdown: '👎',
  '-1': '👎',
  bulb: '💡',
  book: '📖',
  rocket: '🚀',
}

export const emojiOf = (name: string): string => EMOJI[name] ?? `:${name}:`

export function Emoji({ text }: { text: string }) {
  return <LogText text={text.replace(/:([a-z0-9_+-]{2,32}):/g, (whole, name: string) => EMOJI[name] ?? whole)} />
}
