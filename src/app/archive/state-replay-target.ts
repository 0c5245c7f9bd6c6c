/**
 * Records into a fresh state: incidents, their samples and counts, deploys, search index and books, as the consumer made
 * them, under the rules of the configuration. Nobody is told of anything: what is found is marked as shown.
 */
import { randomBytes } from 'node:crypto'
import { createFilterStage } from '../../pipeline/filter/filter-stage.ts'
import { createRedactor } from '../../pipeline/filter/redact/redactor.ts'
import { DEFAULT_RULES } from '../../pipeline/filter/rule.ts'
import { keyPart } from '../../pipeline/forward/object-store.ts'
import { emptyLedger } from '../../pipeline/outcome.ts'
import { compareSequences, type Position } from '../../pipeline/record.ts'
import type { Delivery, Outbox } from '../../pipeline/store.ts'
import type { Clock } from '../../platform/clock.ts'
import { CaliError } from '../../platform/error.ts'
import type { Logger } from '../../platform/logger.ts'
import { settingOnce } from '../../state/record-queries.ts'
import { type Config, languageOf } from '../config.ts'
import { createDeployWatch } from '../deploy-watch.ts'
import { openIndexOf, openStateOf } from '../engines.ts'
import { createGrouping } from '../grouping.ts'
import { lockInstance } from '../instance-lock.ts'
import { checkRules } from '../rules.ts'
import type { FoundObject } from './browse.ts'
import type { ReplayTarget } from './replay.ts'

export interface StateReplayTarget extends ReplayTarget {
  /**
   * Ends the replay: incidents without recent events are quiet, nothing waits to be sent. With `resumable`, reading of the
   * streams goes on behind what was replayed; false where a part of the archive was left out.
   */
  finish(resumable: boolean): Promise<{ readonly incidents: number; readonly checkpoints: number }>
  close(): Promise<void>
}

/** Last of a shard's records that was replayed. */
interface Reached {
  readonly stream: string
  readonly incarnation: string
  readonly shard: string
  readonly sequence: string
}

/** Opens the state of `config`, which must be empty unless `force`. */
export async function openStateReplayTarget(
  config: Config,
  deps: { readonly clock: Clock; readonly logger: Logger; readonly force: boolean },
): Promise<StateReplayTarget> {
  const { clock, logger } = deps
  const lock = lockInstance(config.dataDir)
  const closing: (() => Promise<void> | void)[] = [() => lock.release()]
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  try {
    const state = await openStateOf(config, clock)
    closing.push(() => state.close())
    if (!deps.force && (await state.incidents.list({ limit: 1 })).length > 0)
      throw new CaliError(
        'state_not_empty',
        `${state.shared ? state.location : config.dataDir} holds incidents already. Choose a new ${state.shared ? 'database' : 'folder'}, or add to it with --force: events that it has counted are not counted again.`,
      )
    const index = await openIndexOf(config, clock)
    closing.push(() => index.close())
    const redactor = createRedactor({
      key: Buffer.from(await settingOnce(state.db, 'redaction.key', () => randomBytes(32).toString('hex')), 'hex'),
      disabledRules: config.redaction.disabledRules,
      extraRules: config.redaction.extraRules,
    })
    const grouping = await createGrouping({
      state,
      config: config.incidents,
      rules: config.grouping,
      clock,
      language: languageOf(config),
      onChanges: () => undefined,
    })
    const observe = await createDeployWatch(state.changes, logger)
    const rules = checkRules((await state.rules.load()) ?? config.rules ?? DEFAULT_RULES)
    const { filter } = createFilterStage({ redactor, observe }, rules)
    const searchableFrom = clock.now() - config.index.retentionDays * 86_400_000
    const reached = new Map<string, Reached>()
    // Of a state that was in use: their messages are not of this replay, and wait on.
    const waiting = new Set((await claimAll(state.outbox, clock.now())).map(({ incident }) => incident))

    return {
      take: async (records, object) => {
        const tally = emptyLedger()
        tally.decode.received = records.length
        tally.decode.kept = records.length
        const { kept } = filter(
          records.map((record) => ({ ...record, origin: record.resource })),
          tally,
        )
        await index.write(kept.filter(({ observedAt }) => observedAt >= searchableFrom))
        await grouping.group(kept, tally)
        await state.checkpoints.save(object.folder, undefined, tally)
        const last = records.at(-1)
        if (last !== undefined) reach(reached, object, last.position)
        return 0
      },
      finish: async (resumable) => {
        await state.incidents.quiet(clock.now() - config.incidents.quietAfter, clock.now())
        for (const delivery of await claimAll(state.outbox, clock.now()))
          if (!waiting.has(delivery.incident)) await state.outbox.settle(delivery, delivery.wanted, 0)
        await state.outbox.releaseClaims()
        // Only streams have lives; sources such as HTTP have no position to go on from.
        const streams = resumable ? [...reached.values()].filter(({ incarnation }) => incarnation !== '') : []
        for (const { stream, ...checkpoint } of streams) {
          const after = (await state.checkpoints.load(stream, checkpoint.incarnation)).get(checkpoint.shard)
          await state.checkpoints.save(stream, { ...checkpoint, after }, emptyLedger())
        }
        const { n } = await state.db
          .selectFrom('incidents')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .executeTakeFirstOrThrow()
        return { incidents: Number(n), checkpoints: streams.length }
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Objects come by the hour of their arrival, which at the turn of an hour is not quite the order of their sequences. */
function reach(reached: Map<string, Reached>, object: FoundObject, position: Position): void {
  const key = `${object.folder}/${object.shard}`
  const { stream, shard, sequence } = position
  if (compareSequences(reached.get(key)?.sequence ?? '', sequence) >= 0) return
  reached.set(key, { stream, shard, sequence, incarnation: object.folder.slice(keyPart(stream).length + 1) })
}

const LEASE_MS = 600_000

/** All deliveries that are due; they are released again. */
async function claimAll(outbox: Outbox, now: number): Promise<readonly Delivery[]> {
  const all: Delivery[] = []
  await outbox.releaseClaims()
  for (;;) {
    const due = await outbox.claim(now, LEASE_MS, 500)
    if (due.length === 0) break
    all.push(...due)
  }
  await outbox.releaseClaims()
  return all
}
