/** Report model: a language model that proposes; code decides what of it is shown. */
import { z } from 'zod'
import { CAUSE_CATEGORIES, type UiLanguage } from '../incident.ts'

/** What a model may say. Every field required and no limits inside: the strict subset that all servers take. */
export const proposalSchema = z.strictObject({
  summary: z.string(),
  hypotheses: z.array(
    z.strictObject({ cause: z.string(), category: z.enum(CAUSE_CATEGORIES), support: z.array(z.string()) }),
  ),
  actions: z.array(z.strictObject({ knowledge: z.string(), step: z.number() })),
  missing: z.array(z.string()),
})
export type Proposal = z.output<typeof proposalSchema>

export interface ModelRequest {
  readonly language: UiLanguage
  /** The instructions: the same for every incident. */
  readonly instructions: string
  /** Evidence, runbooks, changes and past incidents, each under its id. Redacted. */
  readonly material: string
}

export interface ModelAnswer {
  readonly proposal: Proposal
  readonly model: string
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface ReportModel {
  readonly name: string
  /** One proposal; throws a CaliError when there is none: refusal, timeout, garbage, an outage. */
  propose(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer>
}
