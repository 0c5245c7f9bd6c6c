/**
 * The Markdown of runbooks as React nodes: headings, paragraphs, lists, code, bold, links. Nothing else, and never
 * HTML: a runbook may come from anywhere.
 */
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { CopyButton } from '../shell/copy'
import { withPlaces } from '../shell/places'

type Titles = ReadonlyMap<string, string>

interface Block {
  kind: 'heading' | 'paragraph' | 'ordered' | 'bullets' | 'code'
  lines: string[]
}

export function Markdown({ text, titles }: { text: string; titles: Titles }) {
  return withPlaces(blocksOf(text)).map(({ key, part }) => <BlockView key={key} block={part} titles={titles} />)
}

function BlockView({ block: { kind, lines }, titles }: { block: Block; titles: Titles }) {
  const items = (): ReactNode =>
    lines.map((line) => (
      <li key={line}>
        <Inline text={line} titles={titles} />
      </li>
    ))
  switch (kind) {
    case 'heading':
      return (
        <h2>
          <Inline text={lines[0] ?? ''} titles={titles} />
        </h2>
      )
    case 'ordered':
      return <ol className="document-list ordered">{items()}</ol>
    case 'bullets':
      return <ul className="document-list">{items()}</ul>
    case 'code':
      return (
        <div className="document-code">
          <pre>{lines.join('\n')}</pre>
          <CopyButton text={lines.join('\n')} />
        </div>
      )
    case 'paragraph':
      return (
        <p>
          <Inline text={lines.join(' ')} titles={titles} />
        </p>
      )
  }
}

function Inline({ text, titles }: { text: string; titles: Titles }) {
  const title = titles.get(text.trim())
  // "See also" lists name other runbooks by id.
  if (title !== undefined) {
    return (
      <Link to="/knowledge/$id" params={{ id: text.trim() }}>
        {title}
      </Link>
    )
  }
  return withPlaces(text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)\s]+\))/g)).map(({ key, part, place }) => {
    if (place % 2 === 0) return part
    if (part.startsWith('`')) {
      const code = part.slice(1, -1)
      return (
        <code key={key} className="document-inline">
          {code}
        </code>
      )
    }
    if (part.startsWith('**')) return <strong key={key}>{part.slice(2, -2)}</strong>
    const [, label = '', address = ''] = /^\[([^\]]+)\]\(([^)\s]+)\)$/.exec(part) ?? []
    return /^https?:\/\//.test(address) ? (
      <a key={key} href={address} target="_blank" rel="noreferrer noopener">
        {label}
      </a>
    ) : (
      label
    )
  })
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  let open: Block | undefined
  const add = (kind: Block['kind'], line: string): void => {
    if (open?.kind === kind && kind !== 'heading') {
      open.lines.push(line)
      return
    }
    open = { kind, lines: [line] }
    blocks.push(open)
  }
  let fence = false
  for (const line of withoutFrontMatter(text).split(/\r?\n/)) {
    if (/^\s*(```|~~~)/.test(line)) {
      fence = !fence
      open = undefined
      if (fence) {
        open = { kind: 'code', lines: [] }
        blocks.push(open)
      }
      continue
    }
    if (fence) {
      open?.lines.push(line)
      continue
    }
    // The title stands above the document already.
    if (/^# /.test(line)) continue
    const heading = /^#{2,6}\s+(.*)$/.exec(line)?.[1]
    const ordered = /^\s*\d+[.)]\s+(.*)$/.exec(line)?.[1]
    const bullet = /^\s*[-*+]\s+(.*)$/.exec(line)?.[1]
    if (line.trim() === '') open = undefined
    else if (heading !== undefined) add('heading', heading)
    else if (ordered !== undefined) add('ordered', ordered)
    else if (bullet !== undefined) add('bullets', bullet)
    else if (open !== undefined && (open.kind === 'ordered' || open.kind === 'bullets')) {
      // A list item that goes on in the next line.
      open.lines.push(`${open.lines.pop() ?? ''} ${line.trim()}`)
    } else add('paragraph', line.trim())
  }
  return blocks
}

const withoutFrontMatter = (text: string): string => text.replace(/^---\r?\n[\s\S]*?\r?\n---\r?\n/, '')
