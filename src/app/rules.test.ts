import { describe, expect, it } from 'vitest'
import type { FilterStage } from '../pipeline/filter/filter-stage.ts'
import { DEFAULT_RULES, type Rule } from '../pipeline/filter/rule.ts'
import { silentLogger } from '../platform/logger.ts'
import { checkRules, openRuleBook, type RuleBookDeps } from './rules.ts'

const rule = (id: string, more: Partial<Rule> = {}): Rule => ({ id, action: 'drop', enabled: true, ...more })

describe('a set of rules', () => {
  it('is accepted with the defaults filled in', () => {
    expect(checkRules([{ id: 'drop-health-checks', action: 'drop', pattern: 'GET /health' }])).toEqual([
      rule('drop-health-checks', { pattern: 'GET /health' }),
    ])
  })

  it.each<[unknown, string | RegExp]>([
    [[], 'rules: at least one rule is needed'],
    [undefined, /^rules: /],
    [
      [{ id: 'Bad Name', action: 'drop' }],
      /^rules\[0\]\.id: is a name of lower-case letters, digits and dashes, e\.g\. drop-health-checks/,
    ],
    [[rule('a'), { id: 'b', action: 'delete' }], /^rules\[1\]\.action: /],
    [[rule('a', { pattern: '(' })], 'rules[0].pattern: is not a regular expression (RE2 syntax): missing closing )'],
    [[{ ...rule('a'), services: [7] }], /^rules\[0\]\.services\.0: /],
    [[{ ...rule('a'), patern: 'x' }], /^rules\[0\]: .*patern/],
    [['text'], /^rules\[0\]: /],
    [[rule('a'), rule('b'), rule('a')], 'rules: the id "a" stands twice'],
  ])('%j is refused, and the message names the rule', (rules, expected) => {
    expect(() => checkRules(rules)).toThrow(expected)
  })
})

function open(more: { saved?: readonly Rule[]; configured?: readonly Rule[] } = {}) {
  let stored = more.saved
  const used: (readonly Rule[])[] = []
  const saves: { rules: readonly Rule[]; actor: string }[] = []
  let changes = 0
  const filter: FilterStage = {
    filter: () => ({ kept: [], archived: [] }),
    applyRules: (rules) => void used.push(rules),
    rules: DEFAULT_RULES,
  }
  const deps: RuleBookDeps = {
    store: {
      load: async () => stored,
      save: async (rules, actor) => void saves.push({ rules: rules as readonly Rule[], actor }),
    },
    filter,
    configured: more.configured,
    clock: { now: () => 0 },
    logger: silentLogger,
    onChange: () => changes++,
  }
  const saveElsewhere = (rules: readonly Rule[]): void => {
    stored = rules
  }
  return { book: openRuleBook(deps), used, saves, saveElsewhere, changes: () => changes }
}

describe('the rules that apply', () => {
  it.each([
    ['the defaults', {}, 'default', DEFAULT_RULES],
    ['those of the file', { configured: [rule('file')] }, 'file', [rule('file')]],
    ['those saved at run time', { saved: [rule('saved')], configured: [rule('file')] }, 'saved', [rule('saved')]],
  ] as const)('are %s', async (_, more, source, rules) => {
    const { book, used } = open(more)
    expect([(await book).source, used]).toEqual([source, [rules]])
  })

  it('change at once when a set is saved, with the name of who did it', async () => {
    const { book, used, saves, changes } = open()
    const { save } = await book
    await save([{ id: 'new', action: 'archive' }], 'kim')
    expect([used.at(-1), saves, changes()]).toEqual([
      [rule('new', { action: 'archive' })],
      [{ rules: [rule('new', { action: 'archive' })], actor: 'kim' }],
      1,
    ])
    expect((await book).source).toBe('saved')
  })

  it('follow what another worker saves, and are applied once', async () => {
    const { book, used, saveElsewhere, changes } = open({ configured: [rule('file')] })
    const { follow } = await book
    await follow()
    expect(used).toEqual([[rule('file')]])
    saveElsewhere([rule('elsewhere')])
    await follow()
    await follow()
    expect([used.at(-1), used.length, changes()]).toEqual([[rule('elsewhere')], 2, 1])
    expect((await book).source).toBe('saved')
  })

  it('stay when the new set is refused', async () => {
    const { book, used, saves } = open()
    await expect((await book).save([], 'kim')).rejects.toThrow('at least one rule is needed')
    expect([used.length, saves]).toEqual([1, []])
  })
})
