import { useState } from 'react'
import { useLanguage } from '../language/language'
import { Icon, type IconName } from './icon'

/** Copies text; says so for a moment, to eyes and to screen readers. */
export function CopyButton({ text, label, icon = 'copy' }: { text: string; label?: string; icon?: IconName }) {
  const { t } = useLanguage()
  const [done, setDone] = useState(false)
  const name = label ?? t.action.copy
  return (
    <button
      type="button"
      className="icon-button"
      title={name}
      onClick={() => {
        // Without https or localhost there is no clipboard; the text can still be selected by hand.
        void navigator.clipboard?.writeText(text).then(() => {
          setDone(true)
          setTimeout(() => setDone(false), 1_500)
        })
      }}
    >
      <Icon name={done ? 'check' : icon} />
      <span className="hidden-text" aria-live="polite">
        {done ? t.action.copied : name}
      </span>
    </button>
  )
}
