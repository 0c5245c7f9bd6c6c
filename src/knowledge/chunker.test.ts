import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunksOf } from './chunker.ts'
import { bundledRunbooks, readRunbookFolder } from './knowledge-base.ts'

const words = (n: number): string => `${'word '.repeat(n)}\n`
const texts = (markdown: string): string[] => chunksOf(markdown).map((chunk) => chunk.text)

describe('pieces of a page', () => {
  it('put together are the page, whatever it holds', () => {
    const block = fc.oneof(
      fc.constantFrom(
        '# A\n',
        '## B\n',
        '### C\n',
        '```\n',
        '~~~\n',
        '\n',
        words(100),
        words(450),
        '가나다 '.repeat(9_000),
      ),
      fc.string({ unit: 'grapheme', maxLength: 50 }),
    )
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), (blocks) => {
        const page = blocks.join('')
        const pieces = texts(page)
        expect(pieces.join('')).toBe(page)
        for (const piece of pieces) {
          expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(16_000)
          expect(piece.isWellFormed()).toBe(true)
        }
      }),
    )
    for (const page of readRunbookFolder(bundledRunbooks(), 'bundled'))
      expect(texts(page.markdown).join('')).toBe(page.markdown)
  })

  it('are sections; short ones stay together', () => {
    const long = `# Page\n${words(160)}## One\n${words(300)}## Two\n${words(300)}`
    expect(texts(long).map((text) => text.split('\n', 1)[0])).toEqual(['# Page', '## One', '## Two'])
    expect(texts(`# Page\n\n## One\n${words(20)}## Two\n${words(20)}`)).toHaveLength(1)
  })

  it('know the headings above them, without the title', () => {
    const page = `# Page\n${words(200)}## Pool\n${words(300)}### Causes\n${words(300)}## Disk\n${words(300)}`
    expect(chunksOf(page).map((chunk) => chunk.breadcrumb)).toEqual([[], ['Pool'], ['Pool', 'Causes'], ['Disk']])
  })

  it('keep a code fence whole, and take no heading out of it', () => {
    const fence = `\`\`\`\n# not a heading\n\n${words(350)}\`\`\`\n`
    const pieces = texts(`## One\n${words(300)}\n${fence}\n${words(300)}`)
    expect(pieces.filter((piece) => piece.includes('```'))).toHaveLength(1)
    expect(pieces.find((piece) => piece.includes('# not a heading'))).toContain(fence)
  })

  it('cut a long section between its paragraphs', () => {
    const pieces = texts(`## One\n${Array.from({ length: 6 }, () => words(150)).join('\n')}`)
    expect(pieces.length).toBe(3)
    expect(pieces.every((piece) => piece.split(' ').length <= 420)).toBe(true)
  })
})
