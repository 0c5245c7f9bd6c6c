import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkBlocks, checkMessage, textsOf } from '../../../test/support/slack-rules.ts'
import {
  type Block,
  button,
  clip,
  context,
  escapeMrkdwn,
  header,
  LIMITS,
  numbered,
  paragraph,
  preformatted,
  spansOf,
  visible,
  withinSize,
} from './message.ts'

const HOSTILE = [
  '<!channel>',
  '<@U123>',
  '<http://evil.example|click>',
  '`code` ```fence```',
  '& < >',
  'a\nb\r\nc',
  '\u202egnp.exe',
  '\ud800',
  'x\u0000y\u001b[31m',
  ':fire:',
  '*bold* _it_',
]

describe('text of a log in any block', () => {
  it.each(HOSTILE)('%j is text and nothing else', (text) => {
    const blocks = [
      header(text),
      context([text]),
      paragraph([{ text }, { text, bold: true }, { text, code: true }]),
      numbered([[{ text }]]),
      preformatted(text),
    ]
    expect(checkBlocks(blocks)).toEqual([])
    expect(checkMessage({ text: escapeMrkdwn(text), blocks })).toEqual([])
  })

  it('is cut to the limits, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.integer({ min: 1, max: 30 }), (part, times) => {
        const text = part.repeat(times)
        const blocks = [header(`x${text}`), context([`x${text}`]), paragraph([{ text }]), preformatted(text)]
        expect(checkBlocks(blocks)).toEqual([])
      }),
    )
  })

  it('keeps what a person wrote: Korean, emoji, tabs and line ends', () => {
    expect(visible('한글 😀\t탭\r\n줄')).toBe('한글 😀\t탭\n줄')
    expect(visible('a\u200bb\u202ec\u061cd\u2066e\u{e0041}f')).toBe('abcdef')
  })

  it('is cut between characters, not through one', () => {
    expect(clip('가나다', 3)).toBe('가나다')
    expect(clip('가나다라', 3)).toBe('가나…')
    expect(clip('a😀😀', 3).isWellFormed()).toBe(true)
  })

  it('in the fallback text has its three live characters escaped, once', () => {
    expect(escapeMrkdwn('<!channel> a & b &lt;')).toBe('&lt;!channel&gt; a &amp; b &amp;lt;')
  })
})

describe('commands in a step', () => {
  it('become code, and unpaired backticks stay text', () => {
    expect(spansOf('run `a b` now')).toEqual([{ text: 'run ' }, { text: 'a b', code: true }, { text: ' now' }])
    expect(spansOf('a ` b')).toEqual([{ text: 'a ` b' }])
    expect(spansOf('``')).toEqual([{ text: '``' }])
  })
})

describe('a message that would be too long', () => {
  const long = (n: number): Block => preformatted(`${n} ${'"\\'.repeat(1_400)}`)
  const actions: Block = { type: 'actions', block_id: 'x', elements: [button({ text: 'ok', action: 'a', value: 'v' })] }
  const mention: Block = { type: 'section', text: { type: 'mrkdwn', text: '<@U1>', verbatim: true } }

  it('loses its last details first, and neither its title, its mentions nor its buttons', () => {
    const kept = withinSize([
      header('title'),
      context(['facts']),
      paragraph([{ text: 'cause' }]),
      long(1),
      long(2),
      long(3),
      long(4),
      mention,
      actions,
    ])
    expect(JSON.stringify(kept).length).toBeLessThanOrEqual(LIMITS.messageChars)
    expect(kept.map((block) => block.type)).toEqual([
      'header',
      'context',
      'rich_text',
      'rich_text',
      'rich_text',
      'section',
      'actions',
    ])
    expect(
      textsOf(kept)
        .slice(2, 5)
        .map((text) => text.slice(0, 2)),
    ).toEqual(['ca', '1 ', '2 '])
  })

  it('has at most fifty blocks', () => {
    expect(withinSize(Array.from({ length: 80 }, () => context(['x'])))).toHaveLength(50)
  })
})

describe('the rules that tests check messages by', () => {
  it.each<[string, unknown]>([
    ['a long header', { type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }],
    ['an empty text', { type: 'context', elements: [{ type: 'plain_text', text: '' }] }],
    [
      'eleven context elements',
      { type: 'context', elements: Array.from({ length: 11 }, () => ({ type: 'plain_text', text: 'x' })) },
    ],
    [
      'an empty list item',
      {
        type: 'rich_text',
        elements: [
          { type: 'rich_text_list', style: 'ordered', elements: [{ type: 'rich_text_section', elements: [] }] },
        ],
      },
    ],
    [
      'a live link',
      { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'link', url: 'http://x' }] }] },
    ],
    [
      'a live mention',
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'broadcast', range: 'channel' }] }],
      },
    ],
    [
      'markup in a section',
      { type: 'section', text: { type: 'mrkdwn', text: 'look <http://x|here>', verbatim: true } },
    ],
    ['a bidi override', { type: 'header', text: { type: 'plain_text', text: 'a\u202eb' } }],
  ])('refuse %s', (_name, block) => expect(checkBlocks([block])).not.toEqual([]))
})
