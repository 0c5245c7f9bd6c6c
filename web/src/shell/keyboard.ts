/** Single-key shortcuts: never while typing, never behind a dialog, never with a modifier. */
import { type RefObject, useEffect, useRef } from 'react'

export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>

export function useKeys(keys: Keys): void {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return
      if (isTyping(event.target) || document.querySelector('dialog[open]') !== null) return
      const act = latest.current[event.key]
      if (act === undefined) return
      event.preventDefault()
      act(event)
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}

/** j and k move the focus over elements marked data-row; `act` gets the focused row's id. */
export function useRowKeys(
  container: RefObject<HTMLElement | null>,
  act: Readonly<Record<string, (id: string) => void>> = {},
): void {
  const rows = (): HTMLElement[] => [...(container.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
  const focused = (): number => rows().findIndex((row) => row.contains(document.activeElement))
  const move = (step: number): void => {
    const all = rows()
    const next = all[Math.min(all.length - 1, Math.max(0, focused() + step))]
    const target = next?.querySelector<HTMLElement>('[data-row-link]') ?? next
    target?.focus()
    target?.scrollIntoView({ block: 'nearest' })
  }
  const bound = Object.entries(act).map(([key, handler]): [string, () => void] => [
    key,
    () => {
      const id = rows()[focused()]?.dataset['row']
      if (id !== undefined) handler(id)
    },
  ])
  useKeys({ j: () => move(1), k: () => move(-1), ...Object.fromEntries(bound) })
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      (target.matches('input, textarea, select') && !target.matches('[type=checkbox], [type=radio]')))
  )
}
