/** Message: Slack Block Kit, and what makes text from a log harmless in it. Limits: https://docs.slack.dev/reference/block-kit/blocks */

export type Block = Readonly<Record<string, unknown>> & { readonly type: string }

export interface Message {
  /** Fallback for notifications and screen readers. */
  readonly text: string
  readonly blocks: readonly Block[]
}

export const LIMITS = {
  headerChars: 150,
  sectionChars: 3_000,
  buttonChars: 75,
  contextElements: 10,
  blocks: 50,
  messageChars: 12_000,
  fallbackChars: 3_900,
} as const

const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu

/** Control, bidi and zero-width characters removed; lone surrogates repaired. */
export const visible = (text: string): string => text.replace(/\r\n?/g, '\n').replace(HIDDEN, '').toWellFormed()

/** For mrkdwn and fallback text: the three characters that Slack reads (https://docs.slack.dev/messaging/formatting-message-text). */
export const escapeMrkdwn = (text: string): string =>
  visible(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** At most `max` UTF-16 units, cut between characters. */
export const clip = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`

export const header = (text: string): Block => ({
  type: 'header',
  text: { type: 'plain_text', text: clip(visible(text).replace(/\n/g, ' '), LIMITS.headerChars), emoji: false },
})

/** Plain text in the small type of a context block: nothing in it is parsed. */
export const context = (texts: readonly string[]): Block => ({
  type: 'context',
  elements: texts
    .slice(0, LIMITS.contextElements)
    .map((text) => ({ type: 'plain_text', text: clip(visible(text).replace(/\n/g, ' '), 1_000), emoji: false })),
})

export interface Span {
  readonly text: string
  readonly bold?: boolean
  readonly code?: boolean
}

/** A paragraph of rich text: text elements are shown as they are, links and mentions in them stay text. */
export const paragraph = (spans: readonly Span[]): Block => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: spans.map(element) }],
})

export const numbered = (items: readonly (readonly Span[])[]): Block => ({
  type: 'rich_text',
  elements: [
    {
      type: 'rich_text_list',
      style: 'ordered',
      elements: items.map((spans) => ({ type: 'rich_text_section', elements: spans.map(element) })),
    },
  ],
})

export const preformatted = (text: string): Block => ({
  type: 'rich_text',
  elements: [
    {
      type: 'rich_text_preformatted',
      elements: [{ type: 'text', text: clip(visible(text), LIMITS.sectionChars) || ' ' }],
    },
  ],
})

const element = (span: Span): Record<string, unknown> => ({
  type: 'text',
  text: clip(visible(span.text), LIMITS.sectionChars) || ' ',
  ...(span.bold === true || span.code === true
    ? { style: { ...(span.bold === true ? { bold: true } : {}), ...(span.code === true ? { code: true } : {}) } }
    : {}),
})

/** Text with its `code` parts as code spans. */
export function spansOf(text: string): Span[] {
  return text
    .split(/(`[^`]{1,500}`)/)
    .filter((part) => part !== '')
    .map((part) =>
      part.startsWith('`') && part.endsWith('`') && part.length > 2
        ? { text: part.slice(1, -1), code: true }
        : { text: part },
    )
}

export interface Button {
  readonly text: string
  readonly action: string
  readonly value: string
  readonly url?: string
  readonly style?: 'primary'
}

export const button = (b: Button): Record<string, unknown> => ({
  type: 'button',
  text: { type: 'plain_text', text: clip(b.text, LIMITS.buttonChars), emoji: false },
  action_id: b.action,
  value: b.value,
  ...(b.url === undefined ? {} : { url: b.url }),
  ...(b.style === undefined ? {} : { style: b.style }),
})

/** Details can go; the title, mentions (the only sections) and actions stay. */
const STAYS = new Set(['header', 'section', 'actions'])

/** Removes details from the end until the message is within Slack's size. */
export function withinSize(blocks: readonly Block[]): readonly Block[] {
  const kept = [...blocks]
  while (JSON.stringify(kept).length > LIMITS.messageChars && kept.length > 3) {
    const at = kept.findLastIndex((block) => !STAYS.has(block.type))
    if (at < 1) break
    kept.splice(at, 1)
  }
  return kept.slice(0, LIMITS.blocks)
}
