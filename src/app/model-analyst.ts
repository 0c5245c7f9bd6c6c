/**
 * Model analyst: behind the alert, never before it. When an incident's first message is out, a model may rewrite the
 * report; what holds against the evidence replaces the rules' text by an edit. A model that is down, slow, refuses or
 * talks nonsense changes nothing.
 */
import { readFileSync } from 'node:fs'
import type { UiLanguage } from '../pipeline/incident.ts'
import { groundReport } from '../pipeline/investigate/grounding.ts'
import { writeMaterial } from '../pipeline/investigate/material.ts'
import { createOpenAiReportModel } from '../pipeline/investigate/openai-report-model.ts'
import type { ReportModel } from '../pipeline/investigate/report-model.ts'
import type { KnowledgeSource } from '../pipeline/knowledge.ts'
import type { Clock } from '../platform/clock.ts'
import { messageOf } from '../platform/error.ts'
import type { Logger } from '../platform/logger.ts'
import type { State } from '../state/state.ts'
import type { Config } from './config.ts'
import type { Investigator } from './investigator.ts'

export interface ModelAnalyst {
  readonly model: string
  /** May analyse the incident, once; returns at once. */
  consider(incident: string): void
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
  stop(): Promise<void>
}

export interface ModelAnalystDeps {
  readonly config: Config
  readonly state: State
  readonly knowledge: KnowledgeSource
  readonly investigator: Investigator
  readonly language: UiLanguage
  readonly clock: Clock
  readonly logger: Logger
  /** Default: the one of the configuration. */
  readonly model?: ReportModel
}

const AT_ONCE = 2
const FAILURE_PAUSE_MS = 5 * 60_000
const DAY_MS = 86_400_000

/** Undefined when no model is configured. */
export function createModelAnalyst(deps: ModelAnalystDeps): ModelAnalyst | undefined {
  const model = deps.model ?? configuredModel(deps.config)
  if (model === undefined) return undefined
  const { state, clock, logger, language } = deps
  const instructions = readFileSync(new URL('../pipeline/investigate/prompts/report.md', import.meta.url), 'utf8')
  const controller = new AbortController()
  const waiting: string[] = []
  const notBefore = new Map<string, number>()
  const running = new Set<Promise<void>>()

  const analyse = async (id: string): Promise<void> => {
    const incident = await state.incidents.get(id)
    if (incident === undefined) return
    const base = await deps.investigator.reportOf(incident, language)
    if (base.source === 'model') return
    if ((await callsToday(state, clock.now())) >= deps.config.openai.dailyCalls) return
    const runbookOf = (runbook: string) => deps.knowledge.get(runbook, language)
    try {
      const answer = await model.propose(
        { language, instructions, material: writeMaterial(incident, base, runbookOf) },
        controller.signal,
      )
      const report = groundReport(base, answer, runbookOf, clock.now())
      await recordUsage(
        state,
        clock.now(),
        answer.model,
        answer.inputTokens,
        answer.outputTokens,
        report === undefined ? 'ungrounded' : 'used',
      )
      if (report === undefined) {
        notBefore.set(id, clock.now() + FAILURE_PAUSE_MS)
        return
      }
      await state.reports.save(id, report)
      await state.outbox.want(id)
    } catch (error) {
      notBefore.set(id, clock.now() + FAILURE_PAUSE_MS)
      await recordUsage(state, clock.now(), model.name, 0, 0, 'failed').catch(() => undefined)
      logger.warn({ event: 'model_failed', incident: id, reason: messageOf(error) })
    }
  }

  const pump = (): void => {
    while (running.size < AT_ONCE && waiting.length > 0 && !controller.signal.aborted) {
      const id = waiting.shift() as string
      const work: Promise<void> = analyse(id)
        .catch((error) => logger.error({ event: 'analysis_failed', incident: id, reason: messageOf(error) }))
        .finally(() => {
          running.delete(work)
          pump()
        })
      running.add(work)
    }
  }

  return {
    model: model.name,
    consider: (id) => {
      if (waiting.includes(id) || (notBefore.get(id) ?? 0) > clock.now()) return
      notBefore.set(id, clock.now() + FAILURE_PAUSE_MS)
      waiting.push(id)
      pump()
    },
    idle: async () => {
      while (running.size > 0) await Promise.all(running)
    },
    stop: async () => {
      controller.abort()
      await Promise.allSettled(running)
    },
  }
}

function configuredModel(config: Config): ReportModel | undefined {
  const { openai } = config
  if (openai.apiKey === undefined) return undefined
  return createOpenAiReportModel({
    apiKey: openai.apiKey,
    model: openai.model,
    timeoutMs: openai.timeout,
    api: openai.api ?? (openai.baseUrl === undefined ? 'responses' : 'chat'),
    ...(openai.baseUrl === undefined ? {} : { baseUrl: openai.baseUrl }),
  })
}

async function callsToday(state: State, now: number): Promise<number> {
  const row = await state.db
    .selectFrom('model_usage')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('at', '>=', now - DAY_MS)
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

async function recordUsage(
  state: State,
  at: number,
  model: string,
  input: number,
  output: number,
  outcome: string,
): Promise<void> {
  await state.db
    .insertInto('model_usage')
    .values({ at, model, input_tokens: input, output_tokens: output, outcome })
    .execute()
}
