/** Stack frame: what the readers of every language make of one line of a trace. */
import type { StackFrame } from '../record.ts'

export const MAX_FRAMES = 200

export const frameOf = (fn: string, file: string | undefined, line: string | undefined): StackFrame => ({
  function: fn,
  ...(file === undefined || file === '' ? {} : { file }),
  ...(line === undefined ? {} : { line: Number(line) }),
})
