import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ENVIRONMENT_KEYS,
  HOST_KEYS,
  IMAGE_KEYS,
  LOGGER_KEYS,
  POD_KEYS,
  SERVICE_KEYS,
  SPAN_ID_KEYS,
  STACK_KEYS,
  THREAD_KEYS,
  TRACE_ID_KEYS,
  VERSION_KEYS,
} from './field-names.ts'
import { type Fields, firstString, flatten } from './fields.ts'

const LISTS: readonly (readonly string[])[] = [
  SERVICE_KEYS,
  LOGGER_KEYS,
  THREAD_KEYS,
  STACK_KEYS,
  TRACE_ID_KEYS,
  SPAN_ID_KEYS,
  POD_KEYS,
  HOST_KEYS,
  ENVIRONMENT_KEYS,
  VERSION_KEYS,
  IMAGE_KEYS,
  // One that has no bit.
  ['timestamp', '@timestamp', 'time'],
]

const name = fc.constantFrom(
  ...new Set(LISTS.flat().flatMap((key) => key.split('.'))),
  ...LISTS.flat(),
  'kubernetes',
  'x',
  'constructor',
)
const value = fc.letrec<{ object: unknown; value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.constantFrom('', 'a', 'b', 0, 7, true, null, ['a']), tie('object')),
  object: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
})).object as fc.Arbitrary<Fields>

/** Every nested object as dotted names, without a thought for what it costs. */
function dotted(fields: Fields, prefix = ''): Map<string, unknown> {
  const all = new Map<string, unknown>()
  for (const [key, inner] of Object.entries(fields)) {
    if (key === 'constructor' || (prefix === '' && key === 'kubernetes' && typeof inner === 'object')) continue
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner))
      for (const [deeper, found] of dotted(inner as Fields, `${prefix}${key}.`)) all.set(deeper, found)
    else all.set(`${prefix}${key}`, inner)
  }
  return all
}

describe('the fields of an object', () => {
  it('are found under the first name of a list, nested or not, as by trying name after name', () => {
    fc.assert(
      fc.property(value, (fields) => {
        const flat = flatten(fields)
        const plain = dotted(fields)
        for (const list of LISTS)
          expect(firstString(flat, list)).toBe(
            list.map((key) => plain.get(key)).find((found) => typeof found === 'string' && found !== ''),
          )
      }),
      { numRuns: 500 },
    )
  })

  it('that nobody asks for do not hide those that are asked for', () => {
    expect(firstString(flatten({ x: 1, time: 'now' }), ['timestamp', 'time'])).toBe('now')
  })
})
