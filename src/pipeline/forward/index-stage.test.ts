import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../platform/clock.ts'
import { CaliError } from '../../platform/error.ts'
import type { LogRecord } from '../record.ts'
import { createIndexStage, type IndexStageDeps, type IndexStatus } from './index-stage.ts'
import { lineRecord } from './log-index.contract.ts'
import type { RefusedRecord } from './log-index.ts'
import { createMemoryLogIndex } from './memory-log-index.ts'

const NOON = Date.parse('2026-01-20T12:00:00Z')
const records = [lineRecord({ id: 'a', body: 'x' })]
const DEBT_AFTER = 120_000

/** A stage over an index that takes writes as `take` says; each attempt moves the clock by ten seconds. */
function stageWith(take: (attempt: number) => readonly RefusedRecord[], more: Partial<IndexStageDeps> = {}) {
  const clock = createManualClock(NOON)
  const stop = new AbortController()
  const states: IndexStatus['state'][] = []
  const written: LogRecord[] = []
  let attempts = 0
  const stage = createIndexStage({
    index: {
      ...createMemoryLogIndex(),
      write: async (batch) => {
        clock.advance(10_000)
        const refused = take(++attempts)
        written.push(...batch)
        return refused
      },
    },
    clock,
    stopping: stop.signal,
    random: () => 0,
    debtAfterMs: DEBT_AFTER,
    onChange: ({ state }) => states.push(state),
    retryPolicy: { baseMs: 0, capMs: 0, attempts: Number.POSITIVE_INFINITY },
    ...more,
  })
  return { stage, clock, stop, states, written, attempts: () => attempts }
}

const down = (): never => {
  throw new CaliError('opensearch_unreachable', 'nobody there', { retryable: true })
}

describe('an index that is away', () => {
  it('is waited for, and the batch is indexed when it is back', async () => {
    const { stage, states, written } = stageWith((attempt) => (attempt < 5 ? down() : []))
    expect(await stage.write(records)).toEqual({ refused: [], owed: false })
    expect([states, written.length]).toEqual([['waiting', 'ok'], 1])
  })

  it('is owed the batch when it stays away for longer than the stream may wait', async () => {
    const { stage, states, attempts } = stageWith(down)
    expect(await stage.write(records)).toEqual({ refused: [], owed: true })
    expect(states).toEqual(['waiting', 'owing'])
    expect(attempts()).toBe(13)
    expect(stage.status()).toEqual({ state: 'owing', since: NOON + 10_000, fault: 'nobody there', refused: 0 })
  })

  it('is not even asked by the batches behind, until a payment finds it back', async () => {
    let away = true
    const { stage, attempts } = stageWith(() => (away ? down() : []))
    await stage.write(records)
    const before = attempts()
    expect(await stage.write(records)).toEqual({ refused: [], owed: true })
    await expect(stage.pay(records)).rejects.toThrow('nobody there')
    expect([attempts(), stage.status().state]).toEqual([before + 1, 'owing'])
    away = false
    await stage.pay(records)
    expect(await stage.write(records)).toEqual({ refused: [], owed: false })
    expect(stage.status()).toEqual({ state: 'ok', refused: 0 })
  })

  it('is found back by a question where nothing is owed', async () => {
    const { stage } = stageWith(down)
    await stage.write(records)
    await stage.probe(() => Promise.reject(new Error('still away')))
    expect(stage.status()).toMatchObject({ state: 'owing', fault: 'still away' })
    await stage.probe(async () => 'here')
    expect(stage.status().state).toBe('ok')
  })

  it('that is half back does not make the stream wait again for each half', async () => {
    let away = true
    const { stage, clock, attempts } = stageWith(() => (away ? down() : []))
    await stage.write(records)
    await stage.probe(async () => 'here')
    const before = attempts()
    expect(await stage.write(records)).toEqual({ refused: [], owed: true })
    expect(attempts()).toBe(before + 1)
    away = false
    await stage.pay(records)
    clock.advance(DEBT_AFTER)
    away = true
    const later = attempts()
    await stage.write(records)
    expect(attempts() - later).toBe(13)
  })

  it('that takes other batches does not hold up one that it does not take', async () => {
    const stuck = [lineRecord({ id: 'stuck', body: 'x' })]
    const clock = createManualClock(NOON)
    const index = createMemoryLogIndex()
    const mixed = createIndexStage({
      index: {
        ...index,
        write: async (batch) => {
          clock.advance(10_000)
          if (batch === stuck) await mixed.write(records)
          return batch === stuck ? down() : index.write(batch)
        },
      },
      clock,
      stopping: new AbortController().signal,
      random: () => 0,
      debtAfterMs: DEBT_AFTER,
      retryPolicy: { baseMs: 0, capMs: 0, attempts: 50 },
    })
    expect(await mixed.write(stuck)).toEqual({ refused: [], owed: true })
    expect(mixed.status().state).toBe('waiting')
  })

  it('is waited for without end where nothing can be owed', async () => {
    const { stage } = stageWith((attempt) => (attempt < 100 ? down() : []), { debtAfterMs: Number.POSITIVE_INFINITY })
    expect(await stage.write(records)).toEqual({ refused: [], owed: false })
  })

  it('is not waited for any longer when the program stops: the batch is neither indexed nor owed', async () => {
    const { stage, stop } = stageWith((attempt) => {
      if (attempt === 3) stop.abort()
      return down()
    })
    await expect(stage.write(records)).rejects.toThrow('nobody there')
  })
})

it('an index on this machine hands its fault to the batch at once', async () => {
  const stage = createIndexStage({
    index: { ...createMemoryLogIndex(), write: async () => down() },
    clock: createManualClock(NOON),
    stopping: new AbortController().signal,
    random: () => 0,
  })
  await expect(stage.write(records)).rejects.toThrow('nobody there')
  expect(stage.status()).toMatchObject({ state: 'waiting', fault: 'nobody there' })
})

it('what the index refuses is told with its batch, and counted', async () => {
  const refusal = { record: records[0] as LogRecord, reason: 'too deep' }
  const { stage } = stageWith(() => [refusal])
  expect(await stage.write(records)).toEqual({ refused: [refusal], owed: false })
  expect(stage.status().refused).toBe(1)
})

it('a batch without records asks nobody', async () => {
  const { stage, attempts } = stageWith(down)
  expect(await stage.write([])).toEqual({ refused: [], owed: false })
  expect(attempts()).toBe(0)
})
