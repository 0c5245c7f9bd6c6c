/** Index template: what a day's index of log lines looks like in OpenSearch. Names are those of OpenTelemetry. */
import { contentHash } from '../../platform/hash.ts'

export interface OpenSearchLayout {
  /** Name of the alias, the template and the policy; a day is `<index>-YYYY.MM.DD`. */
  readonly index: string
  readonly shards: number
  readonly replicas: number
  readonly korean: 'nori' | 'cjk' | 'none'
  readonly retentionDays: number
  /** Serverless collections choose their shards themselves. */
  readonly serverless: boolean
}

/** Goes up when old days no longer answer as new ones do. */
export const MAPPING_VERSION = 1

const GRAMS = 'cali_grams'
/** Characters of one gram. Those of a text follow each other without a gap, so that a phrase of grams is a part of the text. */
export const GRAM_CHARS = 3

/** Above those of templates that people write for `*`. */
const PRIORITY = 200

/** The year's first digit keeps `cali-logs` and `cali-logs-test` apart. */
export const indexPattern = (index: string): string => `${index}-2*.*.*`

/** The index of a day of arrival: of the record, never of the clock, so that a replay finds it again. */
export const indexOfDay = (index: string, day: string): string => `${index}-${day.replaceAll('-', '.')}`

/** The day (YYYY-MM-DD) of an index of ours; undefined for any other. */
export function dayOfIndex(index: string, name: string): string | undefined {
  const day = name.startsWith(`${index}-`) ? name.slice(index.length + 1) : ''
  return /^\d{4}\.\d{2}\.\d{2}$/.test(day) ? day.replaceAll('.', '-') : undefined
}

export interface TemplateMark {
  readonly mapping: number
  readonly hash?: string
}

/** Body of `PUT _index_template/<index>`. Its mark says that CALI made it, and from what. */
export function indexTemplate(layout: OpenSearchLayout): { readonly _meta: { readonly cali: TemplateMark } } {
  const body = {
    index_patterns: [indexPattern(layout.index)],
    priority: PRIORITY,
    template: {
      aliases: { [layout.index]: {} },
      settings: {
        index: {
          ...(layout.serverless ? {} : { number_of_shards: layout.shards, number_of_replicas: layout.replicas }),
          analysis: {
            analyzer: { [GRAMS]: { type: 'custom', tokenizer: GRAMS } },
            tokenizer: { [GRAMS]: { type: 'ngram', min_gram: GRAM_CHARS, max_gram: GRAM_CHARS } },
          },
        },
      },
      mappings: mappings(layout.korean),
    },
  }
  return {
    ...body,
    _meta: { cali: { mapping: MAPPING_VERSION, hash: contentHash([JSON.stringify(body)]) } },
  }
}

const keyword = { type: 'keyword', ignore_above: 8_191 }
const object = (properties: object) => ({ properties })

function mappings(korean: OpenSearchLayout['korean']) {
  return {
    _meta: { cali: { mapping: MAPPING_VERSION } satisfies TemplateMark },
    // A field that a log brings along must not become a field of the index.
    dynamic: false,
    // Only searched, never shown; the archive can give them again.
    _source: { excludes: ['cali.terms', 'cali.text'] },
    properties: {
      '@timestamp': { type: 'date', format: 'epoch_millis' },
      observedTimestamp: { type: 'date', format: 'epoch_millis' },
      severity: object({ text: { type: 'keyword' }, number: { type: 'short' } }),
      body: {
        type: 'text',
        norms: false,
        ...(korean === 'none' ? {} : { fields: { korean: { type: 'text', analyzer: korean, norms: false } } }),
      },
      traceId: keyword,
      spanId: keyword,
      exception: object({ type: keyword, message: keyword }),
      resource: object({
        service: object({ name: keyword, version: keyword }),
        k8s: object({
          namespace: object({ name: keyword }),
          pod: object({ name: keyword }),
          container: object({ name: keyword }),
          node: object({ name: keyword }),
        }),
        host: object({ name: keyword }),
        container: object({ image: object({ name: keyword }) }),
        deployment: object({ environment: object({ name: keyword }) }),
        labels: { type: 'flat_object' },
      }),
      attributes: { type: 'flat_object' },
      // CALI's own search: its terms find candidates, the text, character by character, decides.
      cali: object({
        id: keyword,
        terms: { type: 'text', analyzer: 'whitespace', norms: false, index_options: 'docs' },
        text: { type: 'text', analyzer: GRAMS, norms: false },
      }),
      // What else the record holds, so that it comes back whole.
      record: { type: 'object', enabled: false },
    },
  }
}
