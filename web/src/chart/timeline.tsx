/** One incident over time: its events, the deploys around it and the first line that was out of the ordinary. */
import { useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import type { Severity, Timeline } from '../api/nouns'
import { useLanguage } from '../language/language'
import { FILL } from '../severity/severity'
import { DataTable } from './data-table'
import { countAxis, Plot, type PlotColours, timeAxis } from './plot'
import { withQuietSteps } from './steps'
import './chart.css'

const HEIGHT = 132

interface Mark {
  at: number
  label: string
  kind: 'deploy' | 'anomaly'
}

export function IncidentTimeline({ timeline: sent, severity }: { timeline: Timeline; severity: Severity }) {
  const { t, format } = useLanguage()
  const timeline = useMemo(() => ({ ...sent, points: withQuietSteps(sent, (at) => ({ at, count: 0 })) }), [sent])
  const [asTable, setAsTable] = useState(false)
  const [hovered, setHovered] = useState<number | null>(null)
  const marks = useMemo(() => marksOf(timeline, t.chart.anomaly), [timeline, t])
  const latest = useRef({ marks, timeline })
  latest.current = { marks, timeline }

  const options = useMemo(
    () => (colours: PlotColours) => {
      const fill = colours.of(FILL[severity] ?? '--text-3')
      const paths = uPlot.paths.bars?.({ size: [0.84, 24, 1], align: 1 })
      return {
        padding: [22, 16, 0, 0] as uPlot.Padding,
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
        scales: {
          x: { time: true, range: (): [number, number] => rangeOf(latest.current.timeline) },
          y: { range: (_: uPlot, __: number, max: number): [number, number] => [0, Math.max(2, max * 1.05)] },
        },
        axes: [timeAxis(colours, format.timeZone), countAxis(colours)],
        series: [
          {},
          { fill, stroke: fill, width: 0, points: { show: false }, ...(paths === undefined ? {} : { paths }) },
        ],
        hooks: {
          draw: [(plot: uPlot) => drawMarks(plot, latest.current.marks, colours)],
          setCursor: [({ cursor }: uPlot) => setHovered(cursor.idx ?? null)],
        },
      }
    },
    [severity, format.timeZone],
  )
  const data = useMemo<uPlot.AlignedData>(
    () => [timeline.points.map(({ at }) => at / 1_000), timeline.points.map(({ count }) => count)],
    [timeline],
  )
  const point = hovered === null ? undefined : timeline.points[hovered]

  return (
    <figure className="chart" aria-label={t.incident.timeline}>
      <figcaption className="chart-head">
        <span className="chart-title">{t.incident.timeline}</span>
        <span className="chart-legend num">
          {point !== undefined && (
            <span>
              <span className="faint">{format.clock(point.at)}</span> {t.incident.events(format.number(point.count))}
            </span>
          )}
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
      <Plot data={data} height={HEIGHT} options={options} />
      <ul className="chart-marks">
        {marks.map((mark) => (
          <li key={`${mark.kind}${mark.at}${mark.label}`}>
            <i className={`mark-sign ${mark.kind}`} aria-hidden="true" />
            <span className="num faint">{format.clock(mark.at)}</span>{' '}
            {mark.kind === 'deploy' ? `${t.chart.deploy} ` : ''}
            {mark.label}
          </li>
        ))}
      </ul>
      {asTable && (
        <DataTable
          columns={[t.chart.events]}
          rows={timeline.points
            .filter(({ count }) => count > 0)
            .map(({ at, count }) => ({ at, to: at + timeline.stepMs, values: [count] }))}
        />
      )}
    </figure>
  )
}

function marksOf({ deploys, firstAnomalyAt }: Timeline, anomaly: string): Mark[] {
  const marks = deploys.map(
    ({ at, service, from, to }): Mark => ({
      at,
      kind: 'deploy',
      label: from === undefined ? `${service} ${to}` : `${service} ${from} → ${to}`,
    }),
  )
  if (firstAnomalyAt !== undefined) marks.push({ at: firstAnomalyAt, kind: 'anomaly', label: anomaly })
  return marks.sort((a, b) => a.at - b.at)
}

/** A deploy shortly before the first event belongs in the picture. */
function rangeOf({ from, to, stepMs, points, deploys }: Timeline): [number, number] {
  const first = Math.min(from, points[0]?.at ?? from, ...deploys.map(({ at }) => at - stepMs))
  return [first / 1_000, Math.max(to, (points.at(-1)?.at ?? 0) + stepMs) / 1_000]
}

function drawMarks(plot: uPlot, marks: readonly Mark[], colours: PlotColours): void {
  const { ctx, bbox } = plot
  const ratio = uPlot.pxRatio
  ctx.save()
  ctx.font = colours.font.replace('11px', `${11 * ratio}px`)
  ctx.lineWidth = ratio
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  let free = bbox.left
  for (const { at, kind, label } of marks) {
    const x = Math.round(plot.valToPos(at / 1_000, 'x', true)) + 0.5
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    const colour = colours.of(kind === 'deploy' ? '--accent' : '--text-2')
    ctx.strokeStyle = colour
    ctx.fillStyle = colour
    ctx.setLineDash(kind === 'deploy' ? [4 * ratio, 3 * ratio] : [])
    ctx.beginPath()
    ctx.moveTo(x, bbox.top - 6 * ratio)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    const width = ctx.measureText(label).width
    // Labels that would overlap are left to the list below the chart.
    const left = Math.min(x - 2 * ratio, bbox.left + bbox.width - width)
    if (left < free) continue
    ctx.fillText(label, left, bbox.top - 9 * ratio)
    free = left + width + 12 * ratio
  }
  ctx.restore()
}
