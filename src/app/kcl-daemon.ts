/** KCL daemon: Java with the MultiLang daemon of the Kinesis Client Library, as a child of this process. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { KclDaemon } from '../pipeline/consume/kcl-source.ts'
import type { Environment } from '../platform/config/environment.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import type { Logger } from '../platform/logger.ts'
import { EMULATOR_CREDENTIALS, isLoopbackEndpoint } from '../platform/loopback.ts'
import type { Config } from './config.ts'

const RELAY = 'kcl-relay.cjs'
const MAIN = 'software.amazon.kinesis.multilang.MultiLangDaemon'
const OLDEST_JAVA = 17
/** Slowest flush and a margin: also how long a daemon stands still behind a child that died. */
const SHUTDOWN_GRACE_MS = 15_000
const JAVA_MS = 20_000

export interface KclDaemonOptions {
  readonly config: Config
  readonly worker: string
  readonly environment: Environment
  readonly logger: Logger
}

/** Longest time that a daemon takes to end in order: leases are given up after failover and a margin. */
export const stopMsOf = (config: Config): number => Math.max(SHUTDOWN_GRACE_MS, config.kcl.failover + 2_000) + 3_000

/** Starts the daemon; its children connect to `socket` and show `secret`. */
export function startKclDaemon(options: KclDaemonOptions, socket: string, secret: string): KclDaemon {
  const { config, logger } = options
  const folder = resolve(config.dataDir, 'kcl')
  mkdirSync(folder, { recursive: true })
  // The daemon splits its command at spaces: it is run in its own folder, with a name that has none.
  copyFileSync(fileURLToPath(new URL(`../pipeline/consume/${RELAY}`, import.meta.url)), join(folder, RELAY))
  writeFileSync(join(folder, 'kcl.properties'), kclProperties(config, options.worker))
  writeFileSync(join(folder, 'logback.xml'), LOGBACK)
  const jars = join(resolve(config.kcl.jars), '*')
  const child = spawn(
    config.kcl.java,
    [
      `-Xmx${config.kcl.heap}`,
      '-XX:+ExitOnOutOfMemoryError',
      // Else a partition key that is not ASCII arrives as question marks.
      '-Dfile.encoding=UTF-8',
      '-cp',
      [jars, '.'].join(delimiter),
      MAIN,
      '--properties-file',
      'kcl.properties',
      '--log-configuration',
      'logback.xml',
    ],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      // Ctrl-C in the console goes to the whole group; the daemon is stopped by this process, in order.
      detached: process.platform !== 'win32',
      env: { ...daemonEnvironment(options), CALI_KCL_SOCKET: socket, CALI_KCL_SECRET: secret },
    },
  )
  return watched(child, logger)
}

function watched(child: ChildProcess, logger: Logger): KclDaemon {
  let last = ''
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on('line', (line) => {
      const m = /^(ERROR|WARN|INFO) (.*)$/.exec(line)
      if (m?.[1] === 'ERROR' || m === null) last = line.slice(0, 500)
      const level = m?.[1] === 'ERROR' ? 'error' : m?.[1] === 'WARN' ? 'warn' : 'debug'
      logger[level]({ event: 'kcl', text: (m?.[2] ?? line).slice(0, 2_000) })
    })
  return {
    ended: new Promise((resolveEnded) => {
      child.once('error', (error) => resolveEnded(`Java cannot be run: ${messageOf(error)}`))
      child.once('close', (code, signal) =>
        resolveEnded(`ended with ${signal ?? code}${last === '' ? '' : `: ${last}`}`),
      )
    }),
    stop: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  }
}

/** Only what Java and the AWS credential chain read: no secret of CALI's own reaches the daemon. */
function daemonEnvironment({ config, environment }: KclDaemonOptions): Record<string, string> {
  const passed = Object.entries(environment).filter(
    ([name, value]) =>
      value !== undefined &&
      /^(?:AWS_|JAVA_|HOME$|LANG$|LC_|TMP|TEMP|SYSTEMROOT$|USERPROFILE$|HTTPS?_PROXY$|NO_PROXY$)/i.test(name),
  ) as [string, string][]
  const local = [config.kinesis.endpoint, config.aws.endpoint].some(isLoopbackEndpoint)
  const { accessKeyId, secretAccessKey } = EMULATOR_CREDENTIALS
  return {
    ...(local ? { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } : {}),
    ...Object.fromEntries(passed),
    AWS_REGION: config.kinesis.region,
    PATH: [dirname(process.execPath), environment['PATH'] ?? environment['Path'] ?? ''].join(delimiter),
  }
}

/** https://github.com/awslabs/amazon-kinesis-client/blob/master/docs/kcl-configurations.md */
export function kclProperties(config: Config, worker: string): string {
  const { kcl, kinesis, aws } = config
  const properties: Record<string, string | number | boolean> = {
    executableName: `node ${RELAY}`,
    streamName: kinesis.stream,
    applicationName: kcl.application,
    AwsCredentialsProvider: 'DefaultCredentialsProvider',
    processingLanguage: 'nodejs/24',
    initialPositionInStream: kinesis.initialPosition === 'latest' ? 'LATEST' : 'TRIM_HORIZON',
    regionName: kinesis.region,
    retrievalMode: kcl.retrieval === 'fan-out' ? 'FANOUT' : 'POLLING',
    ...(kcl.retrieval === 'fan-out'
      ? { 'fanoutConfig.consumerName': kcl.application }
      : { idleTimeBetweenReadsInMillis: Math.max(200, kinesis.pollInterval), maxRecords: 5_000 }),
    failoverTimeMillis: kcl.failover,
    // The default sleeps for a minute before the first lease is taken.
    shardSyncIntervalMillis: 1_000,
    workerId: worker,
    maxLeasesForWorker: kcl.maxLeases,
    shutdownGraceMillis: SHUTDOWN_GRACE_MS,
    callProcessRecordsEvenForEmptyRecordList: true,
    parentShardPollIntervalMillis: 2_000,
    cleanupLeasesUponShardCompletion: true,
    metricsLevel: 'NONE',
    ...(kinesis.endpoint === undefined ? {} : { kinesisEndpoint: kinesis.endpoint }),
    ...(aws.endpoint === undefined ? {} : { dynamoDBEndpoint: aws.endpoint }),
  }
  return Object.entries(properties)
    .map(([name, value]) => `${name} = ${escaped(String(value))}\n`)
    .join('')
}

/** As java.util.Properties reads it: backslashes are escapes, and what is not ASCII is written as one. */
const escaped = (value: string): string =>
  value
    .replace(/\\/g, '\\\\')
    .replace(/[^\x20-\x7e]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)

const LOGBACK = `<configuration>
  <appender name="STDERR" class="ch.qos.logback.core.ConsoleAppender">
    <target>System.err</target>
    <encoder><pattern>%level %logger{0}: %replace(%msg){'[\\r\\n]+', ' '} %ex{short}%nopex%n</pattern></encoder>
  </appender>
  <logger name="software.amazon.kinesis.multilang" level="WARN"/>
  <logger name="software.amazon.awssdk" level="WARN"/>
  <logger name="io.netty" level="WARN"/>
  <root level="INFO"><appender-ref ref="STDERR"/></root>
</configuration>
`

/** Throws a CaliError unless the Java program is there and new enough. */
export async function checkJava(java: string): Promise<string> {
  const output = await new Promise<string>((resolveOutput, reject) => {
    execFile(java, ['-version'], { timeout: JAVA_MS }, (error, stdout, stderr) =>
      error === null
        ? resolveOutput(`${stderr}${stdout}`)
        : reject(
            new CaliError(
              'kcl_no_java',
              `kcl.java is "${java}": cannot be run (${messageOf(error).split('\n', 1)[0]}). Install Java ${OLDEST_JAVA} or newer, or name its program in kcl.java.`,
              { cause: error },
            ),
          ),
    )
  })
  const version = /version "(\d+)(?:\.(\d+))?/.exec(output)
  const major = Number(version?.[1] === '1' ? version[2] : version?.[1])
  if (!(major >= OLDEST_JAVA))
    throw new CaliError(
      'kcl_old_java',
      `kcl.java is "${java}", Java ${version?.[1] === '1' ? `1.${version[2]}` : (version?.[1] ?? 'of an unknown version')}: ${OLDEST_JAVA} or newer is needed. Name another in kcl.java.`,
    )
  return String(major)
}
