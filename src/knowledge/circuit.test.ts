import { describe, expect, it } from 'vitest'
import { createManualClock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import { createCircuit } from './circuit.ts'

describe('a circuit', () => {
  const setUp = () => {
    const clock = createManualClock(0)
    const said: string[] = []
    const say = (entry: { event: string }) => void said.push(entry.event)
    const circuit = createCircuit('x', clock, { info: say, warn: say } as unknown as Logger)
    let calls = 0
    return {
      clock,
      said,
      circuit,
      calls: () => calls,
      fail: () => circuit.run(async () => Promise.reject(new Error(`away ${++calls}`))),
      work: () => circuit.run(async () => ++calls),
    }
  }

  it('holds calls back after a failure, longer each time, and says what failed', async () => {
    const { clock, circuit, calls, fail, said } = setUp()
    await expect(fail()).rejects.toThrow('away 1')
    await expect(fail()).rejects.toMatchObject({ code: 'circuit_open', message: 'away 1' })
    expect(calls()).toBe(1)
    for (const [pause, n] of [
      [5_000, 2],
      [10_000, 3],
      [20_000, 4],
      [40_000, 5],
      [60_000, 6],
      [60_000, 7],
    ] as const) {
      clock.advance(pause - 1)
      await expect(circuit.run(async () => 0)).rejects.toMatchObject({ code: 'circuit_open' })
      clock.advance(1)
      await expect(fail()).rejects.toThrow(`away ${n}`)
    }
    expect(said).toEqual(['degraded'])
  })

  it('lets one call try, and all after its success', async () => {
    const { clock, circuit, fail, work, said } = setUp()
    await expect(fail()).rejects.toThrow()
    clock.advance(5_000)
    let answer = (): void => {}
    const trial = circuit.run(
      () =>
        new Promise<void>((resolve) => {
          answer = resolve
        }),
    )
    await expect(work()).rejects.toMatchObject({ code: 'circuit_open' })
    answer()
    await trial
    await expect(work()).resolves.toBeGreaterThan(0)
    expect(said).toEqual(['degraded', 'recovered'])
  })

  it('opens at once when somebody else has seen an answer', async () => {
    const { circuit, fail, work } = setUp()
    await expect(fail()).rejects.toThrow()
    circuit.recovered()
    await expect(work()).resolves.toBeGreaterThan(0)
  })
})
