/**
 * Rule: what to do with a record. The first rule that matches decides; the last one of every set matches everything,
 * so that each record has an outcome and each drop a rule to be counted under.
 */
import { z } from 'zod'
import { compileGlob, compilePattern, PATTERN_CHARS, patternSchema } from '../../platform/pattern.ts'
import { type LogRecord, type Resource, SEVERITY } from '../record.ts'

/** keep: archive, index and incidents. archive: archive only. drop: nothing but the count. */
export const RULE_ACTIONS = ['keep', 'archive', 'drop'] as const

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
    pattern: patternSchema
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

/** What rules look at. The text may be a getter: most rules do without it. */
export interface RuleSubject extends Pick<LogRecord, 'severity' | 'service' | 'body'> {
  readonly resource: Pick<Resource, 'namespace'>
}

export interface CompiledRule {
  readonly rule: Rule
  matches(subject: RuleSubject): boolean
}

export function compileRule(rule: Rule): CompiledRule {
  const min = rule.minSeverity === undefined ? 0 : SEVERITY[rule.minSeverity].number
  const max = rule.maxSeverity === undefined ? 24 : SEVERITY[rule.maxSeverity].number + 3
  const services = rule.services?.map(compileGlob)
  const namespaces = rule.namespaces?.map(compileGlob)
  const regex = rule.pattern === undefined ? undefined : compilePattern(rule.pattern)
  return {
    rule,
    matches: (subject) =>
      rule.enabled &&
      subject.severity.number >= min &&
      subject.severity.number <= max &&
      (services === undefined || services.some((glob) => glob.test(subject.service))) &&
      (namespaces === undefined || namespaces.some((glob) => glob.test(subject.resource.namespace ?? ''))) &&
      (regex === undefined || regex.test(subject.body.slice(0, PATTERN_CHARS))),
  }
}
