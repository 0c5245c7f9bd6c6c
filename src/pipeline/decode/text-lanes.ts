/**
 * Text lanes: the text lines of one payload, kept apart by the stream of the container that printed them, so that a line
 * of stderr does not cut a stack trace of stdout in two. Lines of no container share the lane without a name.
 */
import type { ContainerLine } from './container-line.ts'

export interface TextLine {
  readonly line: string
  readonly sub: number
  readonly index: number
  readonly at: number | undefined
}

export interface TextLanes {
  push(lane: string, line: TextLine): void
  /** Takes a line of a container; returns the whole line, at the place of its first part, once it has ended. */
  pushPart(framed: ContainerLine, place: Omit<TextLine, 'line'>): TextLine | undefined
  /** Hands on what the lane holds. */
  flush(lane: string): void
  flushAll(): void
  /** Whether more than the lane without a name was used. */
  several(): boolean
}

/**
 * Methods, no getters: an object literal with a getter has a hidden class of its own, which lives until the next full
 * collection, and with it all records of its payload.
 */
export function createTextLanes(take: (lines: readonly TextLine[]) => void): TextLanes {
  const lanes = new Map<string, TextLine[]>()
  const parts = new Map<string, TextLine>()
  let several = false

  const push = (lane: string, line: TextLine): void => {
    several ||= lane !== ''
    const lines = lanes.get(lane)
    if (lines === undefined) lanes.set(lane, [line])
    else lines.push(line)
  }
  const flush = (lane: string): void => {
    const lines = lanes.get(lane)
    if (lines === undefined) return
    lanes.delete(lane)
    take(lines)
  }

  return {
    push,
    pushPart: ({ text, stream, ends }, place) => {
      several = true
      const begun = parts.get(stream)
      const whole = begun === undefined ? { ...place, line: text } : { ...begun, line: begun.line + text }
      if (ends) parts.delete(stream)
      else parts.set(stream, whole)
      return ends ? whole : undefined
    },
    flush,
    flushAll: () => {
      for (const [lane, part] of parts) push(lane, part)
      for (const lane of [...lanes.keys()]) flush(lane)
    },
    several: () => several,
  }
}
