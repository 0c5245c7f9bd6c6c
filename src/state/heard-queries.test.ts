import { describe, expect, it } from 'vitest'
import { NOON } from '../../test/support/records.ts'
import { stateOfFile } from '../../test/support/state.ts'

describe('what any worker heard', () => {
  const { state } = stateOfFile()

  it('is the latest that one of them told', async () => {
    const { heard } = state()
    await heard.tell([
      { kind: 'service', name: '주문', lastAt: NOON },
      { kind: 'node', name: '주문', lastAt: NOON + 5 },
    ])
    await heard.tell([{ kind: 'service', name: '주문', lastAt: NOON - 1 }])
    await heard.tell([])
    const asked = [
      { kind: 'service', name: '주문' },
      { kind: 'service', name: 'unknown' },
    ]
    expect(await heard.of(asked)).toEqual([{ kind: 'service', name: '주문', lastAt: NOON }])
    await heard.tell([{ kind: 'service', name: '주문', lastAt: NOON + 9 }])
    expect(await heard.of(asked)).toEqual([{ kind: 'service', name: '주문', lastAt: NOON + 9 }])
  })

  it('is found for more names than one statement takes, and forgotten after a time', async () => {
    const { heard } = state()
    const all = Array.from({ length: 900 }, (_, i) => ({ kind: 'service', name: `s${i}`, lastAt: NOON + i }))
    await heard.tell(all)
    expect(await heard.of(all)).toHaveLength(900)
    await heard.forget(NOON + 890)
    expect(await heard.of(all)).toHaveLength(10)
  })
})
