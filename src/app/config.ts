/** Configuration: every setting with its default and the reason for it. One schema gives types, errors and docs. */
import { existsSync } from 'node:fs'
import { z } from 'zod'
import { ruleSchema } from '../pipeline/filter/rule.ts'
import { fingerprintRulesSchema, inAppRuleSchema } from '../pipeline/group/grouping-rule.ts'
import type { Environment } from '../platform/config/environment.ts'
import { type Loaded, loadConfig } from '../platform/config/load.ts'
import {
  awsSettings,
  consumerSettings,
  kclSettings,
  milvusSettings,
  opensearchSettings,
  postgresSettings,
  s3Settings,
} from './engine-settings.ts'
import { duration, port, url } from './setting.ts'

export const configSchema = z
  .strictObject({
    lang: z
      .enum(['ko', 'en'], 'ko or en is accepted')
      .optional()
      .describe(
        'Language of reports, messages and terminal output. Default: that of the system, Korean or else English.',
      ),
    timeZone: z
      .string()
      .refine(isTimeZone, 'a zone such as Asia/Seoul or UTC is accepted')
      .optional()
      .describe('Zone of times in messages, and of log times that name none. Default: that of the system.'),
    dataDir: z
      .string()
      .min(1)
      .default('.cali')
      .describe('Folder of everything that CALI keeps: state, log index, archive.'),
    logLevel: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'])
      .default('warn')
      .describe('What CALI says about itself on stderr, as JSON lines.'),
    server: z
      .strictObject({
        host: z
          .string()
          .default('127.0.0.1')
          .describe('Address to listen on. Anything but loopback needs server.token.'),
        port: port.default(7070).describe('Port of dashboard and API; the next free one is taken when it is in use.'),
        token: z
          .string()
          .min(16, 'at least 16 characters are needed')
          .optional()
          .describe('Bearer token that API and sources ask for. Required when not on loopback.'),
        publicUrl: url.optional().describe('Address at which people reach the dashboard; used in links of messages.'),
      })
      .prefault({}),
    kinesis: z
      .strictObject({
        stream: z
          .string()
          .regex(/^[a-zA-Z0-9_.-]{1,128}$/, 'a stream name of letters, digits, dot, dash and underscore is accepted')
          .default('cali-log-stream'),
        region: z.string().default('ap-northeast-2').describe('AWS region of the stream.'),
        endpoint: url.optional().describe('Address of an emulator; absent: AWS.'),
        pollInterval: duration('250ms').describe(
          'Pause between reads of a shard. A shard allows five reads a second for all its readers.',
        ),
        initialPosition: z
          .enum(['trim-horizon', 'latest'])
          .default('trim-horizon')
          .describe('Where reading starts without a checkpoint. trim-horizon loses nothing.'),
      })
      .prefault({}),
    aws: awsSettings,
    consumer: consumerSettings,
    kcl: kclSettings,
    postgres: postgresSettings,
    archive: z
      .strictObject({
        enabled: z.boolean().default(true),
        flushInterval: duration('5s').describe(
          'An object is closed after this long at the latest; the checkpoint follows it.',
        ),
        httpDelay: duration('150ms').describe(
          'The same for what came over HTTP, whose sender waits for its answer until then. On S3 each object is a request: 1s costs a seventh.',
        ),
        maxBytes: z
          .number()
          .int()
          .min(64 * 1024)
          .default(4 * 1024 * 1024)
          .describe('Size, before compression, at which an object is closed.'),
      })
      .prefault({}),
    s3: s3Settings,
    index: z
      .strictObject({
        retentionDays: z
          .number()
          .int()
          .min(1)
          .max(3650)
          .default(14)
          .describe('Days of log lines that stay searchable.'),
      })
      .prefault({}),
    opensearch: opensearchSettings,
    incidents: z
      .strictObject({
        quietAfter: duration('30m').describe(
          'Without an event for this long an incident is quiet; the next event is a regression.',
        ),
        silenceAfter: duration('10m').describe(
          'A service, node or source that always logged and sends nothing for this long is an incident. 0s: off.',
        ),
        stormAfter: z
          .number()
          .int()
          .min(2)
          .max(10_000)
          .default(20)
          .describe('New kinds of error within a minute after which more are told in one message.'),
        rememberEvents: duration('3d').describe('How long event ids are remembered to count a re-sent line once.'),
      })
      .prefault({}),
    grouping: z
      .strictObject({
        fingerprints: fingerprintRulesSchema
          .default([])
          .describe(
            'Errors that the team wants as one incident; the first rule that matches decides. See `cali group --dry-run`.',
          ),
        inApp: z
          .array(inAppRuleSchema)
          .max(200)
          .default([])
          .describe(
            "Whose code a frame of a stack trace is, before CALI's own lists; the first rule that matches decides.",
          ),
      })
      .prefault({}),
    probe: z
      .strictObject({
        interval: duration('0s').describe(
          'A synthetic error is sent the whole way to the outbox this often, and to nobody; one that does not arrive becomes an incident. 0s: off.',
        ),
        objective: duration('60s').describe('A probe that has not reached the outbox after this long has not arrived.'),
      })
      .prefault({}),
    telemetry: z
      .strictObject({
        tracesUrl: url
          .optional()
          .describe(
            'Where traces go by OTLP over HTTP, e.g. http://otel-collector:4318/v1/traces. Absent: no traces are made.',
          ),
        sample: z.number().min(0).max(1).default(1).describe('Share of batches and deliveries that is traced.'),
      })
      .prefault({}),
    rules: z
      .array(ruleSchema)
      .min(1)
      .max(200)
      .optional()
      .describe(
        'Keep, archive and drop rules, first match decides. Absent: errors and warnings are kept. Rules saved at run time win.',
      ),
    redaction: z
      .strictObject({
        disabledRules: z.array(z.string()).default([]),
        extraRules: z
          .array(
            z.strictObject({
              id: z.string().regex(/^[a-z0-9-]{1,40}$/),
              pattern: z.string().max(500),
              flags: z.string().max(4).optional(),
            }),
          )
          .default([]),
      })
      .prefault({}),
    slack: z
      .strictObject({
        botToken: z
          .string()
          .regex(/^xox[a-z]-/, 'a bot token begins with xoxb-')
          .optional()
          .describe('Bot token (chat:write). Absent: messages are shown at /slack only.'),
        appToken: z
          .string()
          .regex(/^xapp-/, 'an app-level token begins with xapp-')
          .optional()
          .describe('App-level token (connections:write): buttons in messages work, by Socket Mode.'),
        webhookUrl: url.optional().describe('Incoming webhook: the degraded mode, without edits and threads.'),
        channel: z
          .string()
          .regex(
            /^(?:[CGD][A-Z0-9]{6,}|#?[^\s#]{1,80})$/,
            'a channel id (C0123456789) or a name without spaces is accepted',
          )
          .default('alerts'),
        apiUrl: url.default('https://slack.com/api/'),
        editInterval: duration('5s').describe('A message is edited at most this often.'),
        mentions: z
          .array(z.string().regex(/^(?:[UWS][A-Z0-9]{6,}|here|channel)$/))
          .default([])
          .describe('User or group ids that a new SEV1 or SEV2 mentions.'),
      })
      .prefault({}),
    openai: z
      .strictObject({
        apiKey: z
          .string()
          .min(1)
          .optional()
          .describe('Key of OpenAI or a compatible server. Absent: rules and runbooks explain alone.'),
        baseUrl: url.optional(),
        model: z
          .string()
          .default('gpt-6-luna')
          .describe('As of 2026-11: the cheapest model with structured output and a large context.'),
        api: z.enum(['responses', 'chat']).optional().describe('Default: responses at OpenAI, chat elsewhere.'),
        embeddingModel: z
          .string()
          .optional()
          .describe(
            'Adds a vector leg to the runbook search, e.g. text-embedding-3-large. Off by default: measure it on your runbooks first.',
          ),
        embeddingUrl: url.optional().describe('Server of the embedding model, where it is another than baseUrl.'),
        embeddingKey: z.string().min(1).optional().describe('Its key. Default: apiKey, at the same server only.'),
        embeddingDimensions: z
          .number()
          .int()
          .min(8)
          .max(16_384)
          .optional()
          .describe(
            'Asks for shorter vectors, where the model can cut them (text-embedding-3). Absent: as the model gives.',
          ),
        embeddingInput: z
          .enum(['plain', 'prefix', 'input_type'], 'plain, prefix or input_type is accepted')
          .optional()
          .describe(
            'How the model is told what is a question and what is a page: words in front (e5 models), the field input_type, or not at all. Default: by the name of the model.',
          ),
        timeout: duration('60s'),
        dailyCalls: z
          .number()
          .int()
          .min(0)
          .default(500)
          .describe('Reports by model per day; beyond it the rules explain.'),
      })
      .prefault({}),
    report: z
      .strictObject({
        analogy: z.boolean().default(true).describe('Everyday comparison in the report where the runbook has one.'),
      })
      .prefault({}),
    knowledge: z
      .strictObject({
        dirs: z
          .array(z.string())
          .default([])
          .describe('Folders of further runbooks (Markdown); same id replaces a bundled one.'),
        vectorWeightKorean: z
          .number()
          .min(0)
          .max(5)
          .default(1)
          .describe('Weight of the vector ranking beside the words (1) for a question with Hangul. 0: not asked.'),
        vectorWeight: z
          .number()
          .min(0)
          .max(5)
          .default(0.15)
          .describe('The same for other questions. Measured with two models: from 0.3 on English ones get worse.'),
        vectorClose: z
          .number()
          .min(0)
          .max(1)
          .default(1)
          .describe(
            'Cosine from which a page is an answer although its words are not. Depends on the model and is to be measured; 1: the words alone decide whether there is an answer.',
          ),
        halfLife: duration('20d').describe('After this long a past incident counts half as much as one of today.'),
      })
      .prefault({}),
    milvus: milvusSettings,
  })
  .meta({ id: 'CaliConfig', title: 'CALI configuration' })

export type Config = z.output<typeof configSchema>

/** Values that are never printed. */
export const SECRET_KEYS: ReadonlySet<string> = new Set([
  'server.token',
  'slack.botToken',
  'slack.appToken',
  'slack.webhookUrl',
  'openai.apiKey',
  'openai.embeddingKey',
  'postgres.url',
  'opensearch.password',
  'milvus.token',
])

export const ALIASES: Readonly<Record<string, readonly string[]>> = {
  'openai.apiKey': ['OPENAI_API_KEY'],
  'openai.baseUrl': ['OPENAI_BASE_URL'],
  'slack.botToken': ['SLACK_BOT_TOKEN'],
  'slack.appToken': ['SLACK_APP_TOKEN'],
  'kinesis.region': ['AWS_REGION', 'AWS_DEFAULT_REGION'],
  'kinesis.endpoint': ['AWS_ENDPOINT_URL_KINESIS', 'AWS_ENDPOINT_URL'],
  'aws.endpoint': ['AWS_ENDPOINT_URL'],
  'telemetry.tracesUrl': ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
  timeZone: ['TZ'],
}

export interface ConfigRequest {
  readonly environment: Environment
  readonly file?: string
  readonly flags?: Readonly<Record<string, unknown>>
}

/** The configuration of a run; cali.yaml in the working folder is read unless another file is named. */
export function readConfig(request: ConfigRequest): Loaded<Config> {
  const named = request.file ?? request.environment['CALI_CONFIG']
  const file = named ?? (existsSync('cali.yaml') ? 'cali.yaml' : undefined)
  return loadConfig(configSchema, {
    environment: withoutBadZone(request.environment),
    secrets: SECRET_KEYS,
    aliases: ALIASES,
    ...(file === undefined ? {} : { file }),
    ...(request.flags === undefined ? {} : { flags: request.flags }),
  })
}

/** TZ may hold POSIX rules that Intl does not know; then the system's zone applies. */
const withoutBadZone = (environment: Environment): Environment =>
  environment['TZ'] === undefined || isTimeZone(environment['TZ']) ? environment : { ...environment, TZ: undefined }

export const languageOf = (config: Config): 'ko' | 'en' =>
  config.lang ?? (Intl.DateTimeFormat().resolvedOptions().locale.startsWith('ko') ? 'ko' : 'en')
export const timeZoneOf = (config: Config): string =>
  config.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone

/** Minutes east of UTC of a zone at a moment. */
export function zoneOffsetMinutes(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(at)
  const m = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(parts.find((part) => part.type === 'timeZoneName')?.value ?? '')
  if (m?.[1] === undefined) return 0
  return (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 60 + Number(m[3]))
}

/** The same for each record: a program runs on when its zone changes to summer time. */
export function zoneOffsets(zone: string): (at: number) => number {
  let hour = Number.NaN
  let minutes = 0
  return (at) => {
    const asked = Math.floor(at / 3_600_000)
    if (asked !== hour) minutes = zoneOffsetMinutes(zone, at)
    hour = asked
    return minutes
  }
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
