/**
 * A stand-in for the KCL daemon's side of one shard: strict about the protocol (one question at a time, checkpoints only
 * while a question is open, the end of a shard only with one), with leases that can be taken away and answers that fail.
 */
import { PassThrough } from 'node:stream'

export interface FakeRecord {
  readonly sequence: string
  readonly sub?: number
  readonly data: string | Uint8Array
}

export interface FakeKclDaemon {
  readonly input: PassThrough
  readonly output: PassThrough
  /** Sequence that the lease table holds; undefined: none; SHARD_END. */
  readonly leaseCheckpoint: string | undefined
  /** Every checkpoint asked for, with the question that was open. */
  readonly asked: readonly { readonly sequence: string; readonly during: string }[]
  initialize(shard: string): Promise<void>
  records(records: readonly FakeRecord[], millisBehindLatest?: number): Promise<void>
  shardEnded(): Promise<void>
  shutdownRequested(): Promise<void>
  leaseLost(): Promise<void>
  /** The next checkpoints are answered with these Java exceptions. */
  refuse(...errors: string[]): void
  close(): void
  /** The child has ended: whoever waits for its answer waits no more. */
  abandon(): void
}

/** `lease`: takes each checkpoint, or names the exception that refuses it. */
export function createFakeKclDaemon(
  from?: string,
  lease: (sequence: string) => string | undefined = () => undefined,
): FakeKclDaemon {
  const input = new PassThrough()
  const output = new PassThrough()
  const asked: { sequence: string; during: string }[] = []
  const refusals: string[] = []
  let checkpoint = from
  let open: { action: string; done: () => void; failed: (error: Error) => void } | undefined
  let rest = ''

  const send = (message: object): void => void input.write(`${JSON.stringify(message)}\n`)

  output.on('data', (chunk: Buffer) => {
    rest += chunk.toString('utf8')
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end)
      rest = rest.slice(end + 1)
      answer(JSON.parse(line) as { action: string; responseFor?: string; sequenceNumber?: string | null })
    }
  })

  const answer = (message: { action: string; responseFor?: string; sequenceNumber?: string | null }): void => {
    if (open === undefined) throw new Error(`nobody had asked: ${JSON.stringify(message)}`)
    if (message.action === 'status') {
      const { action, done, failed } = open
      open = undefined
      if (message.responseFor !== action) failed(new Error(`status for ${message.responseFor}, asked was ${action}`))
      else if (action === 'shardEnded' && checkpoint !== 'SHARD_END')
        failed(new Error("Application didn't checkpoint at end of shard"))
      else done()
      return
    }
    const sequence = message.sequenceNumber ?? 'SHARD_END'
    asked.push({ sequence, during: open.action })
    const error = ['initialize', 'leaseLost'].includes(open.action)
      ? 'InvalidStateException'
      : (refusals.shift() ?? lease(sequence))
    if (error === undefined) checkpoint = sequence
    send({ action: 'checkpoint', sequenceNumber: message.sequenceNumber, ...(error === undefined ? {} : { error }) })
  }

  const ask = (message: { action: string }): Promise<void> =>
    new Promise((done, failed) => {
      open = { action: message.action, done, failed }
      send(message)
    })

  return {
    input,
    output,
    asked,
    get leaseCheckpoint() {
      return checkpoint
    },
    initialize: (shardId) =>
      ask({ action: 'initialize', shardId, sequenceNumber: checkpoint ?? 'TRIM_HORIZON', subSequenceNumber: 0 } as {
        action: string
      }),
    records: (records, millisBehindLatest = 0) =>
      ask({
        action: 'processRecords',
        records: records.map(({ sequence, sub, data }) => ({
          action: 'record',
          data: Buffer.from(data).toString('base64'),
          partitionKey: 'ключ-é-\u2028-日本',
          sequenceNumber: sequence,
          subSequenceNumber: sub ?? 0,
          approximateArrivalTimestamp: Date.UTC(2026, 0, 20, 12),
        })),
        millisBehindLatest,
      } as { action: string }),
    shardEnded: () => ask({ action: 'shardEnded' }),
    shutdownRequested: () => ask({ action: 'shutdownRequested' }),
    leaseLost: () => ask({ action: 'leaseLost' }),
    refuse: (...errors) => void refusals.push(...errors),
    close: () => input.end(),
    abandon: () => open?.failed(new Error('the child has ended')),
  }
}
