/**
 * Live tail. Lines arrive in a buffer and reach the screen a few times a second; paused, they wait and are counted.
 * Facets are applied here, because the stream takes a query only.
 */
import { useEffect, useMemo, useRef, useState } from 'react'
import type { LogRecord } from '../api/nouns'
import type { LogFilter } from '../api/queries'

export interface Tail {
  lines: readonly LogRecord[]
  waiting: number
  paused: boolean
  lost: boolean
  full: boolean
  setPaused(paused: boolean): void
}

export const TAIL_KEEPS = 2_000
const PAINT = 250

export function useTail(active: boolean, { q, level, service }: LogFilter): Tail {
  const [lines, setLines] = useState<readonly LogRecord[]>([])
  const [waiting, setWaiting] = useState(0)
  const [paused, setPaused] = useState(false)
  const [lost, setLost] = useState(false)
  const isPaused = useRef(paused)
  isPaused.current = paused
  const levels = level.join(',')
  const services = service.join(',')

  useEffect(() => {
    setLines([])
    setWaiting(0)
    setPaused(false)
    if (!active) return
    let buffer: LogRecord[] = []
    const wanted = (record: LogRecord): boolean =>
      (levels === '' || levels.split(',').includes(record.level)) &&
      (services === '' || services.split(',').includes(record.service))
    const source = new EventSource(`/api/logs/tail?q=${encodeURIComponent(q)}`)
    source.onopen = () => setLost(false)
    source.onerror = () => setLost(true)
    source.addEventListener('record', ({ data }) => {
      const record = JSON.parse(data) as LogRecord
      if (!wanted(record)) return
      buffer.push(record)
      // Older ones could not be shown anyway; they remain in the index.
      if (buffer.length > TAIL_KEEPS) buffer = buffer.slice(-TAIL_KEEPS)
    })
    const timer = setInterval(() => {
      setWaiting(isPaused.current ? buffer.length : 0)
      if (isPaused.current || buffer.length === 0) return
      const fresh = buffer.reverse()
      buffer = []
      setLines((before) => [...fresh, ...before].slice(0, TAIL_KEEPS))
    }, PAINT)
    return () => {
      source.close()
      clearInterval(timer)
    }
  }, [active, q, levels, services])

  return useMemo(
    () => ({ lines, waiting, paused, lost, full: lines.length >= TAIL_KEEPS, setPaused }),
    [lines, waiting, paused, lost],
  )
}
