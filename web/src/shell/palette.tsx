/** Cmd/Ctrl-K: screens, incidents, and a search for whatever else was typed. A combobox over a listbox. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useId, useState } from 'react'
import { EVERY_INCIDENT, incidentsQuery } from '../api/queries'
import { useLanguage } from '../language/language'
import { SeverityTag } from '../severity/severity'
import { Icon } from './icon'
import { Modal } from './modal'
import { SCREENS } from './navigation'

interface Entry {
  key: string
  label: ReactNode
  go(): void
}

const MOST = 8

export function Palette({ onClose }: { onClose(): void }) {
  const { t } = useLanguage()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const id = useId()
  const entries = useEntries(text.trim())
  const index = Math.min(active, entries.length - 1)
  const choose = (entry: Entry | undefined): void => {
    if (entry === undefined) return
    onClose()
    entry.go()
  }
  return (
    <Modal title={t.nav.palette} hideTitle className="palette" onClose={onClose}>
      <input
        // biome-ignore lint/a11y/noAutofocus: the palette is opened to type
        autoFocus
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={index < 0 ? undefined : `${id}-${index}`}
        aria-label={t.palette.placeholder}
        placeholder={t.palette.placeholder}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={({ target }) => {
          setText(target.value)
          setActive(0)
        }}
        onKeyDown={(event) => {
          // Enter also ends the composition of a Korean syllable; that one is not a choice.
          if (event.nativeEvent.isComposing) return
          const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
          if (step !== 0) {
            event.preventDefault()
            setActive((index + step + entries.length) % Math.max(1, entries.length))
          }
          if (event.key === 'Enter') {
            event.preventDefault()
            choose(entries[index])
          }
        }}
      />
      <div id={id} role="listbox" aria-label={t.nav.palette} className="palette-list">
        {entries.map((entry, position) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the combobox's, above
          // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the combobox, which names the active option
          <div
            key={entry.key}
            id={`${id}-${position}`}
            role="option"
            aria-selected={position === index}
            className="palette-entry"
            onMouseMove={() => setActive(position)}
            onClick={() => choose(entry)}
          >
            {entry.label}
          </div>
        ))}
        {entries.length === 0 && <p className="muted">{t.palette.none}</p>}
      </div>
      <p className="palette-hint faint">{t.palette.hint}</p>
    </Modal>
  )
}

function useEntries(text: string): Entry[] {
  const { t } = useLanguage()
  const navigate = useNavigate()
  const { data } = useQuery(incidentsQuery(EVERY_INCIDENT))
  const wanted = text.toLowerCase()
  const matches = (...words: string[]): boolean => words.some((word) => word.toLowerCase().includes(wanted))

  const screens = SCREENS.filter(({ name }) => matches(t.nav[name], name)).map(
    ({ to, name }): Entry => ({
      key: to,
      label: (
        <>
          <Icon name={name} />
          <span className="truncate">{t.nav[name]}</span>
        </>
      ),
      go: () => void navigate({ to }),
    }),
  )
  const incidents = (data?.incidents ?? [])
    .filter(({ id, title, service, cause }) => wanted !== '' && matches(id, title, service, cause ?? ''))
    .slice(0, MOST)
    .map(
      ({ id, title, service, severity }): Entry => ({
        key: id,
        label: (
          <>
            <SeverityTag severity={severity} />
            <span className="mono faint">{id}</span>
            <span className="truncate">
              {service} · {title}
            </span>
          </>
        ),
        go: () => void navigate({ to: '/i/$id', params: { id } }),
      }),
    )
  const searches: Entry[] =
    text === ''
      ? []
      : [
          {
            key: 'search-logs',
            label: <SearchLabel text={t.palette.searchLogs(text)} />,
            go: () => void navigate({ to: '/logs', search: { q: text } }),
          },
          {
            key: 'search-knowledge',
            label: <SearchLabel text={t.palette.searchKnowledge(text)} />,
            go: () => void navigate({ to: '/knowledge', search: { q: text } }),
          },
        ]
  return [...incidents, ...screens, ...searches]
}

function SearchLabel({ text }: { text: string }) {
  return (
    <>
      <Icon name="search" />
      <span className="truncate">{text}</span>
    </>
  )
}
