/**
 * Citations. E1, K2, I1 or C1 in the report is a link to the item it stands on: the item scrolls into view, is
 * marked, and takes the focus. The cited id is in the address, so that a link can point at one line of evidence.
 */
import { createContext, type ReactNode, use, useEffect, useMemo, useRef } from 'react'
import { useLanguage } from '../language/language'
import { LogText } from '../log-text/log-text'
import { withPlaces } from '../shell/places'

interface Citations {
  known: ReadonlySet<string>
  active: string | undefined
  cite(id: string): void
}

const CitationContext = createContext<Citations>({ known: new Set(), active: undefined, cite: () => {} })

interface Props {
  known: readonly string[]
  active: string | undefined
  onActive(id: string): void
  children: ReactNode
}

export function CitationProvider({ known, active, onActive, children }: Props) {
  const signature = known.join(' ')
  const latest = useRef(onActive)
  latest.current = onActive
  const value = useMemo<Citations>(
    () => ({
      known: new Set(signature.split(' ')),
      active,
      cite: (id) => {
        latest.current(id)
        show(id)
      },
    }),
    [signature, active],
  )
  // An address with a citation in it, opened from elsewhere.
  const first = useRef(active)
  useEffect(() => {
    if (first.current !== undefined) show(first.current)
  }, [])
  return <CitationContext value={value}>{children}</CitationContext>
}

const useCitations = (): Citations => use(CitationContext)

const anchorOf = (id: string): string => `cite-${id}`

function show(id: string): void {
  const target = document.getElementById(anchorOf(id))
  if (target === null) return
  target.closest('details')?.setAttribute('open', '')
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  target.scrollIntoView({ block: 'center', behavior: still ? 'auto' : 'smooth' })
  target.focus({ preventScroll: true })
}

/** Spread over the element that a citation leads to. */
export function useCitationTarget(id: string): { id: string; tabIndex: number; className: string } {
  const { active } = useCitations()
  return { id: anchorOf(id), tabIndex: -1, className: active === id ? 'cited' : '' }
}

export function Citation({ id }: { id: string }) {
  const { t } = useLanguage()
  const { known, active, cite } = useCitations()
  if (!known.has(id)) return <span className="citation-id">{id}</span>
  return (
    <a
      href={`?at=${id}`}
      className={`citation ${active === id ? 'active' : ''}`}
      aria-label={t.incident.jump(id)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey) return
        event.preventDefault()
        cite(id)
      }}
    >
      {id}
    </a>
  )
}

/** Report text: `code` and citations become elements, everything else stays text. */
export function ReportText({ text }: { text: string }) {
  const { known } = useCitations()
  const parts = text.split(/(`[^`\n]+`|\b[EKIC]\d{1,3}\b)/g)
  return withPlaces(parts).map(({ key, part, place }) => {
    if (place % 2 === 0) return <LogText key={key} text={part} />
    if (part.startsWith('`')) {
      return (
        <code key={key} className="inline-code">
          <LogText text={part.slice(1, -1)} />
        </code>
      )
    }
    return known.has(part) ? <Citation key={key} id={part} /> : part
  })
}
