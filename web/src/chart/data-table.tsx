import { useLanguage } from '../language/language'

interface Props {
  columns: readonly string[]
  rows: readonly { at: number; to: number; values: readonly number[] }[]
  onRange?(from: number, to: number): void
}

/** A chart's numbers as a table; with the keyboard, a row narrows the range as the brush does with a mouse. */
export function DataTable({ columns, rows, onRange }: Props) {
  const { t, format } = useLanguage()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard
    <section className="chart-table" aria-label={t.chart.table} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.chart.time}</th>
            {columns.map((column) => (
              <th key={column} scope="col" className="n">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ at, to, values }) => (
            <tr key={at}>
              <th scope="row" className="num">
                {onRange === undefined ? (
                  format.clock(at)
                ) : (
                  <button
                    type="button"
                    className="text-button"
                    title={t.chart.zoomIn(format.clock(at), format.clock(to))}
                    onClick={() => onRange(at, to)}
                  >
                    {format.clock(at)}
                  </button>
                )}
              </th>
              {columns.map((column, index) => (
                <td key={column} className="n num">
                  {format.number(values[index] ?? 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
