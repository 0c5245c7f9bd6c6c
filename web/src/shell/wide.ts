import { useSyncExternalStore } from 'react'

/** Side-by-side layout begins here; equals the width in shell.css. */
const query = matchMedia('(min-width: 900px)')

const subscribe = (listener: () => void): (() => void) => {
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}

export const useWide = (): boolean => useSyncExternalStore(subscribe, () => query.matches)
