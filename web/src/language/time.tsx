/** A moment: relative in the text, exact on hover and for screen readers. */
import { useEffect, useState } from 'react'
import { useLanguage } from './language'

/** One clock for all relative times, so that they tick together. */
const listeners = new Set<(now: number) => void>()
let timer: ReturnType<typeof setInterval> | undefined

function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    listeners.add(setNow)
    timer ??= setInterval(() => {
      const at = Date.now()
      for (const listener of listeners) listener(at)
    }, 1_000)
    return () => {
      listeners.delete(setNow)
      if (listeners.size > 0) return
      clearInterval(timer)
      timer = undefined
    }
  }, [])
  return now
}

export function Ago({ at }: { at: number }) {
  const { format } = useLanguage()
  const now = useNow()
  return (
    <time dateTime={new Date(at).toISOString()} title={format.exact(at)}>
      {format.ago(at, now)}
    </time>
  )
}

export function Clock({ at, millis = false }: { at: number; millis?: boolean }) {
  const { format } = useLanguage()
  return (
    <time dateTime={new Date(at).toISOString()} title={format.exact(at)}>
      {millis ? format.millis(at) : format.clock(at)}
    </time>
  )
}
