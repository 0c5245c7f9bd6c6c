/** docs/…/telemetry.md names what there is, and nothing else. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const found = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map((m) => m[1] ?? ''))].sort()
const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .map((path) => read(join('src', path)))
  .join('\n')

describe.each(['en', 'ko'])('docs/%s/telemetry.md', (language) => {
  const page = read(`docs/${language}/telemetry.md`)

  it('names every metric, and none that is not there', () => {
    expect(found(page, /`(cali_[a-z_]+)/g)).toEqual(found(read('src/api/routes/metrics.ts'), /'(cali_[a-z_]+)'/g))
  })

  it('names every span and attribute, and none that is not there', () => {
    const traced = found(
      `${read('src/pipeline/pipeline.ts')}${read('src/pipeline/notify/notify-stage.ts')}`,
      /'(cali\.[a-z]+)'/g,
    )
    expect(found(page, /`(cali\.[a-z]+)`/g).sort()).toEqual(traced)
  })

  it('names events of the log that are written', () => {
    const events = found(page.slice(page.lastIndexOf('\n## ')), /`([a-z]+_[a-z_]+)`/g)
    expect(events.length).toBeGreaterThan(5)
    for (const event of events) expect(source, event).toContain(`event: '${event}'`)
  })
})
