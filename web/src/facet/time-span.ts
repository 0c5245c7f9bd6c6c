/** Spans that end now. A brush on a histogram sets from/to instead. */
import type { TimeWindow } from '../api/queries'

const MINUTE = 60_000
export const SPANS: Readonly<Record<string, number>> = {
  '15m': 15 * MINUTE,
  '1h': 60 * MINUTE,
  '6h': 360 * MINUTE,
  '24h': 1_440 * MINUTE,
  '7d': 10_080 * MINUTE,
}

export interface TimeSearch {
  span?: string | undefined
  from?: number | undefined
  to?: number | undefined
}

/** from/to win over a span: they are the more exact wish. */
export const windowOf = ({ span, from, to }: TimeSearch): TimeWindow =>
  from !== undefined || to !== undefined || span === undefined ? { from, to } : { span: SPANS[span] }
