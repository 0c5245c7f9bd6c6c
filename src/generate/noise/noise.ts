import type { Random } from '../random.ts'
import { type Line, type LineText, line } from '../scenario.ts'
import { FLOWS } from './flows.ts'
import { JAVA_LINES } from './java-lines.ts'
import { NODE_LINES } from './node-lines.ts'
import { PYTHON_LINES } from './python-lines.ts'

/** A line of everyday work; `weight` is how often against the others. */
export interface NoiseLine extends LineText {
  readonly weight: number
}

type Emit = (line: Line, delay: number, shared: Map<string, string> | undefined) => void

export interface Noise {
  /** Emits one everyday line, or all lines of one request as it passes through the services. */
  next(random: Random, emit: Emit): void
}

const FLOW_SHARE = 0.08

export function createNoise(): Noise {
  const texts = [...JAVA_LINES, ...NODE_LINES, ...PYTHON_LINES]
  const lines = texts.map(line)
  // A line of weight 5 stands five times in the table: one draw, no search.
  const table = texts.flatMap(({ weight }, index) => Array<Line>(weight).fill(lines[index] as Line))
  const flows = FLOWS.map((steps) => steps.map(({ delay, ...text }) => ({ line: line(text), delay })))
  return {
    next: (random, emit) => {
      if (random.next() >= FLOW_SHARE) return emit(random.pick(table), 0, undefined)
      const shared = new Map<string, string>()
      let delay = 0
      for (const { line, delay: least } of random.pick(flows)) {
        delay += least + random.int(0, least)
        emit(line, delay, shared)
      }
    },
  }
}
