/** uPlot inside React: one instance per set of options, resized with its box, redrawn when the theme changes. */
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useShade } from '../shell/theme'

export interface PlotColours {
  of(variable: string): string
  font: string
}

interface Props {
  data: uPlot.AlignedData
  height: number
  /** Must keep its identity while nothing relevant changes. */
  options(colours: PlotColours): Omit<uPlot.Options, 'width' | 'height'>
}

export function Plot({ data, height, options }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const latest = useRef(data)
  latest.current = data
  const shade = useShade()

  // biome-ignore lint/correctness/useExhaustiveDependencies: the shade decides the colours that options() reads
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const made = new uPlot(
      { ...options(coloursOf(element)), width: element.clientWidth, height },
      latest.current,
      element,
    )
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [options, height, shade])

  useEffect(() => {
    if (plot.current !== undefined && plot.current.data !== data) plot.current.setData(data)
  }, [data])

  // The numbers are in the table beside the chart.
  return <div ref={box} className="plot" style={{ height }} aria-hidden="true" />
}

/** A canvas cannot read `light-dark()`: let the browser resolve each variable as the colour of an element. */
function coloursOf(element: HTMLElement): PlotColours {
  const resolved = new Map<string, string>()
  return {
    font: `11px ${getComputedStyle(element).fontFamily}`,
    of: (variable) => {
      let colour = resolved.get(variable)
      if (colour === undefined) {
        const probe = document.createElement('i')
        probe.style.color = `var(${variable})`
        element.append(probe)
        colour = getComputedStyle(probe).color
        probe.remove()
        resolved.set(variable, colour)
      }
      return colour
    },
  }
}

export function timeAxis(colours: PlotColours, timeZone: string): uPlot.Axis {
  return {
    stroke: colours.of('--text-3'),
    font: colours.font,
    size: 22,
    gap: 4,
    space: 72,
    grid: { show: false },
    ticks: { stroke: colours.of('--line'), width: 1, size: 4 },
    values: (plot, splits) => axisLabels(plot, splits, timeZone),
  }
}

export function countAxis(colours: PlotColours): uPlot.Axis {
  return {
    stroke: colours.of('--text-3'),
    font: colours.font,
    size: 36,
    gap: 4,
    space: 28,
    grid: { stroke: colours.of('--line'), width: 1 },
    ticks: { show: false },
    // Events are whole.
    incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7],
    values: (_, splits) => splits.map((value) => (value >= 1_000 ? `${value / 1_000}k` : String(value))),
  }
}

function axisLabels(plot: uPlot, splits: number[], timeZone: string): string[] {
  const range = (plot.scales['x']?.max ?? 0) - (plot.scales['x']?.min ?? 0)
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    ...(range < 900 ? { second: '2-digit' } : {}),
  })
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone, month: '2-digit', day: '2-digit' })
  let shownDay = ''
  return splits.map((split) => {
    const at = split * 1_000
    const today = day.format(at)
    // The date once per day, and only where the range spans more than one.
    const label = range > 86_400 && today !== shownDay ? `${today} ${clock.format(at)}` : clock.format(at)
    shownDay = today
    return label
  })
}
