/**
 * Chunker: a page to pieces that answer one question each. A piece is one or more whole sections of 150 to 400 tokens
 * where the page allows it; a code fence stays whole; what is too big for a store's field is cut at lines, then within
 * one. Pieces put together again are the page, to the letter.
 */

export interface Chunk {
  /** Headings above it, outermost first, without the page's title. */
  readonly breadcrumb: readonly string[]
  readonly text: string
}

const AT_LEAST_TOKENS = 150
const AT_MOST_TOKENS = 400
/** A VARCHAR of Milvus holds 65,535 bytes; title, breadcrumb and our own terms of the text stand beside it. */
const MAX_BYTES = 16_000
const HEADING = /^(#{1,6})\s+(.+?)\s*#*$/
const FENCE = /^\s{0,3}(```+|~~~+)/

export function chunksOf(markdown: string): Chunk[] {
  const chunks: { breadcrumb: readonly string[]; lines: string[] }[] = []
  for (const section of sectionsOf(markdown)) {
    const last = chunks.at(-1)
    const joined = last === undefined ? Number.POSITIVE_INFINITY : tokensOf(last.lines) + tokensOf(section.lines)
    // A short section says little alone: it stays with the one before it while both fit.
    if (last !== undefined && joined <= AT_MOST_TOKENS && isShort(last.lines, section.lines) && fits(last, section))
      last.lines.push(...section.lines)
    else for (const lines of piecesOf(section.lines)) chunks.push({ breadcrumb: section.breadcrumb, lines })
  }
  return chunks.map(({ breadcrumb, lines }) => ({ breadcrumb, text: lines.join('') }))
}

const isShort = (a: readonly string[], b: readonly string[]): boolean =>
  Math.min(tokensOf(a), tokensOf(b)) < AT_LEAST_TOKENS
const fits = (a: { lines: readonly string[] }, b: { lines: readonly string[] }): boolean =>
  bytesOf(a.lines) + bytesOf(b.lines) <= MAX_BYTES

/** A section is a heading with what stands under it up to the next one; headings inside code are code. */
function sectionsOf(markdown: string): { breadcrumb: readonly string[]; lines: string[] }[] {
  const sections: { breadcrumb: readonly string[]; lines: string[] }[] = []
  const above: string[] = []
  for (const { line, inside } of markFences(markdown.split(/(?<=\n)/))) {
    const heading = inside ? null : HEADING.exec(line.trimEnd())
    if (heading !== null) {
      above.length = Math.min(above.length, (heading[1] as string).length - 1)
      above[(heading[1] as string).length - 1] = heading[2] as string
      // The first level is the page's title, which is told anyway.
      sections.push({ breadcrumb: above.slice(1).filter((text) => text !== undefined), lines: [line] })
    } else if (sections.length === 0) sections.push({ breadcrumb: [], lines: [line] })
    else sections.at(-1)?.lines.push(line)
  }
  return sections
}

/** Cuts a long section between blocks: paragraphs and whole code fences. */
function piecesOf(lines: readonly string[]): string[][] {
  const pieces: string[][] = []
  let piece: string[] = []
  for (const block of blocksOf(lines).flatMap(withinBytes)) {
    const next = [...piece, ...block]
    if (piece.length > 0 && (tokensOf(next) > AT_MOST_TOKENS || bytesOf(next) > MAX_BYTES)) {
      pieces.push(piece)
      piece = block
    } else piece = next
  }
  return piece.length === 0 ? pieces : [...pieces, piece]
}

function blocksOf(lines: readonly string[]): string[][] {
  const blocks: string[][] = [[]]
  for (const { line, inside } of markFences(lines)) {
    blocks.at(-1)?.push(line)
    if (!inside && line.trim() === '') blocks.push([])
  }
  return blocks.filter((block) => block.length > 0)
}

function withinBytes(block: readonly string[]): string[][] {
  if (bytesOf(block) <= MAX_BYTES) return [[...block]]
  const parts: string[][] = [[]]
  for (const line of block.flatMap(cutLine)) {
    const part = parts.at(-1) as string[]
    if (part.length > 0 && bytesOf([...part, line]) > MAX_BYTES) parts.push([line])
    else part.push(line)
  }
  return parts
}

/** A line longer than a field, such as a dump in one line; never between the halves of a character. */
function cutLine(line: string): string[] {
  const parts: string[] = []
  let from = 0
  do {
    let to = from + MAX_BYTES / 4
    if (/[\udc00-\udfff]/.test(line[to] ?? '')) to++
    parts.push(line.slice(from, to))
    from = to
  } while (from < line.length)
  return parts
}

/** Each line with whether it belongs to a code fence; its last line does too. */
function markFences(lines: readonly string[]): { line: string; inside: boolean }[] {
  let fence: string | undefined
  return lines.map((line) => {
    const mark = FENCE.exec(line)?.[1]
    const inside = fence !== undefined || mark !== undefined
    if (mark !== undefined) {
      if (fence === undefined) fence = mark
      else if (mark.startsWith(fence)) fence = undefined
    }
    return { line, inside }
  })
}

/** About as many as a model counts: words, pairs of Hangul syllables, signs. */
const tokensOf = (lines: readonly string[]): number =>
  lines.reduce((sum, line) => sum + (line.match(/[A-Za-z0-9]+|[가-힣]{1,2}|[^\sA-Za-z0-9가-힣]/g)?.length ?? 0), 0)
const bytesOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
