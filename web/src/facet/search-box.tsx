import { useEffect, useRef, useState } from 'react'
import { Icon } from '../shell/icon'
import './search-box.css'

interface Props {
  value: string
  label: string
  placeholder?: string
  /** Wait for Enter: for queries that are costly or half-written on the way. */
  onEnter?: boolean
  mono?: boolean
  onChange(value: string): void
}

const PAUSE = 250

/** `/` focuses the first one on the page; Escape clears, then leaves it. */
export function SearchBox({ value, label, placeholder = label, onEnter = false, mono = false, onChange }: Props) {
  const [draft, setDraft] = useState(value)
  const sent = useRef(value)
  useEffect(() => {
    // The address changed by other means (back button, facet, permalink): show what is searched now.
    if (value === sent.current) return
    sent.current = value
    setDraft(value)
  }, [value])

  const commit = (text: string): void => {
    if (text === sent.current) return
    sent.current = text
    onChange(text)
  }
  const latest = useRef(commit)
  latest.current = commit
  useEffect(() => {
    if (onEnter) return
    const timer = setTimeout(() => latest.current(draft.trim()), PAUSE)
    return () => clearTimeout(timer)
  }, [draft, onEnter])

  return (
    <search className="search-box">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          commit(draft.trim())
        }}
      >
        <Icon name="search" />
        <input
          data-search
          type="search"
          className={mono ? 'mono' : ''}
          aria-label={label}
          placeholder={placeholder}
          value={draft}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          enterKeyHint="search"
          onChange={({ target }) => {
            setDraft(target.value)
            // The browser's own × empties the field without Enter.
            if (target.value === '') commit('')
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            if (draft === '') event.currentTarget.blur()
          }}
        />
        <span className="search-key" aria-hidden="true">
          <kbd>/</kbd>
        </span>
      </form>
    </search>
  )
}
