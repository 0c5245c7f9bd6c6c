/** What people ask, in OpenSearch's query language. Everything is a filter: nothing is scored, so that it can be cached. */

import type { LogQuery } from './log-index.ts'
import { foldText } from './opensearch-document.ts'
import { GRAM_CHARS } from './opensearch-template.ts'
import { queryTerms, termsDecide } from './search-terms.ts'

type Clause = Readonly<Record<string, unknown>>

/** Time values that a Date can have, and OpenSearch too. */
const MAX_TIME = 8.64e15
const SERVICE_FIELD = 'resource.service.name'
/** Distinct services in the figures: far more than anybody runs, below OpenSearch's limit of buckets. */
const MAX_SERVICES = 10_000

export function searchBody(query: LogQuery, limit: number, after: { at: number; id: string } | undefined): object {
  return {
    query: queryClause(query),
    size: limit,
    sort: [{ '@timestamp': 'desc' }, { 'cali.id': 'desc' }],
    ...(after === undefined ? {} : { search_after: [after.at, after.id] }),
    track_total_hits: false,
    _source: ['record', 'body', 'attributes'],
  }
}

/** First and last time of the matches. */
export const rangeBody = (query: LogQuery): object => ({
  query: queryClause(query),
  size: 0,
  track_total_hits: true,
  aggs: { first: { min: { field: '@timestamp' } }, last: { max: { field: '@timestamp' } } },
})

export const figuresBody = (query: LogQuery, stepMs: number): object => ({
  query: queryClause(query),
  size: 0,
  track_total_hits: true,
  aggs: {
    levels: byLevel,
    services: { terms: { field: SERVICE_FIELD, size: MAX_SERVICES } },
    steps: {
      date_histogram: { field: '@timestamp', fixed_interval: `${stepMs}ms`, min_doc_count: 1 },
      aggs: { levels: byLevel },
    },
  },
})

const byLevel = { terms: { field: 'severity.text', size: 100 } }

function queryClause(query: LogQuery): Clause {
  const wanted = [...new Set([...query.words, ...query.phrases])]
  const terms = new Map(wanted.flatMap(queryTerms).map((term) => [`${term.prefix ? '*' : ' '}${term.text}`, term]))
  const filter: Clause[] = [
    ...[...terms.values()].map(({ text, prefix }) => ({ [prefix ? 'prefix' : 'term']: { 'cali.terms': text } })),
    // The text is asked only where terms leave something open.
    ...wanted.filter((word) => !termsDecide(word)).map(contains),
    ...anyOf(SERVICE_FIELD, query.services),
    ...anyOf('severity.text', query.levels),
    ...anyOf('traceId', query.trace === undefined ? [] : [query.trace]),
    ...anyOf('resource.k8s.pod.name', query.pod === undefined ? [] : [query.pod]),
    ...anyOf('resource.k8s.namespace.name', query.namespace === undefined ? [] : [query.namespace]),
    ...range(query.from, query.to),
  ]
  return { bool: { filter, must_not: [...new Set(query.excluded)].map(contains) } }
}

/** Grams that follow each other as those of the word do: the word stands in the text. A shorter one begins a gram. */
function contains(word: string): Clause {
  const text = foldText(word)
  return [...text].length < GRAM_CHARS ? { prefix: { 'cali.text': text } } : { match_phrase: { 'cali.text': text } }
}

const anyOf = (field: string, values: readonly string[]): Clause[] =>
  values.length === 0 ? [] : [{ terms: { [field]: [...values] } }]

function range(from: number | undefined, to: number | undefined): Clause[] {
  if (from === undefined && to === undefined) return []
  const time = (value: number): number => Math.min(Math.max(value, -MAX_TIME), MAX_TIME)
  return [
    {
      range: {
        '@timestamp': {
          format: 'epoch_millis',
          ...(from === undefined ? {} : { gte: Math.ceil(time(from)) }),
          ...(to === undefined ? {} : { lte: Math.floor(time(to)) }),
        },
      },
    },
  ]
}
