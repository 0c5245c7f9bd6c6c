import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { Incident } from '../api/nouns'
import { EVERY_INCIDENT, incidentsQuery } from '../api/queries'
import { useLanguage } from '../language/language'
import { Modal } from '../shell/modal'
import { useIncidentActions } from './incident-actions'

/** A question with one answer, to give or to leave. */
function AskDialog({
  title,
  submit,
  disabled = false,
  onSubmit,
  onClose,
  children,
}: {
  title: string
  submit: string
  disabled?: boolean
  onSubmit(): void
  onClose(): void
  children: ReactNode
}) {
  const { t } = useLanguage()
  return (
    <Modal title={title} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          onClose()
          onSubmit()
        }}
      >
        {children}
        <div className="buttons">
          <button type="submit" className="button primary" disabled={disabled}>
            {submit}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {t.action.cancel}
          </button>
        </div>
      </form>
    </Modal>
  )
}

/** Asks for the fix: the next time the same error comes, it is what people want to read first. */
export function ResolveDialog({ incident, onClose }: { incident: Incident; onClose(): void }) {
  const { t } = useLanguage()
  const actions = useIncidentActions()
  const [note, setNote] = useState('')
  const given = note.trim()
  return (
    <AskDialog
      title={t.incident.resolveTitle}
      submit={t.action.resolve}
      onSubmit={() => {
        if (given === '') actions.resolve(incident)
        else actions.resolve(incident, given)
      }}
      onClose={onClose}
    >
      <label className="field">
        <span>{t.incident.resolveNote}</span>
        <textarea
          // biome-ignore lint/a11y/noAutofocus: the dialog exists for this one field
          autoFocus
          rows={3}
          maxLength={2_000}
          value={note}
          onChange={({ target }) => setNote(target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) event.currentTarget.form?.requestSubmit()
          }}
        />
      </label>
    </AskDialog>
  )
}

export function RenameDialog({ incident, onClose }: { incident: Incident; onClose(): void }) {
  const { t } = useLanguage()
  const actions = useIncidentActions()
  const [title, setTitle] = useState(incident.title)
  const given = title.trim()
  return (
    <AskDialog
      title={t.action.rename}
      submit={t.action.save}
      disabled={given === ''}
      onSubmit={() => {
        if (given !== incident.title) actions.rename(incident, given)
      }}
      onClose={onClose}
    >
      <label className="field">
        <span>{t.incident.renameTitle}</span>
        <input
          // biome-ignore lint/a11y/noAutofocus: the dialog exists for this one field
          autoFocus
          maxLength={200}
          value={title}
          onChange={({ target }) => setTitle(target.value)}
        />
      </label>
    </AskDialog>
  )
}

/** Two incidents are the same error: this one becomes part of the other. */
export function MergeDialog({
  incident,
  onMerge,
  onClose,
}: {
  incident: Incident
  onMerge(into: string): void
  onClose(): void
}) {
  const { t } = useLanguage()
  const [other, setOther] = useState('')
  const { data } = useQuery(incidentsQuery(EVERY_INCIDENT))
  const others = (data?.incidents ?? []).filter((row) => row.id !== incident.id)
  const given = other.trim().split(' ', 1)[0]?.toUpperCase() ?? ''
  return (
    <AskDialog
      title={t.action.merge}
      submit={t.action.merge}
      disabled={given === '' || given === incident.id}
      onSubmit={() => {
        onMerge(given)
      }}
      onClose={onClose}
    >
      <p className="muted">{t.incident.mergeIntro(incident.id)}</p>
      <label className="field">
        <span>{t.incident.mergeInto}</span>
        <input
          // biome-ignore lint/a11y/noAutofocus: the dialog exists for this one field
          autoFocus
          maxLength={200}
          list="merge-candidates"
          value={other}
          placeholder="7F3K9M"
          onChange={({ target }) => setOther(target.value)}
        />
        <datalist id="merge-candidates">
          {others.slice(0, 50).map((row) => (
            <option key={row.id} value={row.id}>
              {row.service}: {row.title}
            </option>
          ))}
        </datalist>
      </label>
    </AskDialog>
  )
}
