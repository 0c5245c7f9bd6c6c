/** The product's flow as a picture. Each stage shows what it does now and leads to the rows behind its number. */
import { Link, type LinkProps } from '@tanstack/react-router'
import { Fragment } from 'react'
import type { Pipeline } from '../api/nouns'
import { useLanguage } from '../language/language'
import { useWide } from '../shell/wide'
import { total } from './ledger'

type Stage = 'source' | 'decode' | 'filter' | 'archive' | 'index' | 'group' | 'investigate' | 'slack'

const WIDTH = 144
const HEIGHT = 64

/** Top left corners. At the desk from left to right, on a phone from top to bottom. */
const ACROSS: Record<Stage, readonly [number, number]> = {
  source: [0, 84],
  decode: [168, 84],
  filter: [336, 84],
  archive: [504, 0],
  index: [504, 84],
  group: [504, 168],
  investigate: [672, 168],
  slack: [840, 168],
}
const DOWN: Record<Stage, readonly [number, number]> = {
  source: [94, 0],
  decode: [94, 88],
  filter: [94, 176],
  archive: [0, 264],
  index: [188, 264],
  group: [94, 352],
  investigate: [94, 440],
  slack: [94, 528],
}
const EDGES: readonly (readonly [Stage, Stage])[] = [
  ['source', 'decode'],
  ['decode', 'filter'],
  ['filter', 'archive'],
  ['filter', 'index'],
  ['filter', 'group'],
  ['group', 'investigate'],
  ['investigate', 'slack'],
]

interface Face {
  lines: readonly string[]
  link: LinkProps
  alert?: boolean
}

export function FlowPicture({ pipeline }: { pipeline: Pipeline }) {
  const { t } = useLanguage()
  const wide = useWide()
  const faces = useFaces(pipeline)
  const places = wide ? ACROSS : DOWN
  const moving = pipeline.ratePerSecond > 0
  return (
    <figure className="flow" aria-label={t.pipeline.picture}>
      <svg viewBox={wide ? '-1 -1 986 234' : '-1 -1 334 594'} className={wide ? 'across' : 'down'}>
        <title>{t.pipeline.picture}</title>
        {EDGES.map(([from, to]) => (
          <path
            key={`${from}-${to}`}
            d={route(places[from], places[to], wide)}
            className={`flow-edge ${moving ? 'moving' : ''}`}
          />
        ))}
        {(Object.keys(faces) as Stage[]).map((stage) => (
          <StageBox key={stage} at={places[stage]} name={t.pipeline.stage[stage]} face={faces[stage]} />
        ))}
      </svg>
    </figure>
  )
}

function StageBox({ at: [x, y], name, face }: { at: readonly [number, number]; name: string; face: Face }) {
  return (
    <Link {...face.link} className={`flow-stage ${face.alert === true ? 'alert' : ''}`}>
      <rect x={x} y={y} width={WIDTH} height={HEIGHT} rx="6" />
      <text x={x + 12} y={y + 20} className="flow-name">
        {name}
      </text>{' '}
      {face.lines.map((line, index) => (
        <Fragment key={line}>
          <text x={x + 12} y={y + 38 + index * 16} className={index === 0 ? 'flow-number' : 'flow-detail'}>
            {line}
          </text>{' '}
        </Fragment>
      ))}
    </Link>
  )
}

function route([ax, ay]: readonly [number, number], [bx, by]: readonly [number, number], wide: boolean): string {
  if (wide) {
    const [x1, y1, x2, y2] = [ax + WIDTH, ay + HEIGHT / 2, bx, by + HEIGHT / 2]
    const middle = (x1 + x2) / 2
    return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`
  }
  const [x1, y1, x2, y2] = [ax + WIDTH / 2, ay + HEIGHT, bx + WIDTH / 2, by]
  const middle = (y1 + y2) / 2
  return `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`
}

function useFaces(pipeline: Pipeline): Record<Stage, Face> {
  const { t, format } = useLanguage()
  const { ledger, sources, archive, index, outbox, lineToMessageMs, incidents } = pipeline
  const words = t.pipeline
  const lags = sources.flatMap(({ lagMs }) => (lagMs === undefined ? [] : [lagMs]))
  const active = (incidents['open'] ?? 0) + (incidents['acknowledged'] ?? 0) + (incidents['regressed'] ?? 0)
  const all = Object.values(incidents).reduce((sum, n) => sum + n, 0)
  const rejected = total(ledger.decode.rejected)
  return {
    source: {
      lines: [
        words.perSecond(format.number(Math.round(pipeline.ratePerSecond))),
        lags.length === 0 ? words.shards(sources.length) : words.lag(format.duration(Math.max(...lags))),
      ],
      link: { to: '/pipeline', hash: 'sources' },
      alert: sources.some(({ state }) => state === 'failing'),
    },
    decode: {
      lines: [words.receivedLines(format.number(ledger.decode.received)), words.rejectedLines(format.number(rejected))],
      link: { to: '/pipeline', hash: 'quarantine' },
      alert: !ledger.decode.balanced,
    },
    filter: {
      lines: [
        words.keptLines(format.number(ledger.filter.kept)),
        words.droppedLines(format.number(total(ledger.filter.dropped))),
      ],
      link: { to: '/rules' },
      alert: !ledger.filter.balanced,
    },
    archive: {
      lines: [words.objects(format.number(archive.objects)), format.bytes(archive.bytes)],
      link: { to: '/pipeline', hash: 'archive-title' },
    },
    index: {
      lines: [
        words.receivedLines(format.number(ledger.filter.kept)),
        index.debt.records > 0
          ? words.owed(format.number(index.debt.records))
          : index.state === 'ok'
            ? words.searchable
            : words.indexState[index.state],
      ],
      link:
        index.state === 'ok' && index.debt.records === 0 ? { to: '/logs' } : { to: '/pipeline', hash: 'index-title' },
      alert: index.state !== 'ok' || index.debt.records > 0,
    },
    group: {
      lines: [words.incidents(format.number(all)), words.activeIncidents(format.number(active))],
      link: { to: '/', search: { state: 'all' } },
      alert: !ledger.group.balanced,
    },
    investigate: { lines: [words.incidents(format.number(all))], link: { to: '/knowledge' } },
    slack: {
      lines: [
        outbox.mode === 'preview'
          ? words.shown(format.number(outbox.posted))
          : words.posted(format.number(outbox.posted)),
        lineToMessageMs.samples === 0
          ? words.pending(format.number(outbox.pending))
          : `p50 ${format.duration(lineToMessageMs.p50)}`,
      ],
      link: { to: '/slack' },
      alert: outbox.lastFault !== undefined,
    },
  }
}
