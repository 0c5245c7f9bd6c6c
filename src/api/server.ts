/** API server: HTTP for dashboard, sources and tools. Routes are listed here; each validates by its schema. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import type { System } from '../app/system.ts'
import { productVersion } from '../app/version.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import { guard } from './access.ts'
import { healthRoutes } from './routes/health.ts'
import { incidentRoutes } from './routes/incidents.ts'
import { ingestRoutes } from './routes/ingest.ts'
import { knowledgeRoutes } from './routes/knowledge.ts'
import { liveRoutes } from './routes/live.ts'
import { logRoutes } from './routes/logs.ts'
import { metricRoutes } from './routes/metrics.ts'
import { pipelineRoutes } from './routes/pipeline.ts'
import { ruleRoutes } from './routes/rules.ts'
import { settingsRoutes } from './routes/settings.ts'
import { slackRoutes } from './routes/slack.ts'

export type Api = FastifyInstance

export interface ApiOptions {
  readonly system: System
  readonly startedAt: number
  /** Effective settings with their origin, secrets masked. */
  readonly settings: readonly {
    readonly key: string
    readonly value: string
    readonly origin: string
    readonly description: string
  }[]
}

const WEB = fileURLToPath(new URL('../../web/dist/', import.meta.url))
const CSP =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
const MAX_BODY = 8 * 1024 * 1024

/** Builds the server; nothing listens yet. */
export async function createApi(options: ApiOptions): Promise<Api> {
  const { system } = options
  const app = Fastify({ logger: false, bodyLimit: MAX_BODY, forceCloseConnections: true })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'CALI', version: productVersion } },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  app.addHook('onRequest', guard(system))
  app.addHook('onSend', async (_request, reply) => {
    reply
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('content-security-policy', CSP)
  })
  app.setErrorHandler((error, _request, reply) => answerError(error, reply))
  const api = app.withTypeProvider<ZodTypeProvider>()
  healthRoutes(api, options)
  incidentRoutes(api, system)
  logRoutes(api, system)
  pipelineRoutes(api, system)
  ruleRoutes(api, system)
  knowledgeRoutes(api, system)
  slackRoutes(api, system)
  settingsRoutes(api, options)
  liveRoutes(app, system)
  metricRoutes(app, system)
  await app.register(async (plugin) => ingestRoutes(plugin, system))
  api.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger())
  await serveDashboard(app)
  return app
}

async function serveDashboard(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, { root: WEB, wildcard: false, serve: false })
  app.setNotFoundHandler((request, reply) => {
    const path = decodeURIComponent(request.url.split('?', 1)[0] ?? '/').replace(/^\/+/, '')
    if (request.method !== 'GET' || path.startsWith('api/') || path.startsWith('v1/')) {
      return reply
        .code(404)
        .send({ error: { code: 'not_found', message: `there is nothing at ${request.method} /${path}` } })
    }
    if (!existsSync(join(WEB, 'index.html')))
      return reply.code(503).type('text/html; charset=utf-8').header('retry-after', '1').send(BUILDING)
    // Files of the build carry a hash in their name; every other address is a page of the app.
    if (path.startsWith('assets/'))
      return reply.header('cache-control', 'public, max-age=31536000, immutable').sendFile(path)
    return reply.header('cache-control', 'no-cache').sendFile('index.html')
  })
}

const BUILDING =
  '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="1"><title>CALI</title><p>The dashboard is being built. This page opens by itself in a moment.</p></html>'

function answerError(error: unknown, reply: FastifyReply): unknown {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [issue] = error.validation
    return reply.code(400).send({
      error: {
        code: 'bad_request',
        message: `${issue?.instancePath.replace(/^\//, '').replaceAll('/', '.') || 'request'}: ${issue?.message ?? 'is not accepted'}`,
      },
    })
  }
  const status = (error as { statusCode?: number }).statusCode
  if (status === 413)
    return reply.code(413).send({
      error: {
        code: 'too_large',
        message: `a request may hold ${MAX_BODY / 1024 / 1024} MiB: send it in smaller parts, or compressed`,
      },
    })
  if (status !== undefined && status < 500)
    return reply
      .code(status)
      .send({ error: { code: (error as { code?: string }).code ?? 'bad_request', message: messageOf(error) } })
  if (error instanceof CaliError && !error.retryable)
    return reply.code(400).send({ error: { code: error.code, message: error.message } })
  return reply
    .code(503)
    .header('retry-after', '5')
    .send({ error: { code: error instanceof CaliError ? error.code : 'unavailable', message: messageOf(error) } })
}
