import { zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { recordOf } from '../../test/support/records.ts'
import { stateOfFile } from '../../test/support/state.ts'
import type { Rejection } from '../pipeline/batch.ts'
import { createIndexStage } from '../pipeline/forward/index-stage.ts'
import { EMPTY_QUERY, type RefusedRecord, type StoredLogIndex } from '../pipeline/forward/log-index.ts'
import { createMemoryLogIndex } from '../pipeline/forward/memory-log-index.ts'
import { createMemoryObjectStore } from '../pipeline/forward/memory-object-store.ts'
import type { LogRecord } from '../pipeline/record.ts'
import { CaliError } from '../platform/error.ts'
import { silentLogger } from '../platform/logger.ts'
import { createDebtPayer, prepareIndex } from './indexing.ts'

const { state, clock } = stateOfFile()

const away = new CaliError('opensearch_unreachable', 'nobody there', { retryable: true })

/** An index elsewhere, in memory, that a test can switch off. */
function elsewhere() {
  const memory = createMemoryLogIndex()
  const control = { fault: undefined as CaliError | undefined, refuse: (_record: LogRecord): boolean => false }
  const asked = <T>(work: () => Promise<T>): Promise<T> =>
    control.fault === undefined ? work() : Promise.reject(control.fault)
  const index: StoredLogIndex = {
    ...memory,
    location: 'https://search.test/cali-logs',
    elsewhere: true,
    write: (records) =>
      asked(async () => {
        const refused: RefusedRecord[] = records.filter(control.refuse).map((record) => ({ record, reason: 'no' }))
        await memory.write(records.filter((record) => !control.refuse(record)))
        return refused
      }),
    prepare: () => asked(async () => undefined),
    check: () => asked(async () => 'here'),
    expire: async () => undefined,
    close: async () => undefined,
  }
  const ids = async (): Promise<string[]> =>
    (await memory.search(EMPTY_QUERY, 10_000)).records.map((record) => record.id).sort()
  return { index, control, ids }
}

function payerOf() {
  const { index, control, ids } = elsewhere()
  const objects = createMemoryObjectStore()
  const quarantined: Rejection[] = []
  const stage = createIndexStage({
    index,
    clock,
    stopping: new AbortController().signal,
    random: () => 0,
    debtAfterMs: 0,
  })
  const payer = createDebtPayer({
    index,
    stage,
    debts: state().indexDebts,
    objects,
    quarantine: async (rejections) => void quarantined.push(...rejections),
    clock,
    logger: silentLogger,
    random: () => 0,
  })
  const owe = async (objectKey: string, records: readonly LogRecord[]): Promise<void> => {
    await objects.putIfAbsent(
      objectKey,
      zstdCompressSync(records.map((record) => `${JSON.stringify(record)}\n`).join('')),
    )
    await state().indexDebts.note([{ objectKey, records: records.length, arrivedAt: 1 }], 1)
  }
  return { payer, stage, control, ids, objects, quarantined, owe }
}

describe('the payer of debts', () => {
  it('indexes what an object holds, but not what a rule keeps for the archive alone', async () => {
    const { payer, ids, owe } = payerOf()
    await owe('a', [recordOf({ id: '1' }), { ...recordOf({ id: '2' }), archiveOnly: true }, recordOf({ id: '3' })])
    expect([await payer.step(), await payer.step()]).toEqual(['paid', 'nothing'])
    expect(await ids()).toEqual(['1', '3'])
    expect((await state().indexDebts.status()).objects).toBe(0)
  })

  it('keeps the debt while the index is away, and pays it when it is back', async () => {
    const { payer, stage, control, ids, owe } = payerOf()
    await owe('a', [recordOf({ id: '1' })])
    control.fault = away
    expect([await payer.step(), await payer.step()]).toEqual(['failed', 'nothing'])
    expect([await state().indexDebts.status(), stage.status().state]).toEqual([
      { objects: 1, records: 1, oldestAt: 1, lastFault: 'nobody there' },
      'owing',
    ])
    control.fault = undefined
    clock.advance(30_000)
    expect([await payer.step(), stage.status().state, await ids()]).toEqual(['paid', 'ok', ['1']])
  })

  it('finds out that the index is back where nothing is owed', async () => {
    const { payer, stage, control } = payerOf()
    control.fault = away
    expect((await stage.write([recordOf()])).owed).toBe(true)
    await payer.step()
    expect(stage.status().state).toBe('owing')
    control.fault = undefined
    await payer.step()
    expect(stage.status().state).toBe('ok')
  })

  it('puts what the index refuses into quarantine', async () => {
    const { payer, control, quarantined, ids, owe } = payerOf()
    control.refuse = (record) => record.id === 'bad'
    await owe('a', [recordOf({ id: '1' }), recordOf({ id: 'bad', sequence: '77' })])
    expect(await payer.step()).toBe('paid')
    expect(await ids()).toEqual(['1'])
    expect(quarantined).toMatchObject([{ reason: 'index_refused', detail: 'no', sequence: '77' }])
    expect(JSON.parse(Buffer.from(quarantined[0]?.bytes ?? []).toString())).toMatchObject({ id: 'bad' })
  })

  it('is not held up by an object that is damaged or gone', async () => {
    const { payer, objects, ids, owe } = payerOf()
    await objects.putIfAbsent('broken', Buffer.from('no zstd'))
    await state().indexDebts.note([{ objectKey: 'broken', records: 1, arrivedAt: 0 }], 0)
    await state().indexDebts.note([{ objectKey: 'gone', records: 1, arrivedAt: 0 }], 0)
    await owe('a', [recordOf({ id: '1' })])
    expect([await payer.step(), await payer.step(), await payer.step(), await payer.step()]).toEqual([
      'failed',
      'paid',
      'paid',
      'nothing',
    ])
    expect([await ids(), (await state().indexDebts.status()).objects]).toEqual([['1'], 1])
    clock.advance(10 * 60_000)
    expect(await payer.step()).toBe('failed')
  })

  it('ends with the program, also while it waits', async () => {
    const { payer } = payerOf()
    const stop = new AbortController()
    const running = payer.run(stop.signal)
    stop.abort()
    await expect(running).resolves.toBeUndefined()
  })
})

describe('the start', () => {
  const policy = { baseMs: 0, capMs: 0, attempts: 3 }
  const start = (index: StoredLogIndex) =>
    prepareIndex(index, { state: state(), logger: silentLogger, stopping: new AbortController().signal, policy })

  it('is refused when the index has never answered at this address', async () => {
    const { index, control } = elsewhere()
    control.fault = away
    await expect(start(index)).rejects.toThrow('nobody there')
  })

  it('goes on when it has answered before: alerts must not wait for it', async () => {
    const { index, control } = elsewhere()
    await start(index)
    control.fault = away
    await expect(start(index)).resolves.toBeUndefined()
    control.fault = new CaliError('opensearch_denied', 'wrong password')
    await expect(start(index)).rejects.toThrow('wrong password')
    control.fault = away
    await expect(start({ ...index, location: 'https://other.test/cali-logs' })).rejects.toThrow('nobody there')
  })

  it('gives a server that starts at the same time a moment', async () => {
    const { index } = elsewhere()
    let attempts = 0
    const prepare = async (): Promise<void> => {
      if (++attempts < 3) throw away
    }
    await expect(start({ ...index, prepare })).resolves.toBeUndefined()
  })
})
