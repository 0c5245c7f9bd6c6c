import { z } from 'zod'
import type { System } from '../../app/system.ts'
import type { Runbook } from '../../pipeline/knowledge.ts'
import { errorSchema, knowledgeDocumentSchema, uiLanguage } from '../schema.ts'
import type { ZodApi } from '../zod-api.ts'

const language = z.object({ lang: uiLanguage.optional() })

export function knowledgeRoutes(api: ZodApi, { knowledge, language: own }: System): void {
  api.get(
    '/api/knowledge',
    { schema: { querystring: language, response: { 200: z.object({ documents: z.array(knowledgeDocumentSchema) }) } } },
    ({ query }) => {
      const ids = [...new Set(knowledge.documents.map((page) => page.id))].sort()
      return {
        documents: ids.flatMap((id) => knowledge.get(id, query.lang ?? own) ?? []).map((page) => view(page, false)),
      }
    },
  )

  api.get(
    '/api/knowledge/search',
    {
      schema: {
        querystring: language.extend({ q: z.string().min(1).max(2_000) }),
        response: {
          200: z.object({
            hits: z.array(z.object({ id: z.string(), title: z.string(), score: z.number(), exact: z.boolean() })),
            abstain: z.boolean(),
          }),
        },
      },
    },
    async ({ query }) => {
      const result = await knowledge.search({
        parts: [{ text: query.q, weight: 1 }],
        language: query.lang ?? own,
        limit: 20,
      })
      return {
        hits: result.hits.map(({ runbook, score }) => ({ id: runbook.id, title: runbook.title, score, exact: false })),
        abstain: result.abstain,
      }
    },
  )

  api.get(
    '/api/knowledge/:id',
    {
      schema: {
        params: z.object({ id: z.string().max(100) }),
        querystring: language,
        response: { 200: knowledgeDocumentSchema, 404: errorSchema },
      },
    },
    async ({ params, query }, reply) => {
      const page = knowledge.get(params.id, query.lang ?? own)
      return page === undefined
        ? reply.code(404).send({ error: { code: 'no_such_runbook', message: `there is no runbook ${params.id}` } })
        : view(page, true)
    },
  )
}

const view = (page: Runbook, whole: boolean) => ({
  id: page.id,
  language: page.language,
  title: page.title,
  category: page.category,
  tags: [...page.tags],
  source: page.source,
  ...(whole ? { markdown: page.markdown } : {}),
})
