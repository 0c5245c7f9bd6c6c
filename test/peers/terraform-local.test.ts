/** `examples/local` for real: applied, looked at through AWS's own client, planned again, taken down. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DescribeStreamSummaryCommand, KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis'
import {
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingForProvider, openWorkplace, type Workplace } from '../deploy/terraform-program.ts'
import { type AwsServer, type AwsServerName, isInstalled, startAwsServer } from './aws-server.ts'

const EXAMPLE = 'examples/local'
const CALI = fileURLToPath(new URL('../../bin/cali.js', import.meta.url))
/** The provider waits ten seconds before it first looks at a stream. Alone on a machine all of this takes 70 s. */
const LIMIT_MS = 900_000

const missing = missingForProvider()

for (const name of ['ministack', 'moto'] as const) {
  const reason =
    missing ?? (isInstalled(name) ? undefined : `${name} is not installed: node tools/peers-aws.ts installs it`)
  describe.skipIf(reason !== undefined)(
    reason === undefined ? `examples/local on ${name}` : `terraform examples/local: ${reason}`,
    () => local(name),
  )
}

function local(name: AwsServerName): void {
  let server: AwsServer
  let workplace: Workplace
  let kinesis: KinesisClient
  let s3: S3Client

  const terraform = async (...args: string[]) => {
    const done = await workplace.run(EXAMPLE, args, { TF_VAR_aws_endpoint: server.endpoint })
    return { ...done, said: `terraform ${args.join(' ')}\n${done.output}` }
  }

  beforeAll(async () => {
    workplace = openWorkplace()
    server = await startAwsServer(name)
    const address = {
      region: 'ap-south-1',
      endpoint: server.endpoint,
      requestHandler: new NodeHttpHandler(),
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }
    kinesis = new KinesisClient(address)
    s3 = new S3Client({ ...address, forcePathStyle: true })
  })
  afterAll(async () => {
    kinesis?.destroy()
    s3?.destroy()
    await server?.stop()
    workplace?.remove()
  })

  test('it is applied, planned again without a change, used by CALI, and taken down without a rest', {
    timeout: LIMIT_MS,
  }, async () => {
    const init = await terraform('init', '-input=false')
    expect(init.code, init.said).toBe(0)
    const apply = await terraform('apply', '-auto-approve', '-input=false')
    expect(apply.code, apply.said).toBe(0)
    expect(apply.output).toContain('Resources: 6 added, 0 changed, 0 destroyed')

    const { StreamDescriptionSummary: stream } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: 'cali-log-stream' }),
    )
    expect(stream).toMatchObject({ StreamStatus: 'ACTIVE', OpenShardCount: 1, RetentionPeriodHours: 24 })
    const bucket = { Bucket: 'cali-archive-local' }
    expect((await s3.send(new GetBucketVersioningCommand(bucket))).Status).toBe('Enabled')
    expect((await s3.send(new GetPublicAccessBlockCommand(bucket))).PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    })

    const again = await terraform('plan', '-detailed-exitcode', '-input=false')
    expect(again.code, again.said).toBe(0)

    const settings = await terraform('output', '-json', 'cali_environment')
    expect(check(JSON.parse(settings.output))).toMatchObject({ status: 0 })

    // Two versions and an archived object: destroy must take them too.
    for (const Body of ['one', 'two'])
      await s3.send(new PutObjectCommand({ ...bucket, Key: 'logs/v1/x/0/dt=2026-01-20/hour=00/1.ndjson.zst', Body }))
    const destroy = await terraform('destroy', '-auto-approve', '-input=false')
    expect(destroy.code, destroy.said).toBe(0)
    expect(destroy.output).toContain('Resources: 6 destroyed')
    expect((await kinesis.send(new ListStreamsCommand({}))).StreamNames).toEqual([])
    expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([])
  })

  test('the address of AWS itself is refused', { timeout: LIMIT_MS }, async () => {
    const plan = await workplace.run(EXAMPLE, ['plan', '-input=false'], {
      TF_VAR_aws_endpoint: 'https://kinesis.ap-south-1.amazonaws.com',
    })
    expect(plan.code).toBe(1)
    expect(plan.output.replaceAll(/\s*│\s*|\s+/g, ' ')).toContain(
      'the address of an emulator such as http://localhost:4566 is accepted',
    )
  })
}

/** `cali config check` with these settings and no others. */
function check(settings: Readonly<Record<string, string>>): { status: number | null; words: string } {
  const cwd = mkdtempSync(join(tmpdir(), 'cali-settings-'))
  try {
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(?:CALI|AWS)_/.test(key)))
    const done = spawnSync(process.execPath, [CALI, 'config', 'check'], {
      cwd,
      encoding: 'utf8',
      env: { ...inherited, ...settings },
    })
    return { status: done.status, words: done.stdout + done.stderr }
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}
