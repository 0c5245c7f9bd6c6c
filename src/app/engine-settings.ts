/** Settings of the engines that carry more than one machine: what they are named here chooses them. */
import { z } from 'zod'
import { duration, url } from './setting.ts'

export const awsSettings = z
  .strictObject({
    region: z
      .string()
      .min(1)
      .optional()
      .describe('Region of bucket, lease table and log index. Default: that of the stream (kinesis.region).'),
    endpoint: url
      .optional()
      .describe('Address of an emulator for S3 and DynamoDB; absent: AWS. The stream has its own (kinesis.endpoint).'),
  })
  .prefault({})

export const consumerSettings = z
  .strictObject({
    runner: z
      .enum(['poll', 'kcl'], 'poll or kcl is accepted')
      .default('poll')
      .describe(
        'How the stream is read. poll: this one process reads all shards. kcl: any number of workers share them (needs Java, postgres.url and s3.bucket).',
      ),
  })
  .prefault({})

export const kclSettings = z
  .strictObject({
    application: z
      .string()
      .regex(
        /^[a-zA-Z0-9_.-]{3,255}$/,
        'a table name of 3 to 255 letters, digits, dot, dash and underscore is accepted',
      )
      .default('cali-consumer')
      .describe(
        'Name of the workers as a group, and of their lease table in DynamoDB. Each application of its own reads all of the stream.',
      ),
    workerId: z
      .string()
      .regex(/^[a-zA-Z0-9_.-]{1,200}$/, 'letters, digits, dot, dash and underscore are accepted')
      .optional()
      .describe(
        'Unique per live worker and the same after its restart, e.g. the pod of a StatefulSet. Default: host name and data folder.',
      ),
    jars: z
      .string()
      .min(1)
      .default('.cali/kcl')
      .describe('Folder of the KCL jars; "cali kcl install" fills and checks it.'),
    java: z.string().min(1).default('java').describe('The Java program, 17 or newer.'),
    heap: z
      .string()
      .regex(/^\d{1,6}[mg]$/, 'a size such as 512m or 2g is accepted')
      .default('512m')
      .describe('Largest heap of the Java process.'),
    maxLeases: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(24)
      .describe(
        'Shards that one worker takes at most. Shards that ended lately count: twice the open shards per worker is safe.',
      ),
    failover: duration('10s').describe(
      'A worker that does not renew its lease for this long loses it. Taken over after about 3.5 times as long.',
    ),
    retrieval: z
      .enum(['polling', 'fan-out'], 'polling or fan-out is accepted')
      .default('polling')
      .describe('fan-out: a throughput of its own for this application, at a price per consumer and hour.'),
    watchdog: duration('5m').describe(
      'A worker that is given nothing, not even an empty batch, for this long ends itself to be started anew.',
    ),
  })
  .prefault({})

export const postgresSettings = z
  .strictObject({
    url: z
      .string()
      .regex(/^postgres(?:ql)?:\/\//, 'an address such as postgres://user:password@host:5432/database is accepted')
      .optional()
      .describe(
        'Keeps incidents, outbox and checkpoints in PostgreSQL, for any number of workers. Absent: SQLite in dataDir.',
      ),
    pool: z.number().int().min(2).max(200).default(10).describe('Connections of one process.'),
    statementTimeout: duration('15s').describe('The server ends a statement after this long.'),
    connectTimeout: duration('5s').describe('A connection that is not there after this long is tried again.'),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe('Certificate authority of the server, PEM. Absent: as the address says (sslmode).'),
  })
  .prefault({})

export const s3Settings = z
  .strictObject({
    bucket: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
        'a bucket name of 3 to 63 lower-case letters, digits, dots and dashes is accepted',
      )
      .optional()
      .describe('Archives to this bucket. Absent: the folder archive in dataDir.'),
    prefix: z
      .string()
      .regex(
        /^(?:[A-Za-z0-9=._-]+\/)*$/,
        'parts of letters, digits and =._- that each end in / are accepted, or nothing',
      )
      .default('')
      .describe('In front of every key, e.g. "team-a/".'),
    kmsKey: z
      .string()
      .min(1)
      .optional()
      .describe('Id, ARN or alias of the KMS key that encrypts the objects. Absent: as the bucket says.'),
    timeout: duration('20s').describe('One request is given up and tried again after this long.'),
  })
  .prefault({})

export const opensearchSettings = z
  .strictObject({
    url: url.optional().describe('Indexes log lines in OpenSearch. Absent: SQLite in dataDir.'),
    username: z.string().min(1).optional().describe('With opensearch.password: basic authentication.'),
    password: z.string().min(1).optional(),
    service: z
      .enum(['es', 'aoss'], 'es (a domain) or aoss (serverless) is accepted')
      .optional()
      .describe(
        'Signs requests with AWS credentials (SigV4): es for a domain, aoss for a serverless collection of type SEARCH.',
      ),
    caFile: z.string().min(1).optional().describe('Certificate authority of the server, PEM.'),
    index: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,60}$/, 'lower-case letters, digits, dash and underscore are accepted')
      .default('cali-logs')
      .describe('Name of the alias; a day is <index>-YYYY.MM.DD.'),
    shards: z.number().int().min(1).max(100).default(1).describe('Primary shards of a day.'),
    replicas: z.number().int().min(0).max(5).default(1).describe('Copies of each shard. 0 on a single node.'),
    korean: z
      .enum(['nori', 'cjk', 'none'], 'nori, cjk or none is accepted')
      .default('none')
      .describe(
        'A further analysis of the text for queries from elsewhere (Dashboards): nori needs the plugin analysis-nori. CALI itself searches by its own words and is right without.',
      ),
    timeout: duration('30s').describe('One request is given up and tried again after this long.'),
    debtAfter: duration('2m').describe(
      'When OpenSearch is away for longer than this, records are noted as a debt to it and the stream goes on; they are indexed from the archive once it is back.',
    ),
  })
  .prefault({})

export const milvusSettings = z
  .strictObject({
    address: z
      .string()
      .regex(/^(?:https?:\/\/)?[A-Za-z0-9.[\]:-]+:\d{1,5}$/, 'host:port or https://host:port is accepted')
      .optional()
      .describe('Searches runbooks and past incidents in Milvus. Absent: in this process.'),
    token: z.string().min(1).optional().describe('API key, or user:password.'),
    database: z.string().min(1).default('default'),
    collection: z
      .string()
      .regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,100}$/, 'letters, digits and underscore are accepted')
      .default('cali_knowledge')
      .describe('Name of the alias; each embedding model has a collection of its own behind it.'),
    tenant: z
      .string()
      .regex(/^[a-zA-Z0-9_.-]{1,60}$/, '1 to 60 letters, digits, dot, dash and underscore are accepted')
      .default('default')
      .describe(
        'Keeps teams apart that share a collection and its embedding model: each sees its own pages. A team with another model needs another milvus.collection.',
      ),
    legs: z
      .array(z.enum(['page', 'chunk'], 'page or chunk is accepted'))
      .min(1)
      .default(['page'])
      .describe(
        'What is asked for words: whole pages, or also their pieces. Measured: pages alone find the same and cost half.',
      ),
    timeout: duration('1500ms').describe(
      'After this long the search in this process answers, and the report says so. Holds for the embedding model too.',
    ),
  })
  .prefault({})
