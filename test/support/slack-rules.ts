/**
 * What Slack refuses, and what CALI must never send: limits of https://docs.slack.dev/reference/block-kit/blocks and of
 * `@slack/types`, the size of a whole message (github.com/slackapi/bolt-js/issues/2509), text that may not hold markup.
 */
import { z } from 'zod'

const LIVE_MARKUP = /<(?:[!@#]|https?:|mailto:|[^>\n]*\|)/
const MENTIONS_ONLY = /^(?:<(?:@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|!channel)>(?: |$))+$/

const wellFormed = (text: string): boolean =>
  text.isWellFormed() && !/[\u0000-\u0008\u200b\u202a-\u202e\u2066-\u2069]/.test(text)
const textOf = (max: number) =>
  z.string().min(1).max(max).refine(wellFormed, 'holds lone surrogates, control or bidi characters')
const plainText = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: textOf(max), emoji: z.boolean().optional() })
const richText = z.strictObject({
  type: z.literal('text', 'log text is a text element: a link, user or broadcast element is live'),
  text: textOf(3_000),
  style: z.strictObject({ bold: z.boolean().optional(), code: z.boolean().optional() }).optional(),
})
const richSection = z.strictObject({
  type: z.enum(['rich_text_section', 'rich_text_preformatted']),
  elements: z.array(richText).min(1),
})
const richList = z.strictObject({
  type: z.literal('rich_text_list'),
  style: z.enum(['ordered', 'bullet']),
  elements: z.array(richSection).min(1),
})
const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  action_id: textOf(255),
  value: textOf(2_000),
  url: z.url().max(3_000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
})
const overflow = z.strictObject({
  type: z.literal('overflow'),
  action_id: textOf(255),
  options: z
    .array(z.strictObject({ text: plainText(75), value: textOf(75) }))
    .min(1)
    .max(5),
})

const block = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('header'),
    text: plainText(150).refine((text) => !text.text.includes('\n'), 'a header is one line'),
  }),
  z.strictObject({ type: z.literal('context'), elements: z.array(plainText(2_000)).min(1).max(10) }),
  z.strictObject({
    type: z.literal('section'),
    text: z.strictObject({
      type: z.literal('mrkdwn'),
      text: textOf(3_000).regex(MENTIONS_ONLY, 'only mentions of the configuration may be mrkdwn'),
      verbatim: z.literal(true),
    }),
  }),
  z.strictObject({ type: z.literal('rich_text'), elements: z.array(z.union([richSection, richList])).min(1) }),
  z.strictObject({
    type: z.literal('actions'),
    block_id: textOf(255),
    elements: z
      .array(z.union([button, overflow]))
      .min(1)
      .max(25),
  }),
])

/** Why Slack, or CALI's own safety, refuses these blocks; empty when they may be sent. */
export function checkBlocks(blocks: readonly unknown[]): string[] {
  const faults: string[] = []
  if (blocks.length === 0 || blocks.length > 50) faults.push(`${blocks.length} blocks: 1 to 50 are accepted`)
  const size = JSON.stringify(blocks).length
  if (size > 13_200) faults.push(`msg_blocks_too_long: ${size} characters`)
  blocks.forEach((item, i) => {
    const parsed = block.safeParse(item)
    if (!parsed.success)
      faults.push(...parsed.error.issues.map((issue) => `block ${i} ${issue.path.join('.')}: ${issue.message}`))
  })
  const ids = blocks.flatMap((item) => (item as { block_id?: string }).block_id ?? [])
  if (new Set(ids).size !== ids.length) faults.push('a block_id is used twice')
  return faults
}

/** Faults of a whole message: its blocks, and its fallback text, which Slack parses. */
export function checkMessage(message: { readonly text: string; readonly blocks: readonly unknown[] }): string[] {
  const faults = checkBlocks(message.blocks)
  if (message.text === '' || message.text.length > 4_000)
    faults.push(`fallback text of ${message.text.length} characters`)
  if (!wellFormed(message.text)) faults.push('fallback text holds lone surrogates, control or bidi characters')
  if (LIVE_MARKUP.test(message.text)) faults.push('fallback text holds live markup')
  return faults
}

/** All text that a reader sees, block by block. */
export function textsOf(blocks: readonly unknown[]): string[] {
  const collect = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.flatMap(collect)
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([key, inner]) =>
      key === 'text' && typeof inner === 'string' ? [inner] : collect(inner),
    )
  }
  return blocks.map((item) => collect(item).join(''))
}
