/** Rules: which set applies, and how it changes while the program runs: by API, dashboard or the configuration file. */
import { unwatchFile, watchFile } from 'node:fs'
import { z } from 'zod'
import type { FilterStage } from '../pipeline/filter/filter-stage.ts'
import { DEFAULT_RULES, type Rule, ruleSchema } from '../pipeline/filter/rule.ts'
import type { Clock } from '../platform/clock.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import type { Logger } from '../platform/logger.ts'
import type { RuleStore } from '../state/record-queries.ts'

export interface RuleBook {
  readonly rules: readonly Rule[]
  readonly source: 'default' | 'saved' | 'file'
  /** Saves and applies at once; throws a CaliError when the set is not acceptable. */
  save(rules: unknown, actor: string): Promise<readonly Rule[]>
  /** Applies what another worker has saved. */
  follow(): Promise<void>
  stop(): void
}

export interface RuleBookDeps {
  readonly store: RuleStore
  readonly filter: FilterStage
  readonly configured: readonly Rule[] | undefined
  /** Configuration file to follow, and how to read its rules. */
  readonly file?: { readonly path: string; readonly read: () => readonly Rule[] | undefined }
  readonly clock: Clock
  readonly logger: Logger
  readonly onChange: () => void
}

const WATCH_MS = 1_000

export async function openRuleBook(deps: RuleBookDeps): Promise<RuleBook> {
  const saved = await deps.store.load()
  let known = JSON.stringify(saved)
  let source: RuleBook['source'] = saved !== undefined ? 'saved' : deps.configured !== undefined ? 'file' : 'default'
  deps.filter.applyRules(checkRules(saved ?? deps.configured ?? DEFAULT_RULES))

  const save = async (rules: unknown, actor: string, from: RuleBook['source']): Promise<readonly Rule[]> => {
    const checked = checkRules(rules)
    await deps.store.save(checked, actor, deps.clock.now())
    known = JSON.stringify(checked)
    deps.filter.applyRules(checked)
    source = from
    deps.onChange()
    return checked
  }

  const { file } = deps
  if (file !== undefined) {
    watchFile(file.path, { interval: WATCH_MS, persistent: false }, () => {
      try {
        const rules = file.read()
        if (rules !== undefined) {
          save(rules, 'file', 'file').catch((error) =>
            deps.logger.error({ event: 'rules_not_saved', reason: messageOf(error) }),
          )
        }
      } catch (error) {
        // The set that applies stays; the fault is told once per change of the file.
        deps.logger.error({ event: 'rules_file_refused', reason: messageOf(error) })
      }
    })
  }
  return {
    get rules() {
      return deps.filter.rules
    },
    get source() {
      return source
    },
    save: (rules, actor) => save(rules, actor, 'saved'),
    follow: async () => {
      const now = await deps.store.load()
      if (now === undefined || JSON.stringify(now) === known) return
      deps.filter.applyRules(checkRules(now))
      known = JSON.stringify(now)
      source = 'saved'
      deps.onChange()
    },
    stop: () => {
      if (file !== undefined) unwatchFile(file.path)
    },
  }
}

/** A set of rules, or a CaliError that says which rule is wrong and what is accepted. */
export function checkRules(rules: unknown): readonly Rule[] {
  const parsed = z.array(ruleSchema).min(1, 'at least one rule is needed').max(200).safeParse(rules)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const at =
      issue?.path.length === 0
        ? 'rules'
        : `rules[${String(issue?.path[0])}]${
            issue?.path
              .slice(1)
              .map((part) => `.${String(part)}`)
              .join('') ?? ''
          }`
    throw new CaliError('rules_invalid', `${at}: ${issue?.message ?? 'is not a rule'}`)
  }
  const twice = parsed.data.find((rule, i) => parsed.data.findIndex((other) => other.id === rule.id) !== i)
  if (twice !== undefined) throw new CaliError('rules_invalid', `rules: the id "${twice.id}" stands twice`)
  return parsed.data
}
