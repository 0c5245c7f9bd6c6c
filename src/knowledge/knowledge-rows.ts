/** Knowledge rows: runbooks to the rows of a store, and back. A row's hash says whether a store has it already. */
import { z } from 'zod'
import { CAUSE_CATEGORIES } from '../pipeline/incident.ts'
import type { Runbook } from '../pipeline/knowledge.ts'
import { CaliError } from '../platform/error.ts'
import { contentHash } from '../platform/hash.ts'
import { chunksOf } from './chunker.ts'
import { pageTerms } from './knowledge-base.ts'
import { FIELD_BYTES, type Row } from './milvus-schema.ts'
import { readSteps } from './runbook-reader.ts'
import { terms } from './tokenizer.ts'

/** A row and the text that is embedded for it. */
export interface Draft {
  readonly row: Row
  readonly passage: string
}

/**
 * A page is a row of kind `page`, which is found by the words of the whole page in all its languages and holds what its
 * text does not, and a row of kind `chunk` per piece and language. Pieces in their order are the text.
 */
export function rowsOfPages(pages: readonly Runbook[], tenant: string, now: number): Draft[] {
  const ids = [...new Set(pages.map((page) => page.id))]
  return ids.flatMap((id) => {
    const languages = pages.filter((page) => page.id === id)
    const chunks = languages.flatMap((page) => chunkRows(page, tenant, now))
    const head = headOf(id, languages, tenant, now)
    // A bare title is near to anything short, and says nothing that the first piece does not: that one speaks for it.
    return [languages.some(hasFacts) ? head : { ...head, passage: chunks[0]?.passage ?? head.passage }, ...chunks]
  })
}

/** An incident of the past, as it is searched for. */
export function rowOfIncident(
  incident: {
    readonly id: string
    readonly service: string
    readonly title: string
    readonly terms: readonly string[]
  },
  tenant: string,
  now: number,
): Row {
  return finish({
    doc: incident.id,
    kind: 'incident',
    chunk_no: 0,
    tenant,
    lang: '',
    service: within(incident.service, 512),
    title: within(incident.title, 4_096),
    text: '',
    terms: joined(incident.terms),
    body: '',
    updated_at: now,
  })
}

function headOf(id: string, languages: readonly Runbook[], tenant: string, now: number): Draft {
  const body = JSON.stringify(languages.map(({ markdown: _, diagnosis: _d, mitigation: _m, ...facts }) => facts))
  if (Buffer.byteLength(body) > FIELD_BYTES)
    throw new CaliError(
      'runbook_too_big',
      `${languages[0]?.source}: front matter of ${id} is larger than ${FIELD_BYTES} bytes: give fewer sample errors`,
    )
  const passage = languages.map(headText).join('\n')
  return {
    passage,
    row: finish({
      doc: id,
      kind: 'page',
      chunk_no: 0,
      tenant,
      lang: '',
      service: '',
      title: within(languages[0]?.title ?? id, 4_096),
      text: within(passage, FIELD_BYTES),
      terms: joined(languages.flatMap(pageTerms)),
      body,
      updated_at: now,
    }),
  }
}

function chunkRows(page: Runbook, tenant: string, now: number): Draft[] {
  return chunksOf(page.markdown).map((chunk, i) => {
    const heading = [page.title, ...chunk.breadcrumb].join(' › ')
    return {
      passage: `${heading}\n${chunk.text}`,
      row: finish({
        doc: page.id,
        kind: 'chunk',
        chunk_no: i,
        tenant,
        lang: page.language,
        service: '',
        title: within(heading, 4_096),
        text: chunk.text,
        terms: joined([...terms(heading), ...terms(chunk.text)]),
        body: '',
        updated_at: now,
      }),
    }
  })
}

/** What a page is about, in a few lines. */
/** What a page is about, in a few lines. */
const headText = (page: Runbook): string =>
  `${page.title}\n${page.cause ?? ''}\n${page.sampleErrors.join('\n')}\n${page.tags.join(', ')}`

const hasFacts = (page: Runbook): boolean =>
  page.cause !== undefined || page.sampleErrors.length > 0 || page.tags.length > 0

function finish(row: Omit<Row, 'id' | 'hash'>): Row {
  const { updated_at: _, ...content } = row
  return {
    id: contentHash([row.tenant, row.kind, row.doc, row.lang, String(row.chunk_no)], 32),
    hash: contentHash([JSON.stringify(content)], 32),
    ...row,
  }
}

const factsSchema = z.array(
  z.object({
    id: z.string(),
    language: z.enum(['ko', 'en']),
    title: z.string(),
    category: z.enum(CAUSE_CATEGORIES),
    tags: z.array(z.string()),
    analogy: z.string().optional(),
    cause: z.string().optional(),
    sampleErrors: z.array(z.string()),
    source: z.string(),
  }),
)

/** The pages of one id from its rows; none when a row is missing or no page of ours. */
export function pagesOfRows(rows: readonly Pick<Row, 'kind' | 'chunk_no' | 'lang' | 'text' | 'body'>[]): Runbook[] {
  const head = rows.find((row) => row.kind === 'page')
  const facts = factsSchema.safeParse(jsonOf(head?.body ?? ''))
  if (!facts.success) return []
  return facts.data.map((page) => {
    const markdown = rows
      .filter((row) => row.kind === 'chunk' && row.lang === page.language)
      .sort((a, b) => Number(a.chunk_no) - Number(b.chunk_no))
      .map((row) => row.text)
      .join('')
    const { analogy, cause, ...rest } = page
    return {
      ...rest,
      ...(analogy === undefined ? {} : { analogy }),
      ...(cause === undefined ? {} : { cause }),
      ...readSteps(markdown),
      markdown,
    }
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whole terms only, as many as fit. */
function joined(list: readonly string[]): string {
  const all = list.join(' ')
  return Buffer.byteLength(all) <= FIELD_BYTES ? all : within(all, FIELD_BYTES).replace(/ [^ ]*$/, '')
}

/** The beginning of a text, cut between characters. */
function within(text: string, bytes: number): string {
  const whole = text.toWellFormed().replaceAll('\u0000', ' ')
  if (Buffer.byteLength(whole) <= bytes) return whole
  return new TextDecoder().decode(Buffer.from(whole).subarray(0, bytes)).replace(/\ufffd$/, '')
}
