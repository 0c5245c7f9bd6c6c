import { type ReactNode, useEffect, useId, useRef } from 'react'
import { useLanguage } from '../language/language'
import { Icon } from './icon'

interface Props {
  title: string
  children: ReactNode
  className?: string
  /** For dialogs whose content says what they are. */
  hideTitle?: boolean
  onClose(): void
}

/** The browser's own modal: focus stays inside, Escape closes, focus returns. Mounted means open. */
export function Modal({ title, children, className = '', hideTitle = false, onClose }: Props) {
  const { t } = useLanguage()
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const element = dialog.current
    element?.showModal()
    // Nothing asked for the focus: the dialog takes it, not the button that closes it.
    if (element?.querySelector('.modal-head button') === document.activeElement) element?.focus()
    return () => element?.close()
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click on the backdrop; the key for it is Escape, by the browser
    <dialog
      ref={dialog}
      tabIndex={-1}
      className={`modal ${className}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose()
      }}
    >
      <div className="modal-body">
        <header className={hideTitle ? 'hidden-text' : 'modal-head'}>
          <h2 id={id}>{title}</h2>
          {!hideTitle && (
            <button type="button" className="icon-button" aria-label={t.nav.close} onClick={onClose}>
              <Icon name="close" />
            </button>
          )}
        </header>
        {children}
      </div>
    </dialog>
  )
}
