/**
 * Every line: the joiner for those who count lines. Each physical line comes out in exactly one event; a blank one that
 * belongs to no event is an event of its own, where the pipeline leaves it out.
 */
import { createJoiner, type JoinedEvent, type JoinerLimits } from './joiner.ts'

export interface EveryLineJoiner {
  push(line: string): readonly JoinedEvent[]
  flush(): readonly JoinedEvent[]
}

export function joinEveryLine(limits?: JoinerLimits): EveryLineJoiner {
  const joiner = createJoiner(limits)
  let lines = 0
  /** Index of the first line that no event holds yet. */
  let from = 0

  const blanksTo = (end: number): JoinedEvent[] => {
    const blanks: JoinedEvent[] = []
    for (; from < end; from++) blanks.push({ lines: [''], firstLine: from })
    return blanks
  }
  const filled = (event: JoinedEvent | undefined, end: number): readonly JoinedEvent[] => {
    if (event === undefined) return blanksTo(end)
    const before = blanksTo(event.firstLine)
    from = event.firstLine + event.lines.length
    return [...before, event, ...blanksTo(end)]
  }

  return {
    push: (line) => {
      const event = joiner.push(line)
      lines++
      return filled(event, lines - joiner.pendingLines())
    },
    flush: () => filled(joiner.flush(), lines),
  }
}
