/** Pattern: regular expressions and globs that people configure, on an engine whose time grows with the text alone. */
import { RE2JS } from 're2js'
import { z } from 'zod'

/**
 * Text that a pattern sees. With RE2, which does not backtrack, this bounds what any pattern costs on any line,
 * `(a+)+$` included. Characters.
 */
export const PATTERN_CHARS = 8_192

export const patternSchema = z
  .string()
  .max(500)
  .superRefine((text, context) => {
    const fault = faultOf(text)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
  })

export const compilePattern = (pattern: string): RE2JS => RE2JS.compile(RE2JS.translateRegExp(pattern))

/** The whole text, with `*` for any characters. */
export const compileGlob = (text: string): RE2JS =>
  RE2JS.compile(`^${text.split('*').map(RE2JS.quote).join('.*')}$`, RE2JS.DOTALL)

function faultOf(pattern: string): string | undefined {
  try {
    compilePattern(pattern)
    return undefined
  } catch (error) {
    if (/\(\?<?[=!]|\\[1-9]/.test(pattern))
      return 'uses a look-around or a back-reference, which rules do not have: use two rules, the first that matches decides'
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error)
    return `is not a regular expression (RE2 syntax): ${reason}`
  }
}
