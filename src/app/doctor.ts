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
import { type Config, languageOf } from './config.ts'
import { DOCTOR_TEXTS, type DoctorTexts } from './doctor-texts.ts'
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

type Check = (config: Config, texts: DoctorTexts) => Promise<Omit<CheckResult, 'code'>>

const CHECK_MS = 10_000
const LOW_DISK_BYTES = 1024 ** 3

const figure = (n: number): string => n.toLocaleString('en-US')

const pass = (detail: string) => ({ status: 'pass' as const, detail })
const skipped = (detail: string) => ({ status: 'skipped' as const, detail })
const fail = (detail: string, hint?: string) => ({
  status: 'fail' as const,
  detail,
  ...(hint === undefined ? {} : { hint }),
})

/** All checks, in the order in which they are shown. */
export const CHECKS: Readonly<Record<string, Check>> = {
  node: async (_config, texts) =>
    Number(process.versions.node.split('.')[0]) >= 24
      ? pass(`Node.js ${process.version}`)
      : fail(`Node.js ${process.version}`, texts.node.hint),
  'data-dir': async ({ dataDir }, { dataDir: texts }) => {
    try {
      await mkdir(dataDir, { recursive: true })
      await access(dataDir, constants.W_OK)
    } catch (error) {
      return fail(`${dataDir}: ${messageOf(error)}`, texts.hint)
    }
    const { bavail, bsize } = await statfs(dataDir)
    const free = bavail * bsize
    const text = texts.free(dataDir, (free / 1024 ** 3).toFixed(1))
    return free < LOW_DISK_BYTES ? { status: 'warn', detail: text, hint: texts.low } : pass(text)
  },
  state: async (config, texts) => {
    const state = await openStateOf(config, systemClock)
    try {
      const incidents = await state.db
        .selectFrom('incidents')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
      return pass(texts.state(state.location, figure(Number(incidents.n))))
    } finally {
      await state.close()
    }
  },
  index: async (config, { index: texts }) => {
    const index = await openIndexOf(config, systemClock)
    let answer: string
    try {
      answer = await index.check()
    } catch (error) {
      return fail(messageOf(error), index.elsewhere ? texts.elsewhere : texts.damaged)
    } finally {
      await index.close()
    }
    const debts = await debtsOf(config).catch(() => undefined)
    if (debts === undefined) return pass(texts.unknownDebt(answer))
    const { objects, records, oldestAt = 0 } = debts
    return objects === 0
      ? pass(answer)
      : {
          status: 'warn',
          detail: texts.debt(answer, figure(records), figure(objects), new Date(oldestAt).toISOString()),
          hint: texts.paid,
        }
  },
  ledger: async (config, { ledger: texts }) => {
    const state = await openStateOf(config, systemClock)
    try {
      const ledger = await state.checkpoints.ledger()
      const faults = ledgerFaults(ledger)
      const unread = Object.entries(ledger.decode.rejected).filter(([, n]) => n > 0)
      const received = texts.balanced(figure(ledger.decode.received))
      if (faults.length > 0) return fail(faults.join('; '), texts.report)
      return pass(
        unread.length === 0
          ? received
          : texts.unread(received, unread.map(([reason, n]) => `${figure(n)} ${reason}`).join(', ')),
      )
    } finally {
      await state.close()
    }
  },
  program: async ({ dataDir }, { program: texts }) => {
    const url = runningAt(dataDir)
    if (url === undefined) return skipped(texts.none)
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(CHECK_MS) })
    return response.ok ? pass(texts.runs(url)) : fail(texts.answers(url, response.status), texts.hint)
  },
  kinesis: async ({ kinesis }, { kinesis: texts }) => {
    const address = {
      region: kinesis.region,
      ...(kinesis.endpoint === undefined ? {} : { endpoint: kinesis.endpoint }),
    }
    const client = createKinesisClient(address)
    try {
      const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName: kinesis.stream }), {
        abortSignal: AbortSignal.timeout(CHECK_MS),
      })
      const { OpenShardCount, RetentionPeriodHours } = answer.StreamDescriptionSummary ?? {}
      return pass(texts.stream(kinesis.stream, kinesis.region, String(OpenShardCount), String(RetentionPeriodHours)))
    } catch (error) {
      const explained = explainKinesis(error, address, kinesis.stream)
      return explained.code === 'kinesis_credentials' ? skipped(texts.noCredentials) : fail(explained.message)
    } finally {
      client.destroy()
    }
  },
  archive: async (config, { archive: texts }) => {
    if (!config.archive.enabled) return skipped(texts.off)
    const store = archiveStoreOf(config)
    try {
      await store.check()
      return pass(config.s3.bucket === undefined ? store.location : texts.listed(store.location, regionOf(config)))
    } finally {
      store.close()
    }
  },
  kcl: async (config, { kcl: texts }) => {
    if (config.consumer.runner !== 'kcl') return skipped(texts.notUsed)
    checkSharing(config)
    const java = await checkJava(config.kcl.java)
    checkJars(config.kcl.jars)
    return pass(texts.right(java, config.kcl.jars))
  },
  slack: async ({ slack }, { slack: texts }) => {
    if (slack.botToken === undefined) {
      return slack.webhookUrl === undefined
        ? skipped(texts.noToken)
        : { status: 'warn', detail: texts.webhook, hint: texts.webhookHint }
    }
    const found = await checkSlack({ token: slack.botToken, apiUrl: slack.apiUrl })
    if (found.error !== undefined) return fail(found.error, texts.fault)
    return found.mayReadHistory
      ? pass(texts.bot(found.team, found.bot, slack.channel))
      : { status: 'warn', detail: texts.noHistory(found.team, found.bot), hint: texts.historyHint }
  },
  openai: async ({ openai }, { openai: texts }) => {
    if (openai.apiKey === undefined) return skipped(texts.noKey)
    const fault = await checkOpenAi({
      apiKey: openai.apiKey,
      model: openai.model,
      ...(openai.baseUrl === undefined ? {} : { baseUrl: openai.baseUrl }),
    })
    return fault === undefined ? pass(texts.answers(openai.model)) : { status: 'warn', detail: fault, hint: texts.hint }
  },
  runbooks: async ({ knowledge }, texts) => {
    const bundled = new Set(readRunbookFolder(bundledRunbooks(), 'bundled').map((page) => page.id)).size
    const own = knowledge.dirs.flatMap((dir) => readRunbookFolder(dir, dir)).length
    return pass(texts.runbooks(bundled, own))
  },
  knowledge: async (config, { knowledge: texts }) => {
    const embedder = embedderOf(config)
    let space: { model: string; dimension: number } | undefined
    let vectors = texts.byWords
    try {
      if (embedder !== undefined) {
        space = { model: embedder.model, dimension: await embedder.dimension() }
        vectors = texts.byVectors(space.model, space.dimension)
      }
    } catch (error) {
      return { status: 'warn', detail: messageOf(error), hint: texts.noEmbeddings }
    }
    const milvus = milvusOf(config)
    if (milvus === undefined) return pass(texts.inProcess(vectors))
    try {
      const server = texts.server(await milvus.version(), String(config.milvus.address))
      const alias = config.milvus.collection
      const [target, stale] = [await aliasTarget(milvus, alias), await staleCollections(milvus, alias)]
      if (target === undefined) return { status: 'warn', detail: texts.noAlias(server, alias), hint: texts.sync }
      const wanted = collectionOf(alias, space)
      if (target !== wanted)
        return { status: 'warn', detail: texts.other(server, alias, target, wanted), hint: texts.sync }
      return pass(texts.ready(server, vectors, target, stale.join(', ')))
    } catch (error) {
      return { status: 'warn', detail: messageOf(error), hint: texts.hint }
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
  const texts = DOCTOR_TEXTS[languageOf(config)]
  const results: CheckResult[] = []
  for (const [code, check] of Object.entries(CHECKS)) {
    if (only !== undefined && !only.includes(code)) continue
    try {
      results.push({ code, ...(await check(config, texts)) })
    } catch (error) {
      results.push({ code, ...fail(messageOf(error)) })
    }
  }
  return results
}
