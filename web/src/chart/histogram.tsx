/** Stacked counts over time for all matches, with a brush that narrows the time range. */
import { useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import type { Histogram } from '../api/nouns'
import { useLanguage } from '../language/language'
import { DataTable } from './data-table'
import { countAxis, Plot, type PlotColours, timeAxis } from './plot'
import { withQuietSteps } from './steps'
import './chart.css'

interface Props {
  title: string
  histogram: Histogram
  /** Bottom of the stack first. */
  keys: readonly string[]
  /** CSS variable of each key's colour. */
  fills: Readonly<Record<string, string>>
  onRange(from: number, to: number): void
}

const HEIGHT = 104

export function StackedHistogram({ title, histogram: sent, keys, fills, onRange }: Props) {
  const { t, format } = useLanguage()
  const [hovered, setHovered] = useState<number | null>(null)
  const [asTable, setAsTable] = useState(false)
  const histogram = useMemo(
    () => ({ ...sent, points: withQuietSteps<Histogram['points'][number]>(sent, (at) => ({ at, counts: {} })) }),
    [sent],
  )
  const present = useMemo(
    () => keys.filter((key) => histogram.points.some(({ counts }) => (counts[key] ?? 0) > 0)),
    [keys, histogram],
  )
  const signature = present.join(' ')
  const step = useRef(histogram)
  step.current = histogram
  const select = useRef(onRange)
  select.current = onRange

  // biome-ignore lint/correctness/useExhaustiveDependencies: the signature stands for the present keys
  const options = useMemo(
    () => (colours: PlotColours) => ({
      ...frame(colours, format.timeZone, () => step.current),
      series: [{}, ...[...present].reverse().map((key) => bar(colours.of(fills[key] ?? '--text-3')))],
      hooks: {
        setCursor: [({ cursor }: uPlot) => setHovered(cursor.idx ?? null)],
        setSelect: [
          (plot: uPlot) => {
            const { left, width } = plot.select
            if (width < 4) return
            const toTime = (pixel: number): number => Math.round(plot.posToVal(pixel, 'x') * 1_000)
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
            select.current(toTime(left), toTime(left + width))
          },
        ],
      },
    }),
    [signature, fills, format.timeZone],
  )
  const data = useMemo(() => stack(histogram, present), [histogram, present])
  const point = hovered === null ? undefined : histogram.points[hovered]
  const totals = point?.counts ?? sum(histogram)

  return (
    <figure className="chart" aria-label={title}>
      <figcaption className="chart-head">
        <span className="chart-title">{title}</span>
        <span className="chart-legend num">
          {point !== undefined && <span className="faint">{format.clock(point.at)}</span>}
          {[...present].map((key) => (
            <span key={key} className="chart-key">
              <i className={`swatch fill-${key.toLowerCase()}`} aria-hidden="true" />
              {key} {format.number(totals[key] ?? 0)}
            </span>
          ))}
        </span>
        <button
          type="button"
          className="text-button small"
          aria-expanded={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? t.chart.hide : t.chart.table}
        </button>
      </figcaption>
      {present.length === 0 ? (
        <p className="chart-empty faint">{t.chart.empty}</p>
      ) : (
        <Plot data={data} height={HEIGHT} options={options} />
      )}
      {asTable && (
        <DataTable
          columns={present}
          rows={histogram.points
            .filter(({ counts }) => present.some((key) => (counts[key] ?? 0) > 0))
            .map(({ at, counts }) => ({
              at,
              to: at + histogram.stepMs,
              values: present.map((key) => counts[key] ?? 0),
            }))}
          onRange={onRange}
        />
      )}
    </figure>
  )
}

/** uPlot draws later series over earlier ones: the full height first, then ever less of it. */
function stack({ points }: Histogram, keys: readonly string[]): uPlot.AlignedData {
  const times = points.map(({ at }) => at / 1_000)
  const layers: number[][] = []
  let below = points.map(() => 0)
  for (const key of keys) {
    below = points.map(({ counts }, index) => (below[index] ?? 0) + (counts[key] ?? 0))
    layers.unshift(below)
  }
  return [times, ...layers]
}

function sum({ points }: Histogram): Record<string, number> {
  const totals: Record<string, number> = {}
  for (const { counts } of points) {
    for (const [key, value] of Object.entries(counts)) totals[key] = (totals[key] ?? 0) + value
  }
  return totals
}

function frame(
  colours: PlotColours,
  timeZone: string,
  histogram: () => Histogram,
): Omit<uPlot.Options, 'width' | 'height' | 'series'> {
  return {
    padding: [6, 16, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: {
      // Whole steps, so that the first and the last bar are as wide as the others.
      x: {
        time: true,
        range: () => [
          Math.min(histogram().from, histogram().points[0]?.at ?? Number.POSITIVE_INFINITY) / 1_000,
          Math.max(histogram().to, (histogram().points.at(-1)?.at ?? 0) + histogram().stepMs) / 1_000,
        ],
      },
      y: { range: (_, __, max) => [0, Math.max(2, max * 1.05)] },
    },
    axes: [timeAxis(colours, timeZone), countAxis(colours)],
  }
}

function bar(colour: string): uPlot.Series {
  const paths = uPlot.paths.bars?.({ size: [0.84, 40, 1], align: 1 })
  return { fill: colour, stroke: colour, width: 0, points: { show: false }, ...(paths === undefined ? {} : { paths }) }
}
