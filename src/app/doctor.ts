/** Doctor: is everything that CALI needs there and allowed? Read-only; a check that does not apply is skipped, not passed. */

import { access, constants, mkdir, statfs } from 'node:fs/promises'
import { DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis'
import { bundledRunbooks, readRunbookFolder } from '../knowledge/knowledge-base.ts'
import { aliasTarget, collectionOf, staleCollections } from '../knowledge/milvus-schema.ts'
import { createKinesisClient, explainKinesis } from '../pipeline/consume/kinesis-client.ts'
import { checkOpenAi } from '../pipeline/investigate/openai-check.ts'
import { checkSlack } from '../pipeline/notify/slack-check.ts'
import { ledgerFaults } from '../pipeline/outcome.ts'
import type { IndexDebtStatus } from '../pipeline/store.ts'
import { systemClock } from '../platform/clock.ts'
import { messageOf } from '../platform/error.ts'
import type { Config } from './config.ts'
import { archiveStoreOf, openIndexOf, openStateOf, regionOf } from './engines.ts'
import { runningAt } from './instance-lock.ts'
import { checkJava } from './kcl-daemon.ts'
import { checkJars } from './kcl-jars.ts'
import { embedderOf, milvusOf } from './knowledge.ts'
import { checkSharing } from './sources.ts'

export type CheckStatus = 'pass' | 'warn' | 'fail' | 'skipped'

export interface CheckResult {
  readonly code: string
  readonly status: CheckStatus
  readonly detail: string
  /** What to do, where something is to be done. */
  readonly hint?: string
}

type Check = (config: Config) => Promise<Omit<CheckResult, 'code'>>

const CHECK_MS = 10_000
const LOW_DISK_BYTES = 1024 ** 3

const pass = (detail: string) => ({ status: 'pass' as const, detail })
const skipped = (detail: string) => ({ status: 'skipped' as const, detail })
const fail = (detail: string, hint?: string) => ({
  status: 'fail' as const,
  detail,
  ...(hint === undefined ? {} : { hint }),
})

/** All checks, in the order in which they are shown. */
export const CHECKS: Readonly<Record<string, Check>> = {
  node: async () =>
    Number(process.versions.node.split('.')[0]) >= 24
      ? pass(`Node.js ${process.version}`)
      : fail(`Node.js ${process.version}`, 'install Node.js 24 or newer'),
  'data-dir': async ({ dataDir }) => {
    try {
      await mkdir(dataDir, { recursive: true })
      await access(dataDir, constants.W_OK)
    } catch (error) {
      return fail(
        `${dataDir}: ${messageOf(error)}`,
        'choose a folder that this user may write to: --data-dir or CALI_DATA_DIR',
      )
    }
    const { bavail, bsize } = await statfs(dataDir)
    const free = bavail * bsize
    const text = `${dataDir}, ${(free / 1024 ** 3).toFixed(1)} GB free`
    return free < LOW_DISK_BYTES
      ? { status: 'warn', detail: text, hint: 'make room: below 1 GB the archive may soon have to wait' }
      : pass(text)
  },
  state: async (config) => {
    const state = await openStateOf(config, systemClock)
    try {
      const incidents = await state.db
        .selectFrom('incidents')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
      return pass(`${state.location}, ${Number(incidents.n)} incidents`)
    } finally {
      await state.close()
    }
  },
  index: async (config) => {
    const index = await openIndexOf(config, systemClock)
    let answer: string
    try {
      answer = await index.check()
    } catch (error) {
      return fail(
        messageOf(error),
        index.elsewhere
          ? 'alerts go out meanwhile; lines that come are owed to it and indexed later'
          : 'see "File of the search index damaged" in docs/en/failure-modes.md',
      )
    } finally {
      await index.close()
    }
    const debts = await debtsOf(config).catch(() => undefined)
    if (debts === undefined) return pass(`${answer}; what is owed to it stands in the state, which cannot be read`)
    const { objects, records, oldestAt = 0 } = debts
    return objects === 0
      ? pass(answer)
      : {
          status: 'warn',
          detail: `${answer}; ${records.toLocaleString('en-US')} lines of ${objects.toLocaleString('en-US')} archive objects are still owed to it, the oldest of ${new Date(oldestAt).toISOString()}`,
          hint: 'the running program pays them, oldest first; start it if it is not running',
        }
  },
  ledger: async (config) => {
    const state = await openStateOf(config, systemClock)
    try {
      const ledger = await state.checkpoints.ledger()
      const faults = ledgerFaults(ledger)
      const unread = Object.entries(ledger.decode.rejected).filter(([, n]) => n > 0)
      const received = `balanced, ${ledger.decode.received.toLocaleString('en-US')} records received`
      return faults.length === 0
        ? pass(
            unread.length === 0
              ? received
              : `${received}; not readable and kept as received: ${unread.map(([reason, n]) => `${n.toLocaleString('en-US')} ${reason}`).join(', ')} (see the page Pipeline)`,
          )
        : fail(faults.join('; '), 'please report this: it must not happen')
    } finally {
      await state.close()
    }
  },
  program: async ({ dataDir }) => {
    const url = runningAt(dataDir)
    if (url === undefined) return skipped('not running with this folder')
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(CHECK_MS) })
    return response.ok
      ? pass(`running at ${url}`)
      : fail(`${url} answers ${response.status}`, 'look at its log, or restart it')
  },
  kinesis: async ({ kinesis }) => {
    const address = {
      region: kinesis.region,
      ...(kinesis.endpoint === undefined ? {} : { endpoint: kinesis.endpoint }),
    }
    const client = createKinesisClient(address)
    try {
      const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName: kinesis.stream }), {
        abortSignal: AbortSignal.timeout(CHECK_MS),
      })
      return pass(
        `${kinesis.stream} in ${kinesis.region}, ${answer.StreamDescriptionSummary?.OpenShardCount} open shards, ${answer.StreamDescriptionSummary?.RetentionPeriodHours} h retention`,
      )
    } catch (error) {
      const explained = explainKinesis(error, address, kinesis.stream)
      return explained.code === 'kinesis_credentials'
        ? skipped('no AWS credentials here; npm start brings its own stream')
        : fail(explained.message)
    } finally {
      client.destroy()
    }
  },
  archive: async (config) => {
    if (!config.archive.enabled) return skipped('archive.enabled is false')
    const store = archiveStoreOf(config)
    try {
      await store.check()
      return pass(
        config.s3.bucket === undefined
          ? store.location
          : `${store.location} in ${regionOf(config)} can be listed; not tried, because it would change it: writing`,
      )
    } finally {
      store.close()
    }
  },
  kcl: async (config) => {
    if (config.consumer.runner !== 'kcl') return skipped('consumer.runner is poll: one process reads the stream')
    checkSharing(config)
    const java = await checkJava(config.kcl.java)
    checkJars(config.kcl.jars)
    return pass(`Java ${java}, all checksums of ${config.kcl.jars} right`)
  },
  slack: async ({ slack }) => {
    if (slack.botToken === undefined) {
      return slack.webhookUrl === undefined
        ? skipped('no token: messages are shown at /slack')
        : {
            status: 'warn',
            detail: 'webhook: messages cannot be edited and have no threads',
            hint: 'set CALI_SLACK_BOT_TOKEN (scope chat:write) for both',
          }
    }
    const found = await checkSlack({ token: slack.botToken, apiUrl: slack.apiUrl })
    if (found.error !== undefined) return fail(found.error, 'check the token and install the app again')
    return found.mayReadHistory
      ? pass(`${found.team}, bot ${found.bot}, channel ${slack.channel}`)
      : {
          status: 'warn',
          detail: `${found.team}, bot ${found.bot}; may not read its channel`,
          hint: 'with the scope channels:history a message whose answer is lost is found again instead of posted twice',
        }
  },
  openai: async ({ openai }) => {
    if (openai.apiKey === undefined) return skipped('no key: rules and runbooks explain alone')
    const fault = await checkOpenAi({
      apiKey: openai.apiKey,
      model: openai.model,
      ...(openai.baseUrl === undefined ? {} : { baseUrl: openai.baseUrl }),
    })
    return fault === undefined
      ? pass(`${openai.model} answers`)
      : {
          status: 'warn',
          detail: fault,
          hint: 'alerts go out without the model; check CALI_OPENAI_MODEL, key and address',
        }
  },
  runbooks: async ({ knowledge }) => {
    const bundled = new Set(readRunbookFolder(bundledRunbooks(), 'bundled').map((page) => page.id)).size
    const own = knowledge.dirs.flatMap((dir) => readRunbookFolder(dir, dir)).length
    return pass(`${bundled} bundled, ${own} own`)
  },
  knowledge: async (config) => {
    const embedder = embedderOf(config)
    let space: { model: string; dimension: number } | undefined
    let vectors = 'by words'
    try {
      if (embedder !== undefined) {
        space = { model: embedder.model, dimension: await embedder.dimension() }
        vectors = `by words and ${space.model} (${space.dimension} dimensions)`
      }
    } catch (error) {
      return { status: 'warn', detail: messageOf(error), hint: 'runbooks are searched by words alone meanwhile' }
    }
    const milvus = milvusOf(config)
    if (milvus === undefined) return pass(`in this process, ${vectors}`)
    try {
      const server = `Milvus ${await milvus.version()} at ${config.milvus.address}`
      const alias = config.milvus.collection
      const [target, stale] = [await aliasTarget(milvus, alias), await staleCollections(milvus, alias)]
      const sync = 'run "cali kb sync", or start CALI: it builds what is missing beside what there is'
      if (target === undefined) return { status: 'warn', detail: `${server}: no alias ${alias} yet`, hint: sync }
      if (target !== collectionOf(alias, space))
        return {
          status: 'warn',
          detail: `${server}: ${alias} is ${target}, the configuration asks for ${collectionOf(alias, space)}`,
          hint: sync,
        }
      return pass(
        `${server}, ${vectors}, ${target}${stale.length === 0 ? '' : `; no longer used: ${stale.join(', ')} (cali kb sync --prune)`}`,
      )
    } catch (error) {
      return {
        status: 'warn',
        detail: messageOf(error),
        hint: 'alerts go out all the same, with the runbooks at hand; check CALI_MILVUS_ADDRESS and CALI_MILVUS_TOKEN',
      }
    } finally {
      await milvus.close()
    }
  },
}

async function debtsOf(config: Config): Promise<IndexDebtStatus> {
  const state = await openStateOf(config, systemClock)
  try {
    return await state.indexDebts.status()
  } finally {
    await state.close()
  }
}

export async function runChecks(config: Config, only: readonly string[] | undefined): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = []
  for (const [code, check] of Object.entries(CHECKS)) {
    if (only !== undefined && !only.includes(code)) continue
    try {
      results.push({ code, ...(await check(config)) })
    } catch (error) {
      results.push({ code, ...fail(messageOf(error)) })
    }
  }
  return results
}
