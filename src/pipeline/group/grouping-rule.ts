/**
 * Grouping rules: what a team knows better than the grouping. A fingerprint rule says that matching errors are one; an
 * in-app rule says which code is the team's own. The first rule that matches decides.
 */
import { z } from 'zod'
import { contentHash } from '../../platform/hash.ts'
import { compileGlob, compilePattern, PATTERN_CHARS, patternSchema } from '../../platform/pattern.ts'
import type { Fingerprint } from '../incident.ts'
import type { Language, LogRecord, StackFrame } from '../record.ts'

const glob = z.string().min(1).max(200)

const fingerprintRule = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and dashes, e.g. gateway-errors'),
  services: z.array(glob).max(100).optional().describe('Matches these services; * stands for any text.'),
  exceptions: z
    .array(glob)
    .max(100)
    .optional()
    .describe('Matches when one of these types is in the chain of causes; * stands for any text.'),
  pattern: patternSchema
    .optional()
    .describe('Matches when this regular expression (RE2) is found in the first 8,192 characters of the text.'),
  fingerprint: z
    .string()
    .min(1)
    .max(300)
    .describe(
      'What makes two matching errors one: text with {service}, {exception}, {namespace}, {version} and the groups {1} to {9} of the pattern.',
    ),
})
export type FingerprintRule = z.output<typeof fingerprintRule>

export const fingerprintRuleSchema = fingerprintRule.superRefine((rule, context) => {
  const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message })
  if (rule.services === undefined && rule.exceptions === undefined && rule.pattern === undefined)
    refuse('id', 'must come with services, exceptions or a pattern: all errors would be one (services: ["*"] says so)')
  // A pattern with a fault is refused for that alone.
  if (rule.pattern !== undefined && !patternSchema.safeParse(rule.pattern).success) return
  const groups = rule.pattern === undefined ? 0 : compilePattern(rule.pattern).groupCount()
  for (const [, name = ''] of rule.fingerprint.matchAll(/\{(\w*)\}/g)) {
    if (/^[1-9]$/.test(name)) {
      if (Number(name) > groups)
        refuse(
          'fingerprint',
          `must not use {${name}}: the pattern has ${groups === 1 ? '1 group' : `${groups} groups`}`,
        )
    } else if (!PLACEHOLDERS.includes(name))
      refuse(
        'fingerprint',
        `must not use {${name}}: ${PLACEHOLDERS.map((one) => `{${one}}`).join(', ')} and {1} to {9} are known`,
      )
  }
})
const PLACEHOLDERS: readonly string[] = ['service', 'exception', 'namespace', 'version']

export const fingerprintRulesSchema = z
  .array(fingerprintRuleSchema)
  .max(100)
  .superRefine((rules, context) => {
    for (const [i, { id }] of rules.entries())
      if (rules.findIndex((rule) => rule.id === id) < i)
        context.addIssue({ code: 'custom', path: [i, 'id'], message: 'must be another: a rule before it has this id' })
  })

export const inAppRuleSchema = z.strictObject({
  language: z
    .enum(['java', 'python', 'node', 'go', 'dotnet', 'ruby', 'php', 'rust', 'dart'])
    .optional()
    .describe('Applies to this language; absent: to all.'),
  frame: glob.describe('Function or file of a frame; * stands for any text, e.g. com.shop.* or */vendor/acme/*.'),
  inApp: z.boolean(),
})
export type InAppRule = z.output<typeof inAppRuleSchema>

export interface CompiledFingerprintRule {
  readonly rule: FingerprintRule
  /** What matching errors have in common, or undefined for a record that does not match. */
  keyOf(record: LogRecord): string | undefined
}

export function compileFingerprintRule(rule: FingerprintRule): CompiledFingerprintRule {
  const services = rule.services?.map(compileGlob)
  const exceptions = rule.exceptions?.map(compileGlob)
  const pattern = rule.pattern === undefined ? undefined : compilePattern(rule.pattern)
  return {
    rule,
    keyOf: (record) => {
      const chain = record.exception
      if (services !== undefined && !services.some((one) => one.test(record.service))) return undefined
      const types = chain === undefined ? [] : [chain, ...chain.causes].map((exception) => exception.type)
      if (exceptions !== undefined && !types.some((type) => exceptions.some((one) => one.test(type)))) return undefined
      const groups: string[] = []
      if (pattern !== undefined) {
        const matcher = pattern.matcher(record.body.slice(0, PATTERN_CHARS))
        if (!matcher.find()) return undefined
        for (let i = 1; i <= Math.min(9, matcher.groupCount()); i++) groups.push(matcher.group(i) ?? '')
      }
      return rule.fingerprint.replace(/\{(service|exception|namespace|version|[1-9])\}/g, (_, name: string) => {
        if (name === 'service') return record.service
        if (name === 'exception') return types.at(-1) ?? ''
        if (name === 'namespace') return record.resource.namespace ?? ''
        if (name === 'version') return record.resource.version ?? ''
        return groups[Number(name) - 1] ?? ''
      })
    },
  }
}

/** The fingerprint that a rule gives; it has no kin, because a person decided. */
export function fingerprintOfRule(rule: FingerprintRule, key: string, template: string): Fingerprint {
  const id = contentHash(['rule', rule.id, key])
  return { id, basis: 'rule', explanation: [`rule ${rule.id}`, `key ${key}`], template, kin: [id] }
}

/** Which rule says whose code a frame is; undefined where none does. */
export function compileInApp(
  rules: readonly InAppRule[],
): (frame: StackFrame, language: Language) => boolean | undefined {
  const compiled = rules.map((rule) => ({ ...rule, glob: compileGlob(rule.frame) }))
  return (frame, language) =>
    compiled.find(
      (rule) =>
        (rule.language === undefined || rule.language === language) &&
        (rule.glob.test(frame.function) || (frame.file !== undefined && rule.glob.test(frame.file))),
    )?.inApp
}
