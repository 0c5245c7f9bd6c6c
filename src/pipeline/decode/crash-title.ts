/**
 * Crash title: what a person would call an event whose first line says nothing, because the runtime prints the error
 * below it: Python's "Traceback", Node's file and line, Rust's "panicked at", JUL's class and method.
 */
import type { ExceptionChain } from '../record.ts'

const BOILERPLATE =
  /^(?:\s{0,8}\+ )?(?:Exception Group )?Traceback \(most recent call last\):|^Unhandled exception:$|^(?:\/|file:\/\/|[A-Za-z]:\\|node:).{1,400}:\d{1,7}$|panicked at \S{1,400}:$|^\[[\w.-]{1,64}\]$/
const NODE_CRASH = /^\s{0,400}\^{1,200}\n\s{0,4}\n?\[?(\S.{0,2000}?)\]?(?: \{)?$/m

/** The title, or undefined when the first line is one itself. */
export function crashTitle(body: string, message: string, exception: ExceptionChain | undefined): string | undefined {
  if (message !== '' && !BOILERPLATE.test(message)) return undefined
  if (exception === undefined) return isNodeCrash(body) ? NODE_CRASH.exec(body)?.[1] : undefined
  return `${exception.type}: ${exception.message.split('\n', 1)[0]}`
}

/** Node prints its version last when it ends on an error. */
export const isNodeCrash = (body: string): boolean => body.includes('\nNode.js v')
