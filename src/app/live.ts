/** Live: what open dashboards are told, and figures of the last seconds. */
import { EventEmitter } from 'node:events'
import type { LogRecord } from '../pipeline/record.ts'

export type LiveEvent =
  | { readonly type: 'incident'; readonly id: string; readonly kind: 'opened' | 'counted' | 'regressed' | 'changed' }
  | { readonly type: 'notification'; readonly incident: string }
  | { readonly type: 'rules' }

export interface Live {
  publish(event: LiveEvent): void
  /** Told of each event until the returned function is called. */
  subscribe(listener: (event: LiveEvent) => void): () => void
  publishRecords(records: readonly LogRecord[]): void
  tail(listener: (record: LogRecord) => void): () => void
  /** Counts received records for the rate. */
  count(received: number, at: number): void
  ratePerSecond(now: number): number
  readonly lastRecordAt: number | undefined
}

const WINDOW_S = 10

export function createLive(): Live {
  const events = new EventEmitter().setMaxListeners(0)
  const perSecond = new Map<number, number>()
  let lastRecordAt: number | undefined
  return {
    publish: (event) => void events.emit('live', event),
    subscribe: (listener) => {
      events.on('live', listener)
      return () => events.off('live', listener)
    },
    publishRecords: (records) => {
      if (events.listenerCount('record') > 0) for (const record of records) events.emit('record', record)
    },
    tail: (listener) => {
      events.on('record', listener)
      return () => events.off('record', listener)
    },
    count: (received, at) => {
      if (received === 0) return
      lastRecordAt = at
      const second = Math.floor(at / 1000)
      perSecond.set(second, (perSecond.get(second) ?? 0) + received)
      for (const key of perSecond.keys()) if (key < second - WINDOW_S * 2) perSecond.delete(key)
    },
    ratePerSecond: (now) => {
      const second = Math.floor(now / 1000)
      let sum = 0
      for (let i = 1; i <= WINDOW_S; i++) sum += perSecond.get(second - i) ?? 0
      return sum / WINDOW_S
    },
    get lastRecordAt() {
      return lastRecordAt
    },
  }
}
