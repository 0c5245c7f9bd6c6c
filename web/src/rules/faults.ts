/** What the server would refuse, found while typing. The server checks again. */
import type { Rule } from '../api/nouns'

export interface RuleFaults {
  id?: 'invalid' | 'duplicate'
  pattern?: 'invalid'
}

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/

export const faultsOf = (rules: readonly Rule[]): RuleFaults[] =>
  rules.map((rule, index) => ({
    ...(!NAME.test(rule.id)
      ? { id: 'invalid' as const }
      : rules.some((other, at) => at !== index && other.id === rule.id)
        ? { id: 'duplicate' as const }
        : {}),
    ...(rule.pattern !== undefined && !compiles(rule.pattern) ? { pattern: 'invalid' as const } : {}),
  }))

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u')
    return true
  } catch {
    return false
  }
}
