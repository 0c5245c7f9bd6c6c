/**
 * One event stream for the whole page. Events only say what changed: the queries fetch it again, at most once a
 * second, however fast the events come.
 */
import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { LiveEvent } from '../api/nouns'

export type LiveState = 'connecting' | 'live' | 'lost'

const REFRESH = 1_000
const ANNOUNCE = 10_000
const RETRY = 3_000

export function useLive(onOpened: (count: number) => void): LiveState {
  const client = useQueryClient()
  const [state, setState] = useState<LiveState>('connecting')
  const announce = useRef(onOpened)
  announce.current = onOpened

  useEffect(() => {
    const stale = new Map<string, QueryKey>()
    const refresh = throttle(REFRESH, () => {
      for (const queryKey of stale.values()) void client.invalidateQueries({ queryKey })
      stale.clear()
    })
    let opened = 0
    const tell = throttle(ANNOUNCE, () => {
      announce.current(opened)
      opened = 0
    })
    const onEvent = (event: LiveEvent): void => {
      if (event.type === 'incident' && event.kind === 'opened') {
        opened++
        tell.call()
      }
      for (const key of staleAfter(event)) stale.set(key.join('/'), key)
      refresh.call()
    }

    let source: EventSource
    let retry: ReturnType<typeof setTimeout> | undefined
    let wasLost = false
    const connect = (): void => {
      source = new EventSource('/api/events')
      source.addEventListener('live', ({ data }) => onEvent(JSON.parse(data) as LiveEvent))
      source.onopen = () => {
        setState('live')
        // Whatever happened meanwhile was missed.
        if (wasLost) void client.invalidateQueries()
        wasLost = false
      }
      source.onerror = () => {
        setState('lost')
        wasLost = true
        // The browser retries a broken stream by itself, but gives up after an answer that is not a stream.
        if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY)
      }
    }
    connect()
    return () => {
      source.close()
      clearTimeout(retry)
      refresh.cancel()
      tell.cancel()
    }
  }, [client])
  return state
}

function staleAfter(event: LiveEvent): QueryKey[] {
  switch (event.type) {
    case 'incident':
      return event.kind === 'changed'
        ? [['incidents'], ['incident', event.id], ['audit']]
        : [['incidents'], ['incident', event.id]]
    case 'notification':
      return [['slack'], ['incident', event.incident]]
    case 'rules':
      return [['rules'], ['audit']]
  }
}

/** Calls at once, then at most once per interval, never losing the last call. */
function throttle(interval: number, act: () => void): { call(): void; cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  let wanted = false
  const run = (): void => {
    wanted = false
    act()
    timer = setTimeout(() => {
      timer = undefined
      if (wanted) run()
    }, interval)
  }
  return {
    call: () => {
      if (timer === undefined) run()
      else wanted = true
    },
    cancel: () => clearTimeout(timer),
  }
}
