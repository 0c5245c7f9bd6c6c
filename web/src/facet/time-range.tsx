import { useLanguage } from '../language/language'
import { SPANS, type TimeSearch } from './time-span'
import './time-range.css'

/** Chooses a span that ends now, and shows the brushed range with a way out of it. */
export function TimeRange({ value, onChange }: { value: TimeSearch; onChange(next: TimeSearch): void }) {
  const { t, format } = useLanguage()
  const brushed = value.from !== undefined || value.to !== undefined
  const selected = brushed ? 'custom' : (value.span ?? 'all')
  return (
    <div className="time-range">
      {brushed && (
        <button
          type="button"
          className="chip"
          title={t.time.clear}
          onClick={() => onChange({ span: undefined, from: undefined, to: undefined })}
        >
          <span className="num">
            {value.from === undefined ? '…' : format.clock(value.from)} –{' '}
            {value.to === undefined ? '…' : format.clock(value.to)}
          </span>
          <span aria-hidden="true">×</span>
          <span className="hidden-text">{t.time.clear}</span>
        </button>
      )}
      <select
        aria-label={t.time.label}
        value={selected}
        onChange={({ target }) =>
          onChange({ span: target.value === 'all' ? undefined : target.value, from: undefined, to: undefined })
        }
      >
        {brushed && (
          <option value="custom" disabled>
            {t.time.custom}
          </option>
        )}
        <option value="all">{t.time.all}</option>
        {Object.keys(SPANS).map((span) => (
          <option key={span} value={span}>
            {t.time.span[span]}
          </option>
        ))}
      </select>
    </div>
  )
}
