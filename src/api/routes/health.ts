import { z } from 'zod'
import { productVersion } from '../../app/version.ts'
import { messageOf } from '../../platform/error.ts'
import { showsToken } from '../access.ts'
import { statusSchema } from '../schema.ts'
import type { ApiOptions } from '../server.ts'
import type { ZodApi } from '../zod-api.ts'

export function healthRoutes(api: ZodApi, { system, startedAt }: ApiOptions): void {
  api.get('/healthz', { schema: { response: { 200: z.object({ status: z.literal('ok') }) } } }, () => ({
    status: 'ok' as const,
  }))

  api.get(
    '/readyz',
    {
      schema: {
        response: {
          200: z.object({ state: z.string(), sources: z.string() }),
          503: z.object({ state: z.string(), sources: z.string() }),
        },
      },
    },
    async (request, reply) => {
      const failing = system.sources
        .flatMap(({ source }) => source.status())
        .find((status) => status.state === 'failing')
      const state = await system.state.db
        .selectFrom('settings')
        .select('key')
        .limit(1)
        .execute()
        .then(() => 'ok', messageOf)
      const sources = failing === undefined ? 'ok' : (failing.detail ?? 'failing')
      // Names of servers are for those who hold the token.
      const told = showsToken(request, system.config.server.token)
      const said = (fact: string): string => (told || fact === 'ok' ? fact : 'failing')
      return reply
        .code(state === 'ok' && failing === undefined ? 200 : 503)
        .send({ state: said(state), sources: said(sources) })
    },
  )

  api.get('/api/status', { schema: { response: { 200: statusSchema } } }, () => ({
    name: 'cali' as const,
    version: productVersion,
    startedAt,
    language: system.language,
    timeZone: system.timeZone,
    analysis: {
      mode: system.analyst === undefined ? ('rules' as const) : ('model' as const),
      runbooks: new Set(system.knowledge.documents.map((page) => page.id)).size,
      ...(system.analyst === undefined ? {} : { model: system.analyst.model }),
    },
    slack: {
      mode: system.notifier.mode,
      ...(system.notifier.mode === 'bot' ? { channel: system.config.slack.channel } : {}),
    },
    sources: [...system.sources.map((source) => source.name), 'http'],
    dataDir: system.config.dataDir,
  }))
}
