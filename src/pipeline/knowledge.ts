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
  /** What was not available; the pages at hand were ranked by their words alone. */
  readonly degraded?: Degraded
}

export interface Degraded {
  /** `store`: the shared knowledge store; `vectors`: the embedding model. */
  readonly part: 'store' | 'vectors'
  /** For logs and doctor; never shown in a message. */
  readonly reason: string
}

export interface KnowledgeSource {
  /**
   * Best pages first, one language version per page. Never throws, whatever the question holds; what is down or slow
   * is done without after a second or two, and the answer says so.
   */
  search(query: KnowledgeQuery, signal?: AbortSignal): Promise<KnowledgeResult>
  get(id: string, language: UiLanguage): Runbook | undefined
}
