/** Who acts: asked once, at the first action, and kept in this browser. There are no accounts to ask instead. */
import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react'
import { useLanguage } from '../language/language'
import { Modal } from './modal'

const KEY = 'cali.actor'

interface Actor {
  name: string | undefined
  /** The name, or undefined when the person declined to give one. */
  require(): Promise<string | undefined>
  change(): void
}

const ActorContext = createContext<Actor | undefined>(undefined)

export function ActorProvider({ children }: { children: ReactNode }) {
  const [name, setName] = useState(() => localStorage.getItem(KEY) ?? undefined)
  const [asking, setAsking] = useState<{ answer(name: string | undefined): void }>()

  const ask = useCallback(
    () =>
      new Promise<string | undefined>((resolve) => {
        setAsking({
          answer: (given) => {
            setAsking(undefined)
            if (given !== undefined) {
              localStorage.setItem(KEY, given)
              setName(given)
            }
            resolve(given)
          },
        })
      }),
    [],
  )
  const actor = useMemo<Actor>(
    () => ({ name, require: () => (name === undefined ? ask() : Promise.resolve(name)), change: () => void ask() }),
    [name, ask],
  )
  return (
    <ActorContext value={actor}>
      {children}
      {asking !== undefined && <NameDialog current={name} onAnswer={asking.answer} />}
    </ActorContext>
  )
}

function NameDialog({ current, onAnswer }: { current: string | undefined; onAnswer(name: string | undefined): void }) {
  const { t } = useLanguage()
  const [draft, setDraft] = useState(current ?? '')
  const given = draft.trim()
  return (
    <Modal title={t.actor.title} onClose={() => onAnswer(undefined)}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (given !== '') onAnswer(given)
        }}
      >
        <p className="muted">{t.actor.why}</p>
        <label className="field">
          <span>{t.actor.label}</span>
          <input
            // biome-ignore lint/a11y/noAutofocus: the dialog exists for this one field
            autoFocus
            name="name"
            maxLength={60}
            autoComplete="nickname"
            placeholder={t.actor.placeholder}
            value={draft}
            onChange={({ target }) => setDraft(target.value)}
          />
        </label>
        <div className="buttons">
          <button type="submit" className="button primary" disabled={given === ''}>
            {t.action.save}
          </button>
          <button type="button" className="button" onClick={() => onAnswer(undefined)}>
            {t.action.cancel}
          </button>
        </div>
      </form>
    </Modal>
  )
}

export function useActor(): Actor {
  const actor = use(ActorContext)
  if (actor === undefined) throw new Error('useActor outside ActorProvider')
  return actor
}
