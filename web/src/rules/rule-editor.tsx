import { useId } from 'react'
import type { LogLevel, Rule, RuleAction } from '../api/nouns'
import type { Catalogue } from '../language/ko'
import { useLanguage } from '../language/language'
import { LEVELS } from '../severity/severity'
import { Icon } from '../shell/icon'
import type { RuleFaults } from './faults'
import { ListField } from './list-field'

const ACTIONS: readonly RuleAction[] = ['keep', 'archive', 'drop']
const ASCENDING = [...LEVELS].reverse()

interface Props {
  rule: Rule
  position: number
  last: boolean
  open: boolean
  faults: RuleFaults
  onToggle(): void
  onChange(rule: Rule): void
  onMove(step: number): void
  onRemove(): void
}

export function RuleEditor({ rule, position, last, open, faults, onToggle, onChange, onMove, onRemove }: Props) {
  const { t } = useLanguage()
  const faulty = Object.keys(faults).length > 0
  return (
    <li className={`rule ${rule.enabled ? '' : 'off'}`} data-rule={rule.id}>
      <div className="rule-head">
        <span className="faint num">{position}</span>
        <input
          type="checkbox"
          aria-label={`${t.rules.enabled}: ${rule.id}`}
          checked={rule.enabled}
          onChange={({ target }) => onChange({ ...rule, enabled: target.checked })}
        />
        <span className={`rule-action ${rule.action}`}>{t.rules.action[rule.action]}</span>
        <button type="button" className="rule-summary" aria-expanded={open} onClick={onToggle}>
          <span className="mono strong">{rule.id}</span>
          <span className="muted">{conditionOf(rule, t)}</span>
          {faulty && <span className="rule-fault">{t.rules.errors}</span>}
          {rule.note !== undefined && <span className="faint">{rule.note}</span>}
        </button>
        <span className="rule-tools">
          <button
            type="button"
            className="icon-button"
            title={t.rules.up}
            disabled={position === 1}
            onClick={() => onMove(-1)}
          >
            <Icon name="up" />
            <span className="hidden-text">
              {t.rules.up}: {rule.id}
            </span>
          </button>
          <button type="button" className="icon-button" title={t.rules.down} disabled={last} onClick={() => onMove(1)}>
            <Icon name="down" />
            <span className="hidden-text">
              {t.rules.down}: {rule.id}
            </span>
          </button>
          <button type="button" className="icon-button" title={t.rules.remove} onClick={onRemove}>
            <Icon name="trash" />
            <span className="hidden-text">
              {t.rules.remove}: {rule.id}
            </span>
          </button>
        </span>
      </div>
      {open && <Fields rule={rule} faults={faults} onChange={onChange} />}
    </li>
  )
}

function Fields({ rule, faults, onChange }: Pick<Props, 'rule' | 'faults' | 'onChange'>) {
  const { t } = useLanguage()
  const hint = useId()
  // An empty field is an absent condition, not an empty one.
  const set = <K extends keyof Rule>(key: K, value: Rule[K] | undefined): void => {
    const { [key]: _, ...rest } = rule
    onChange((value === undefined ? rest : { ...rule, [key]: value }) as Rule)
  }
  return (
    <div className="rule-fields">
      <label className="field">
        <span>{t.rules.id}</span>
        <input
          className="mono"
          value={rule.id}
          maxLength={63}
          aria-invalid={faults.id !== undefined}
          onChange={({ target }) => onChange({ ...rule, id: target.value })}
        />
        {faults.id !== undefined && (
          <span className="rule-fault">{faults.id === 'duplicate' ? t.rules.duplicateId : t.rules.invalidId}</span>
        )}
      </label>
      <fieldset className="rule-actions">
        <legend>{t.rules.actionLabel}</legend>
        {ACTIONS.map((action) => (
          <label key={action}>
            <input
              type="radio"
              name={`${hint}-action`}
              checked={rule.action === action}
              onChange={() => onChange({ ...rule, action })}
            />
            <span>
              {t.rules.action[action]} <span className="faint small">{t.rules.actionHelp[action]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <LevelField
        label={t.rules.minSeverity}
        value={rule.minSeverity}
        onChange={(level) => set('minSeverity', level)}
      />
      <LevelField
        label={t.rules.maxSeverity}
        value={rule.maxSeverity}
        onChange={(level) => set('maxSeverity', level)}
      />
      <ListField
        label={t.rules.services}
        hint={hint}
        values={rule.services}
        onChange={(values) => set('services', values)}
      />
      <ListField
        label={t.rules.namespaces}
        hint={hint}
        values={rule.namespaces}
        onChange={(values) => set('namespaces', values)}
      />
      <label className="field wide-field">
        <span>{t.rules.pattern}</span>
        <input
          className="mono"
          value={rule.pattern ?? ''}
          maxLength={500}
          spellCheck={false}
          aria-invalid={faults.pattern !== undefined}
          onChange={({ target }) => set('pattern', target.value || undefined)}
        />
        {faults.pattern !== undefined && <span className="rule-fault">{t.rules.invalidPattern}</span>}
      </label>
      <label className="field wide-field">
        <span>{t.rules.note}</span>
        <input
          value={rule.note ?? ''}
          maxLength={300}
          onChange={({ target }) => set('note', target.value || undefined)}
        />
      </label>
      <p id={hint} className="faint small wide-field">
        {t.rules.listHint}
      </p>
    </div>
  )
}

function LevelField({
  label,
  value,
  onChange,
}: {
  label: string
  value: LogLevel | undefined
  onChange(level: LogLevel | undefined): void
}) {
  const { t } = useLanguage()
  return (
    <label className="field">
      <span>{label}</span>
      <select
        value={value ?? ''}
        onChange={({ target }) => onChange(ASCENDING.find((level) => level === target.value))}
      >
        <option value="">{t.rules.any}</option>
        {ASCENDING.map((level) => (
          <option key={level} value={level}>
            {level}
          </option>
        ))}
      </select>
    </label>
  )
}

/** The rule's condition in one line: level range, services, namespaces, pattern. */
function conditionOf({ minSeverity, maxSeverity, services, namespaces, pattern }: Rule, t: Catalogue): string {
  const parts = [
    minSeverity !== undefined && `≥ ${minSeverity}`,
    maxSeverity !== undefined && `≤ ${maxSeverity}`,
    services !== undefined && `${t.rules.services}: ${services.join(', ')}`,
    namespaces !== undefined && `${t.rules.namespaces}: ${namespaces.join(', ')}`,
    pattern !== undefined && `/${pattern}/`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? t.rules.allLines : parts.join(' · ')
}
