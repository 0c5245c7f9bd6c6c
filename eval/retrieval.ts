/**
 * Retrieval against labelled questions on real runbooks and error pages, read in place and never copied:
 *   npm run eval -- retrieval
 * (CALI_EVAL_RANKINGS names a file for the rankings, as JSON lines).
 * Questions are cleaned, tokenised and ranked by the product's own code, on `text_masked` (the error block that became
 * a question is cut out of its page). Measures as in public benchmarks: success in the first 1 and 5, MRR over 50,
 * nDCG@10 with gain 2^grade - 1.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createKnowledgeBase, type KnowledgeBase } from '../src/knowledge/knowledge-base.ts'
import type { KnowledgeSource, Runbook } from '../src/pipeline/knowledge.ts'

export interface Measures {
  readonly n: number
  readonly 'recall@1': number
  readonly 'success@5': number
  readonly MRR: number
  readonly 'nDCG@10': number
  /** Share of the questions that were answered: not abstained from. */
  readonly answered: number
}

export interface RetrievalScore {
  readonly byType: Readonly<Record<string, Measures>>
  readonly macroHardEnglish: Measures
  /** Of the questions without an answer, the share that was answered all the same. */
  readonly falseAnswers: number
  readonly rankings: readonly { readonly id: string; readonly ranking: readonly string[]; readonly abstain: boolean }[]
}

interface Question {
  readonly id: string
  readonly type: string
  readonly lang: string
  readonly text: string
}

const HARD_ENGLISH = [
  'alert-desc',
  'error-output',
  'log-block',
  'component-log',
  'node-message',
  'node-stack-nocode',
  'user-question',
]
const DEPTH = 50

/** `open` wraps the pages in another search, e.g. one with vectors; default: their words. */
export async function evaluateRetrieval(
  dataDir: string,
  open: (base: KnowledgeBase) => Promise<KnowledgeSource> = async (base) => base,
): Promise<RetrievalScore> {
  const folder = join(dataDir, 'retrieval')
  const documents = jsonLines<{ id: string; lang: string; title: string; text_masked: string }>(
    gunzipSync(await readFile(join(folder, 'corpus.jsonl.gz'))).toString('utf8'),
  )
  const questions = jsonLines<Question>(await readFile(join(folder, 'queries.jsonl'), 'utf8'))
  const judgements = readJudgements(await readFile(join(folder, 'qrels.tsv'), 'utf8'))
  const pages = createKnowledgeBase(
    documents.map(
      (document): Runbook => ({
        id: document.id,
        language: document.lang === 'ko' ? 'ko' : 'en',
        title: document.title,
        category: 'unknown',
        tags: [],
        sampleErrors: [],
        diagnosis: [],
        mitigation: [],
        markdown: document.text_masked,
        source: 'corpus',
      }),
    ),
  )
  const base = await open(pages)
  const rows = new Map<string, Measures[]>()
  const rankings: { id: string; ranking: string[]; abstain: boolean }[] = []
  const falseAnswers: number[] = []
  for (const question of questions) {
    const result = await base.search({
      parts: [{ text: question.text, weight: 1 }],
      language: question.lang === 'ko' ? 'ko' : 'en',
      limit: DEPTH,
    })
    const ranking = result.hits.map((hit) => hit.runbook.id)
    rankings.push({ id: question.id, ranking, abstain: result.abstain })
    const relevant = judgements.get(question.id)
    if (relevant === undefined) falseAnswers.push(Number(!result.abstain))
    else rows.set(question.type, [...(rows.get(question.type) ?? []), measure(ranking, relevant, !result.abstain)])
  }
  const byType = Object.fromEntries(
    [...rows].sort(([a], [b]) => a.localeCompare(b)).map(([type, list]) => [type, mean(list, list.length)]),
  )
  const hard = HARD_ENGLISH.flatMap((type) => byType[type] ?? [])
  return {
    byType,
    macroHardEnglish: mean(
      hard,
      hard.reduce((sum, row) => sum + row.n, 0),
    ),
    falseAnswers: average(falseAnswers),
    rankings,
  }
}

function measure(ranking: readonly string[], relevant: ReadonlyMap<string, number>, answered: boolean): Measures {
  const grades = ranking.map((id) => relevant.get(id) ?? 0)
  const gain = (list: readonly number[]): number =>
    list.slice(0, 10).reduce((sum, grade, i) => sum + (2 ** grade - 1) / Math.log2(i + 2), 0)
  const first = grades.slice(0, DEPTH).findIndex((grade) => grade > 0)
  return {
    n: 1,
    'recall@1': Number(first === 0),
    'success@5': Number(first !== -1 && first < 5),
    MRR: first === -1 ? 0 : 1 / (first + 1),
    'nDCG@10': gain(grades) / gain([...relevant.values()].sort((a, b) => b - a)),
    answered: Number(answered),
  }
}

const average = (list: readonly number[]): number =>
  list.length === 0 ? 0 : list.reduce((sum, x) => sum + x, 0) / list.length
const mean = (rows: readonly Measures[], n: number): Measures => {
  const of = (key: keyof Measures): number => average(rows.map((row) => row[key]))
  return {
    n,
    'recall@1': of('recall@1'),
    'success@5': of('success@5'),
    MRR: of('MRR'),
    'nDCG@10': of('nDCG@10'),
    answered: of('answered'),
  }
}

function readJudgements(tsv: string): Map<string, Map<string, number>> {
  const judgements = new Map<string, Map<string, number>>()
  for (const line of tsv.trim().split('\n').slice(1)) {
    const [question = '', document = '', grade = '0'] = line.split('\t')
    const of = judgements.get(question) ?? new Map<string, number>()
    of.set(document, Number(grade))
    judgements.set(question, of)
  }
  return judgements
}

const jsonLines = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)

/** Prints the measures per kind of question; with `rankingsFile`, writes the rankings there as JSON lines. */
export async function printRetrieval(
  dataDir: string,
  log: (line: string) => void,
  rankingsFile?: string,
): Promise<void> {
  const score = await evaluateRetrieval(dataDir)
  const row = (name: string, m: Measures): string =>
    `  ${name.padEnd(26)}${String(m.n).padStart(4)}  ${(['recall@1', 'success@5', 'MRR', 'nDCG@10', 'answered'] as const).map((key) => m[key].toFixed(3).padStart(9)).join('')}`
  log(`retrieval ${'n'.padStart(22)}   recall@1 success@5      MRR  nDCG@10 answered`)
  for (const [type, measures] of Object.entries(score.byType)) log(row(type, measures))
  log(row('macro hard English', score.macroHardEnglish))
  log(
    `  bars: macro hard English nDCG@10 .78, node-stack recall@1 .95, Korean success@5 .80; answered without an answer: ${score.falseAnswers.toFixed(2)}`,
  )
  if (rankingsFile !== undefined)
    await writeFile(rankingsFile, score.rankings.map((ranking) => `${JSON.stringify(ranking)}\n`).join(''))
}
