/** The server sends only the steps in which something happened; a chart needs the quiet ones as well. */

const MOST = 2_000

interface Steps<P> {
  from: number
  to: number
  stepMs: number
  points: readonly P[]
}

export function withQuietSteps<P extends { at: number }>(
  { from, to, stepMs, points }: Steps<P>,
  quiet: (at: number) => P,
): P[] {
  // The server's steps begin at whole multiples of their length.
  const start = Math.floor(Math.min(from, points[0]?.at ?? from) / stepMs) * stepMs
  const count = Math.ceil((to - start) / stepMs)
  if (stepMs <= 0 || count > MOST) return [...points]
  const known = new Map(points.map((point) => [point.at, point]))
  return Array.from({ length: count }, (_, index) => known.get(start + index * stepMs) ?? quiet(start + index * stepMs))
}
