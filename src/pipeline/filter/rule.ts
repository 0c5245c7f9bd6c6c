/**
 * Rule: what to do with a record. The first rule that matches decides; the last one of every set matches everything,
 * so that each record has an outcome and each drop a rule to be counted under.
 */
import { RE2JS } from 're2js'
import { z } from 'zod'
import { type LogRecord, SEVERITY } from '../record.ts'

/** keep: archive, index and incidents. archive: archive only. drop: nothing but the count. */
export const RULE_ACTIONS = ['keep', 'archive', 'drop'] as const

const pattern = z
  .string()
  .max(500)
  .superRefine((text, context) => {
    const fault = faultOf(text)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
  })

export const ruleSchema = z
  .strictObject({
    id: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9-]{0,62}$/,
        'is a name of lower-case letters, digits and dashes, e.g. drop-health-checks',
      ),
    action: z.enum(RULE_ACTIONS),
    minSeverity: z
      .enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'])
      .optional()
      .describe('Matches records at least this severe.'),
    maxSeverity: z
      .enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'])
      .optional()
      .describe('Matches records at most this severe.'),
    services: z
      .array(z.string().max(120))
      .max(100)
      .optional()
      .describe('Matches these services; * stands for any text.'),
    namespaces: z
      .array(z.string().max(120))
      .max(100)
      .optional()
      .describe('Matches these Kubernetes namespaces; * stands for any text.'),
    pattern: pattern
      .optional()
      .describe('Matches when this regular expression is found in the first 8,192 characters of the text.'),
    enabled: z.boolean().default(true),
    note: z.string().max(300).optional(),
  })
  .meta({ id: 'Rule' })
export type Rule = z.output<typeof ruleSchema>

/** The set that applies when nobody has changed it: errors and warnings are kept, the rest is counted and dropped. */
export const DEFAULT_RULES: readonly Rule[] = [
  { id: 'errors-and-warnings', action: 'keep', minSeverity: 'WARN', enabled: true },
  {
    id: 'below-warning',
    action: 'drop',
    enabled: true,
    note: 'INFO and below. Use the action "archive" to keep them in the archive.',
  },
]

/**
 * Text that a pattern sees. With an engine whose time grows with the text alone (RE2: no backtracking), this bounds what
 * any pattern costs on any line, `(a+)+$` included.
 */
export const PATTERN_CHARS = 8_192

export interface CompiledRule {
  readonly rule: Rule
  matches(record: LogRecord): boolean
}

export function compileRule(rule: Rule): CompiledRule {
  const min = rule.minSeverity === undefined ? 0 : SEVERITY[rule.minSeverity].number
  const max = rule.maxSeverity === undefined ? 24 : SEVERITY[rule.maxSeverity].number + 3
  const services = rule.services?.map(globOf)
  const namespaces = rule.namespaces?.map(globOf)
  const regex = rule.pattern === undefined ? undefined : compile(rule.pattern)
  return {
    rule,
    matches: (record) =>
      rule.enabled &&
      record.severity.number >= min &&
      record.severity.number <= max &&
      (services === undefined || services.some((glob) => glob.test(record.service))) &&
      (namespaces === undefined || namespaces.some((glob) => glob.test(record.resource.namespace ?? ''))) &&
      (regex === undefined || regex.test(record.body.slice(0, PATTERN_CHARS))),
  }
}

const compile = (pattern: string): RE2JS => RE2JS.compile(RE2JS.translateRegExp(pattern))

const globOf = (text: string): RE2JS => RE2JS.compile(`^${text.split('*').map(RE2JS.quote).join('.*')}$`, RE2JS.DOTALL)

function faultOf(pattern: string): string | undefined {
  try {
    compile(pattern)
    return undefined
  } catch (error) {
    if (/\(\?<?[=!]|\\[1-9]/.test(pattern))
      return 'uses a look-around or a back-reference, which rules do not have: use two rules, the first that matches decides'
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error)
    return `is not a regular expression (RE2 syntax): ${reason}`
  }
}
