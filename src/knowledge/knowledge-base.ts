/** Knowledge base: all runbooks in memory, searched by words; a dense leg is added where embeddings exist. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { UiLanguage } from '../pipeline/incident.ts'
import type { KnowledgeQuery, KnowledgeResult, KnowledgeSource, Runbook } from '../pipeline/knowledge.ts'
import { translate } from './glossary.ts'
import { createLexicalIndex, weighTerms } from './lexical-index.ts'
import { cleanQuestion } from './question.ts'
import { readRunbook } from './runbook-reader.ts'
import { terms } from './tokenizer.ts'

/** Below this share of the question a page is not an answer: unrelated sentences reach .17, own errors in other words .27. Refit when the question builder changes. */
const ABSTAIN_BELOW = 0.22
/** A question of one or two words says little: a page must hold nearly all of it to be an answer. */
const FEW_TERMS = 2
const ABSTAIN_FEW_BELOW = 0.8
const TRANSLATION_WEIGHT = 1
const SYNONYM_WEIGHT = 0.5

export const bundledRunbooks = (): string => fileURLToPath(new URL('../../runbooks/', import.meta.url))

/** Reads every .md file of a folder (not of folders inside it). */
export function readRunbookFolder(folder: string, source: string): Runbook[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .sort()
    .map((name) => readRunbook(readFileSync(join(folder, name), 'utf8'), join(folder, name), source))
}

export interface KnowledgeBase extends KnowledgeSource {
  /** All pages at hand, one per id and language. */
  readonly documents: readonly Runbook[]
}

/** Later documents replace earlier ones of the same id and language: a team's own page wins over the bundled one. */
export function createKnowledgeBase(documents: readonly Runbook[]): KnowledgeBase {
  const byKey = new Map(documents.map((runbook) => [keyOf(runbook.id, runbook.language), runbook]))
  const ids = [...new Set([...byKey.values()].map((runbook) => runbook.id))]
  // Both languages of a page are one document: an English error finds the Korean page and the other way round.
  const index = createLexicalIndex(
    ids.map((id) => ({
      id,
      terms: (['en', 'ko'] as const).flatMap((language) => {
        const page = byKey.get(keyOf(id, language))
        return page === undefined ? [] : pageTerms(page)
      }),
    })),
  )
  const get = (id: string, language: UiLanguage): Runbook | undefined =>
    byKey.get(keyOf(id, language)) ?? byKey.get(keyOf(id, language === 'ko' ? 'en' : 'ko'))
  return {
    documents: [...byKey.values()],
    get,
    search: async (query) => rank(query, index.search, get),
  }
}

function rank(
  query: KnowledgeQuery,
  search: ReturnType<typeof createLexicalIndex>['search'],
  get: KnowledgeSource['get'],
): KnowledgeResult {
  const question = questionTerms(query)
  const hits = search(question, query.limit).flatMap((ranked) => {
    const runbook = get(ranked.id, query.language)
    return runbook === undefined ? [] : [{ runbook, score: Math.min(1, ranked.normalised) }]
  })
  return { hits, abstain: (hits[0]?.score ?? 0) < (question.size <= FEW_TERMS ? ABSTAIN_FEW_BELOW : ABSTAIN_BELOW) }
}

/** What is looked for, with its weight: the words of each part, and English ones for the Korean. */
export function questionTerms(query: KnowledgeQuery): Map<string, number> {
  return weighTerms(
    query.parts.flatMap(({ text, weight }) => {
      const cleaned = cleanQuestion(text)
      const translated = translate(cleaned)
      return [
        { terms: terms(cleaned), weight },
        { terms: translated.terms, weight: weight * TRANSLATION_WEIGHT },
        { terms: translated.synonyms, weight: weight * SYNONYM_WEIGHT },
      ]
    }),
  )
}

/** What a page is found by: its title counts three times, lines that it quotes twice. */
export function pageTerms(runbook: Runbook): string[] {
  const title = terms(`${runbook.title} ${runbook.id}`)
  const errors = runbook.sampleErrors.flatMap((line) => terms(cleanQuestion(line)))
  return [
    ...title,
    ...title,
    ...title,
    ...runbook.tags.flatMap(terms),
    ...errors,
    ...errors,
    ...terms(runbook.markdown),
  ]
}

const keyOf = (id: string, language: UiLanguage): string => `${language}/${id}`
