/** Grouping on labelled lines: GA (share of lines whose group is exactly the true one) and FGA (F1 over exact groups). */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createEventReader } from '../src/pipeline/decode/event-reader.ts'
import { createPatternMiner } from '../src/pipeline/group/pattern-miner.ts'

export interface GroupingScore {
  readonly set: string
  readonly lines: number
  readonly ga: number
  readonly fga: number
}

interface Labelled {
  readonly content: string
  readonly group: string
  readonly template: string
  readonly raw?: string
}

export function evaluateGrouping(dataDir: string, field: 'content' | 'raw'): GroupingScore[] {
  const folder = join(dataDir, 'grouping')
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) =>
      readdirSync(join(folder, entry.name))
        .filter((name) => name.endsWith('.jsonl.gz'))
        .map((name) => join(entry.name, name)),
    )
    .sort()
    .flatMap((path) => {
      const rows = gunzipSync(readFileSync(join(folder, path)))
        .toString('utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Labelled)
      if (field === 'raw' && rows[0]?.raw === undefined) return []
      const predicted = group(rows.map((row) => (field === 'content' ? row.content : messageOf(row.raw ?? ''))))
      return [
        {
          set: path.replace('.jsonl.gz', ''),
          lines: rows.length,
          ...score(
            predicted,
            // These two sets give one line two ids: their templates are the truth, as in the published tables.
            rows.map((row) => (path.startsWith('lunar') ? row.template : row.group)),
          ),
        },
      ]
    })
}

/** As `cali group` does: one service, every id resolved when all lines are read. */
function group(messages: readonly string[]): string[] {
  const miner = createPatternMiner()
  const patterns = messages.map((message) => miner.learn('log', message))
  return patterns.map((pattern) => miner.kin(pattern)[0] as string)
}

function messageOf(raw: string): string {
  const reader = createEventReader({ source: 'eval', zone: { offsetMinutes: 0, now: 0 }, observedAt: 0 })
  return [...reader.push(raw), ...reader.flush()][0]?.message ?? ''
}

export function score(predicted: readonly string[], truth: readonly string[]): { ga: number; fga: number } {
  const count = (list: readonly string[]): Map<string, number> =>
    list.reduce((map, key) => map.set(key, (map.get(key) ?? 0) + 1), new Map<string, number>())
  const predictedSizes = count(predicted)
  const trueSizes = count(truth)
  const both = count(predicted.map((group, i) => `${group}\0${truth[i]}`))
  let exactLines = 0
  let exactGroups = 0
  for (const [key, n] of both) {
    const [group, label] = key.split('\0') as [string, string]
    if (predictedSizes.get(group) !== n || trueSizes.get(label) !== n) continue
    exactLines += n
    exactGroups++
  }
  return { ga: exactLines / predicted.length, fga: (2 * exactGroups) / (predictedSizes.size + trueSizes.size) }
}
