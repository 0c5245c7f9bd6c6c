import { describe, expect, it } from 'vitest'
import { createCast } from './cast.ts'
import { createRandom } from './random.ts'
import { template } from './template.ts'
import type { Scene } from './values.ts'

const scene = (seed: number): Scene => ({
  random: createRandom(seed),
  cast: createCast(seed),
  day: '20260120',
  shared: undefined,
})

describe('templates', () => {
  it('give equal tokens of one text one value', () => {
    const [left, right] = template('<<orderNo>>/<<orderNo>>')(scene(1)).split('/')
    expect(left).toMatch(/^ORD-20260120-\d{6}$/)
    expect(right).toBe(left)
  })

  it('share values between the lines of one request only', () => {
    const one = scene(1)
    const text = template('<<orderNo>>')
    one.shared = new Map()
    const first = text(one)
    expect(text(one)).toBe(first)
    one.shared = new Map()
    expect(text(one)).not.toBe(first)
  })

  it('move library lines a little and leave other numbers', () => {
    const text = template('at a.B.c(B.java:~100) d(D.java:7)')
    const one = scene(1)
    const lines = new Set(Array.from({ length: 50 }, () => text(one)))
    expect(lines.size).toBeGreaterThan(3)
    for (const line of lines) expect(line).toMatch(/^at a\.B\.c\(B\.java:10[0-6]\) d\(D\.java:7\)$/)
  })

  it('leave the angle brackets of programs alone', () => {
    expect(template('Foo.<init> <generated> <<<count 3 3>>>')(scene(1))).toBe('Foo.<init> <generated> <3>')
  })

  it('refuse a name that has no value', () => {
    expect(() => template('<<custmer>>')).toThrow('no value is named "custmer"')
  })
})
