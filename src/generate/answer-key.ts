import type { GeneratedEvent } from './event.ts'

interface AnswerKey {
  /** JSON of one event's truth; call once for each event, in the order of the output. */
  entry(event: GeneratedEvent, physicalLines: number): string
}

/** Counts physical lines as the output grows, so that a label can name the event's first one, from 1. */
export function createAnswerKey(): AnswerKey {
  let line = 1
  return {
    entry: ({ at, service, label: { id, scenario, fault, cause } }, physicalLines) => {
      const entry = JSON.stringify({ line, id, at, service, scenario, fault, cause })
      line += physicalLines
      return entry
    },
  }
}
