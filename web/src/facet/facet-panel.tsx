/** Facets beside a list: values with counts over all matches. On a narrow screen they fold into one line. */
import { type ReactNode, useId, useState } from 'react'
import type { Counts } from '../api/nouns'
import { useLanguage } from '../language/language'
import { useWide } from '../shell/wide'
import './facet.css'

const SHOWN = 6

export interface FacetField {
  name: string
  title: string
  counts: Counts
  selected: readonly string[]
  /** Fixed order of known values; others follow by count. */
  order?: readonly string[]
  render?(value: string): ReactNode
}

interface Props {
  fields: readonly FacetField[]
  /** How many choices differ from what the screen shows by itself. */
  applied?: number
  onChange(name: string, selected: string[]): void
  onClear(): void
}

export function FacetPanel({ fields, applied = countSelected(fields), onChange, onClear }: Props) {
  const { t } = useLanguage()
  const wide = useWide()
  const body = (
    <div className="facets">
      {fields.map((field) => (
        <FacetGroup key={field.name} field={field} onChange={(selected) => onChange(field.name, selected)} />
      ))}
      {applied > 0 && (
        <button type="button" className="button small facet-clear" onClick={onClear}>
          {t.facet.clear}
        </button>
      )}
    </div>
  )
  if (wide) return <aside aria-label={t.facet.title}>{body}</aside>
  return (
    <details className="facet-fold">
      <summary>
        {t.facet.title}
        {applied > 0 && <span className="faint"> · {t.facet.applied(applied)}</span>}
      </summary>
      {body}
    </details>
  )
}

const countSelected = (fields: readonly FacetField[]): number =>
  fields.reduce((sum, { selected }) => sum + selected.length, 0)

function FacetGroup({ field, onChange }: { field: FacetField; onChange(selected: string[]): void }) {
  const { t, format } = useLanguage()
  const [all, setAll] = useState(false)
  const id = useId()
  const values = orderedValues(field)
  if (values.length === 0) return null
  // One value more is shorter than a button that says so.
  const foldable = values.length > SHOWN + 1
  const shown = all || !foldable ? values : values.slice(0, SHOWN)
  const toggle = (value: string): void =>
    onChange(
      field.selected.includes(value) ? field.selected.filter((other) => other !== value) : [...field.selected, value],
    )
  return (
    <fieldset className="facet" data-facet={field.name}>
      <legend>{field.title}</legend>
      {shown.map((value) => (
        <label key={value} htmlFor={`${id}-${value}`} className="facet-value" title={value}>
          <input
            id={`${id}-${value}`}
            type="checkbox"
            checked={field.selected.includes(value)}
            onChange={() => toggle(value)}
          />
          <span className="facet-name">{field.render?.(value) ?? value}</span>
          <span className="facet-count num">{format.short(field.counts[value] ?? 0)}</span>
        </label>
      ))}
      {foldable && (
        <button type="button" className="text-button" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t.facet.less : t.facet.more(values.length - SHOWN)}
        </button>
      )}
    </fieldset>
  )
}

function orderedValues({ counts, selected, order = [] }: FacetField): string[] {
  // A selected value stays visible when nothing matches it any more: it must be possible to take it back.
  const known = new Set([...Object.keys(counts), ...selected])
  const rank = (value: string): number => (order.includes(value) ? order.indexOf(value) : order.length)
  return [...known].sort((a, b) => rank(a) - rank(b) || (counts[b] ?? 0) - (counts[a] ?? 0) || a.localeCompare(b))
}
