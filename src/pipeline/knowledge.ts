/** Knowledge: runbooks, and the port behind which they are searched. */
import type { CauseCategory, Risk, UiLanguage } from './incident.ts'

export interface RunbookStep {
  readonly text: string
  readonly risk: Risk
}

export interface Runbook {
  readonly id: string
  readonly language: UiLanguage
  readonly title: string
  readonly category: CauseCategory
  readonly tags: readonly string[]
  readonly analogy?: string
  /** One sentence: what usually causes it. */
  readonly cause?: string
  readonly sampleErrors: readonly string[]
  readonly diagnosis: readonly RunbookStep[]
  readonly mitigation: readonly RunbookStep[]
  /** The page as Markdown, without its front matter. */
  readonly markdown: string
  /** `bundled`, or the path that it was added from. */
  readonly source: string
}

export interface KnowledgeQuery {
  /** Weighted parts of the question, the most telling first: exception, message, frame, service, neighbours. */
  readonly parts: readonly { readonly text: string; readonly weight: number }[]
  readonly language: UiLanguage
  readonly limit: number
}

export interface KnowledgeResult {
  readonly hits: readonly {
    readonly runbook: Runbook /** 0 to 1: share of the question's information that the page holds. */
    readonly score: number
  }[]
  /** True when even the best page explains too little of the question to be shown as an answer. */
  readonly abstain: boolean
  /** What was not available, e.g. the vector store: the answer is lexical only. */
  readonly degraded?: string
}

export interface KnowledgeSource {
  /** Best pages first, one language version per page. Never throws for a bad query; a store that is down degrades. */
  search(query: KnowledgeQuery, signal?: AbortSignal): Promise<KnowledgeResult>
  get(id: string, language: UiLanguage): Runbook | undefined
}
