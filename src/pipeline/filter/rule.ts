/**
 * Rule: what to do with a record. The first rule that matches decides; the last one of every set matches everything,
 * so that each record has an outcome and each drop a rule to be counted under.
 */
import { z } from 'zod'
import { type LogRecord, SEVERITY } from '../record.ts'

/** keep: archive, index and incidents. archive: archive only. drop: nothing but the count. */
export const RULE_ACTIONS = ['keep', 'archive', 'drop'] as const

const pattern = z
  .string()
  .max(500)
  .refine((text) => compiles(text), 'is not a regular expression that JavaScript accepts')

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

/** Text that a pattern sees: bounded, so that no pattern costs more than this. */
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
  const regex = rule.pattern === undefined ? undefined : new RegExp(rule.pattern, 'u')
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

const globOf = (text: string): RegExp =>
  new RegExp(
    `^${text
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.{0,120}')}$`,
  )

function compiles(text: string): boolean {
  try {
    new RegExp(text, 'u')
    return true
  } catch {
    return false
  }
}
