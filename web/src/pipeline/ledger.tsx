import { Link } from '@tanstack/react-router'
import type { Counts, Pipeline, Tally } from '../api/nouns'
import { useLanguage } from '../language/language'
import { Icon } from '../shell/icon'
import { TableScroll } from '../shell/table-scroll'

const STAGES = ['decode', 'filter', 'group'] as const

export const total = (counts: Counts): number => Object.values(counts).reduce((sum, n) => sum + n, 0)

const difference = ({ received, kept, dropped, rejected }: Tally): number =>
  received - kept - total(dropped) - total(rejected)

/** Received = kept + dropped + rejected, for every stage. */
export function Ledger({ ledger }: { ledger: Pipeline['ledger'] }) {
  const { t, format } = useLanguage()
  return (
    <section className="section" aria-labelledby="ledger-title">
      <h2 id="ledger-title">{t.pipeline.ledger}</h2>
      <TableScroll label={t.pipeline.ledger}>
        <table className="ledger num">
          <thead>
            <tr>
              <th scope="col">{t.pipeline.stageName}</th>
              <th scope="col" className="n">
                {t.pipeline.received}
              </th>
              <th scope="col" className="n">
                {t.pipeline.kept}
              </th>
              <th scope="col" className="n">
                {t.pipeline.dropped}
              </th>
              <th scope="col" className="n">
                {t.pipeline.rejected}
              </th>
              <th scope="col">{t.pipeline.balance}</th>
            </tr>
          </thead>
          <tbody>
            {STAGES.map((stage) => {
              const tally = ledger[stage]
              return (
                <tr key={stage} data-stage={stage}>
                  <th scope="row">{t.pipeline.stage[stage]}</th>
                  <td className="n">{format.number(tally.received)}</td>
                  <td className="n">{format.number(tally.kept)}</td>
                  <td className="n">{format.number(total(tally.dropped))}</td>
                  <td className="n">{format.number(total(tally.rejected))}</td>
                  <td className={tally.balanced ? 'balanced' : 'balanced off'}>
                    <Icon name={tally.balanced ? 'check' : 'warning'} />
                    {tally.balanced ? t.pipeline.ok : t.pipeline.off(format.number(difference(tally)))}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </TableScroll>
    </section>
  )
}

const ARCHIVED = 'archive_only:'

/** Every drop has a rule and every rejection a reason. */
export function Reasons({ ledger }: { ledger: Pipeline['ledger'] }) {
  const { t, format } = useLanguage()
  const rows = STAGES.flatMap((stage) => [
    ...Object.entries(ledger[stage].dropped).map(([reason, lines]) => ({
      stage,
      kind: 'dropped' as const,
      reason,
      lines,
    })),
    ...Object.entries(ledger[stage].rejected).map(([reason, lines]) => ({
      stage,
      kind: 'rejected' as const,
      reason,
      lines,
    })),
  ])
    .filter(({ lines }) => lines > 0)
    .sort((a, b) => b.lines - a.lines)
  if (rows.length === 0) return null
  return (
    <section className="section" aria-labelledby="reasons-title">
      <h2 id="reasons-title">{t.pipeline.reasons}</h2>
      <ul className="pairs num">
        {rows.map(({ stage, kind, reason, lines }) => (
          <li key={`${stage}${kind}${reason}`} className="pair">
            <span>
              <span className="faint">
                {t.pipeline.stage[stage]} ·{' '}
                {kind === 'rejected'
                  ? t.pipeline.rejected
                  : reason.startsWith(ARCHIVED)
                    ? t.rules.action.archive
                    : t.rules.action.drop}
              </span>{' '}
              {kind === 'dropped' && stage === 'filter' ? (
                <Link to="/rules" className="mono">
                  {reason.replace(ARCHIVED, '')}
                </Link>
              ) : (
                <span className="mono">{reason}</span>
              )}
            </span>
            <span>{format.number(lines)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
