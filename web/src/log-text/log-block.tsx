import { useState } from 'react'
import { useLanguage } from '../language/language'
import { LogText } from './log-text'

const SHOWN = 4

/** A logged text of many lines, such as a stack trace: its head, and the rest on request. */
export function LogBlock({ text }: { text: string }) {
  const { t, format } = useLanguage()
  const [whole, setWhole] = useState(false)
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/)
  const rest = lines.length - SHOWN
  // One line more is shorter than a button that says so.
  const folded = rest > 1 && !whole
  return (
    <>
      <pre className="log-block">
        <LogText text={(folded ? lines.slice(0, SHOWN) : lines).join('\n')} />
      </pre>
      {rest > 1 && (
        <button type="button" className="text-button small" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? t.facet.less : t.incident.moreLines(format.number(rest))}
        </button>
      )}
    </>
  )
}
