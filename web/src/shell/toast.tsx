/** Short confirmations with undo, and failures of actions. One polite live region for all of them. */
import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useState } from 'react'
import { useLanguage } from '../language/language'
import { Icon } from './icon'

interface Toast {
  text: string
  tone?: 'failure'
  undo?: () => void
}

type Show = (toast: Toast) => void

const LASTS = 8_000
const ToastContext = createContext<Show | undefined>(undefined)

export function ToastProvider({ children }: { children: ReactNode }) {
  const { t } = useLanguage()
  const [toasts, setToasts] = useState<(Toast & { id: number })[]>([])
  const next = useRef(0)
  const dismiss = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), [])
  const show = useCallback<Show>(
    (toast) => {
      const id = next.current++
      setToasts((all) => [...all.slice(-2), { ...toast, id }])
      setTimeout(() => dismiss(id), LASTS)
    },
    [dismiss],
  )
  const region = useMemo(
    () =>
      toasts.map(({ id, text, tone, undo }) => (
        <div key={id} className={`toast ${tone ?? ''}`}>
          <span>{text}</span>
          {undo !== undefined && (
            <button
              type="button"
              className="text-button"
              onClick={() => {
                dismiss(id)
                undo()
              }}
            >
              {t.action.undo}
            </button>
          )}
          <button type="button" className="icon-button" aria-label={t.toast.dismiss} onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      )),
    [toasts, dismiss, t],
  )
  return (
    <ToastContext value={show}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {region}
      </div>
    </ToastContext>
  )
}

export function useToast(): Show {
  const show = use(ToastContext)
  if (show === undefined) throw new Error('useToast outside ToastProvider')
  return show
}
