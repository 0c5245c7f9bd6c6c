import { Link } from '@tanstack/react-router'
import type { RuleAction, RulePreview } from '../api/nouns'
import { useLanguage } from '../language/language'
import { Clock } from '../language/time'
import { LogText, TemplateText } from '../log-text/log-text'
import { LevelTag } from '../severity/severity'

const ACTIONS: readonly RuleAction[] = ['keep', 'archive', 'drop']

/** What the rules would have done to the lines of the past, and above all which incidents they would have hidden. */
export function PreviewResult({ preview, stale }: { preview: RulePreview; stale: boolean }) {
  const { t, format } = useLanguage()
  return (
    <div className={`preview ${stale ? 'stale' : ''}`} role="status">
      <p className="faint num">
        {t.rules.records(format.number(preview.records))}, {format.clock(preview.from)} – {format.clock(preview.to)}
      </p>
      <div className="preview-grid">
        <section aria-label={t.rules.byRule}>
          <Counts preview={preview} />
          <h3>{t.rules.byRule}</h3>
          <ul>
            {preview.byRule.map(({ rule, action, records }) => (
              <li key={rule} className="pair num">
                <span>
                  <span className="faint">{t.rules.action[action]}</span> <span className="mono">{rule}</span>
                </span>
                <span>{format.number(records)}</span>
              </li>
            ))}
          </ul>
        </section>
        <section aria-label={t.rules.changed}>
          <h3>{t.rules.affected}</h3>
          {preview.incidentsAffected.length === 0 ? (
            <p className="faint">{t.rules.affectedNone}</p>
          ) : (
            <>
              <p className="preview-warning">{t.rules.affectedWarn}</p>
              <ul>
                {preview.incidentsAffected.map(({ id, title, service }) => (
                  <li key={id}>
                    <Link to="/i/$id" params={{ id }}>
                      {service} · <TemplateText text={title} />
                    </Link>
                  </li>
                ))}
              </ul>
            </>
          )}
          <h3>{t.rules.changed}</h3>
          {preview.changedExamples.length === 0 ? (
            <p className="faint">{t.rules.noChanged}</p>
          ) : (
            <ul className="preview-examples">
              {preview.changedExamples.map(({ record, before, after }) => (
                <li key={record.id}>
                  <p className="small num">
                    <Clock at={record.at} /> <LevelTag level={record.level} />{' '}
                    <span className="muted">{record.service}</span>{' '}
                    <span>
                      <Where value={before} /> → <Where value={after} />
                    </span>
                  </p>
                  <p className="mono truncate">
                    <LogText text={record.message} />
                  </p>
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
    </div>
  )
}

/** `drop (below-warning)`: what happens, and the rule that says so. */
function Where({ value }: { value: string }) {
  const { t } = useLanguage()
  const [, name, rule] = /^(\w+) \((.+)\)$/.exec(value) ?? [undefined, value, undefined]
  const action = ACTIONS.find((one) => one === name)
  if (action === undefined) return <span className="mono">{value}</span>
  return (
    <>
      {t.rules.action[action]} {rule !== undefined && <span className="mono faint">{rule}</span>}
    </>
  )
}

function Counts({ preview }: { preview: RulePreview }) {
  const { t, format } = useLanguage()
  return (
    <table className="num preview-counts">
      <thead>
        <tr>
          <th scope="col">
            <span className="hidden-text">{t.rules.actionLabel}</span>
          </th>
          <th scope="col" className="n">
            {t.rules.before}
          </th>
          <th scope="col" className="n">
            {t.rules.after}
          </th>
          <th scope="col" className="n">
            ±
          </th>
        </tr>
      </thead>
      <tbody>
        {ACTIONS.map((action) => {
          const change = preview.after[action] - preview.before[action]
          return (
            <tr key={action}>
              <th scope="row">{t.rules.action[action]}</th>
              <td className="n">{format.number(preview.before[action])}</td>
              <td className="n">{format.number(preview.after[action])}</td>
              <td className={change === 0 ? 'n faint' : 'n strong'}>
                {change > 0 ? '+' : ''}
                {format.number(change)}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
