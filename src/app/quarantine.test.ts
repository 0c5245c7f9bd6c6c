import { expect, it } from 'vitest'
import { stateOfFile } from '../../test/support/state.ts'
import type { Rejection } from '../pipeline/batch.ts'
import { createRedactor } from '../pipeline/filter/redact/redactor.ts'
import { createMemoryObjectStore } from '../pipeline/forward/memory-object-store.ts'
import { createQuarantine } from './quarantine.ts'

const { state } = stateOfFile()
const AT = Date.UTC(2026, 0, 20)

const rejection = (line: number, sequence = '7'): Rejection => ({
  reason: 'not_a_record',
  detail: 'nothing in it is text',
  bytes: Buffer.from(`{"n":${line}}`),
  stream: 's',
  shard: '0',
  sequence,
  sub: 0,
  line,
  arrivedAt: AT,
})

it('keeps pieces of a record each by itself, and a flood of them as one with all their bytes', async () => {
  const objects = createMemoryObjectStore()
  const store = state().quarantine
  const quarantine = createQuarantine({ objects, store, redactor: createRedactor({ key: Buffer.alloc(32) }) })
  const flood = Array.from({ length: 5_000 }, (_, line) => rejection(line))
  await quarantine([rejection(0, '6'), rejection(1, '6'), ...flood])
  // Again, as after a crash: the same objects and rows.
  await quarantine([rejection(0, '6'), rejection(1, '6'), ...flood])
  const entries = await store.list(100)
  expect(entries.map(({ bytes }) => bytes).sort((a, b) => a - b)).toEqual([7, 7, 53_890])
  const whole = entries.find(({ bytes }) => bytes > 7)
  expect(whole?.detail).toBe('nothing in it is text (the first of 5000 of this record)')
  const kept = Buffer.from((await objects.get(whole?.objectKey ?? '')) ?? '').toString()
  expect(kept.trimEnd().split('\n')).toEqual(flood.map(({ bytes }) => Buffer.from(bytes).toString()))
})
