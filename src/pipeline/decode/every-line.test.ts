import { describe, expect, it } from 'vitest'
import { joinEveryLine } from './every-line.ts'
import { fluentBit } from './wire.test-data.ts'

const join = (lines: readonly string[]): string[] => {
  const joiner = joinEveryLine()
  return [...lines.flatMap((line) => joiner.push(line)), ...joiner.flush()].map((event) => event.lines.join('\n'))
}

describe('every line', () => {
  it('comes out once and in order, blank ones that belong to nothing as events of their own', () => {
    expect(join(['', 'one', '', '', 'java.lang.Error: x', '', '\tat a.B.c(B.java:1)', '', 'two', ''])).toEqual([
      '',
      'one',
      '',
      '',
      'java.lang.Error: x\n\n\tat a.B.c(B.java:1)',
      '',
      'two',
      '',
    ])
  })

  it('comes out of blank lines alone', () => {
    expect(join(['', ''])).toEqual(['', ''])
  })

  it('comes out of each file of edge cases', () => {
    for (const name of ['03_java_multiline_msg', '09_go_panic', '18_blank_between_events']) {
      const lines = fluentBit(`edge/${name}.log`).toString().replace(/\n$/, '').split('\n')
      expect(join(lines).join('\n')).toBe(lines.join('\n'))
    }
  })

  it('between events is what a person wants of the file with blank lines', () => {
    const wanted = JSON.parse(fluentBit('edge/expected.json').toString()) as Record<string, string[]>
    const lines = fluentBit('edge/18_blank_between_events.log').toString().replace(/\n$/, '').split('\n')
    expect(join(lines)).toEqual(wanted['18_blank_between_events'])
  })
})
