/** The desk at which the tutorial is worked through: a copy of what it touches, terminals that stay open, free ports. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { connect } from 'node:tls'
import { stripVTControlCharacters } from 'node:util'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { createStream } from '../../src/app/demo.ts'
import { freePort } from '../../src/app/local-kinesis.ts'
import { environmentOf } from '../peers/aws-server.ts'
import { until } from '../support/system.ts'
import { findMirror } from './terraform-program.ts'
import { ROOT, type Shell, type Step } from './tutorial-pages.ts'
import { statementsOf } from './tutorial-shell.ts'

export const SHELL: Shell = process.platform === 'win32' ? 'powershell' : 'bash'
/** Of one block; terraform alone waits twenty seconds for a stream. */
const BLOCK_MS = 170_000
const READY_MS = 60_000
const CATCH_UP_MS = 30_000
const STOP_MS = 15_000

export interface Desk {
  /** Does what the step says and looks at what the page shows, in English, and in Korean where it can be asked again. */
  take(step: Step, korean: Step['seen']): Promise<void>
  makeStreamAndBucket(): Promise<void>
  /** Speaks to the emulator through the door with TLS, as Fluent Bit does: its certificate is checked, its name is not. */
  knock(): Promise<void>
  close(): Promise<void>
}

interface Running {
  readonly child: ChildProcess
  output(): string
}

export async function openDesk(others: { slack: string; openAi: string; milvus: string | undefined }): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), 'cali-tutorial-'))
  laySources(folder)
  layShortcut(folder)
  const [emulatorPort, doorPort] = [await freePort(0), await freePort(0)]
  const emulator = `http://127.0.0.1:${emulatorPort}`
  /** Addresses of the pages, and what stands in their place here. */
  const places: readonly (readonly [string, string])[] = [
    ['4566', String(emulatorPort)],
    ['4567', String(doorPort)],
    ...(others.milvus === undefined ? [] : [['127.0.0.1:19530', others.milvus] as const]),
  ]
  const here = (text: string): string =>
    places.reduce(
      (all, [from, to]) => all.replaceAll(RegExp(`(?<![\\w.])${RegExp.escape(from)}(?!\\d)`, 'g'), to),
      text,
    )

  const terraformSettings = join(folder, 'terraform.rc')
  writeFileSync(terraformSettings, mirrorSettings(findMirror()))
  /** What the terminals know; `export` and `$env:` of the pages add to it. */
  const session: Record<string, string> = {
    ...quietEnvironment(),
    NO_COLOR: '1',
    CALI_LANG: 'en',
    CALI_SLACK_API_URL: others.slack,
    CALI_OPENAI_BASE_URL: others.openAi,
    GATEWAY_PORT: String(emulatorPort),
    STATE_DIR: join(folder, 'emulator-state'),
    S3_DATA_DIR: join(folder, 'emulator-s3'),
    TF_CLI_CONFIG_FILE: terraformSettings,
    TF_CLI_ARGS: '-no-color',
    TF_VAR_aws_endpoint: emulator,
    CHECKPOINT_DISABLE: '1',
    // npx must take CALI from this folder or fail, never ask a registry or the person; and leave the user's cache alone.
    npm_config_cache: join(folder, 'npm'),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  }
  const running = new Map<string, Running>()

  const stop = async (name: string): Promise<void> => {
    const one = running.get(name)
    running.delete(name)
    if (one !== undefined) await end(one.child)
  }

  const run = async (block: string, code: number, extra: Record<string, string> = {}): Promise<string> => {
    const child = start(folder, script(block), { ...session, ...extra })
    const output = collect(child)
    // What terraform asks before it builds or takes down.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end('yes\n')
    const timer = setTimeout(() => void end(child), BLOCK_MS)
    const [ended] = (await once(child, 'close')) as [number | null]
    clearTimeout(timer)
    if (ended !== code) throw new Error(`ended with ${ended} instead of ${code}:\n${output()}`)
    return output()
  }

  const stay = async (name: string, says: string, block: string): Promise<string> => {
    await stop(name)
    const child = start(folder, script(block), session)
    const output = collect(child)
    running.set(name, { child, output })
    await ready(() => output().includes(says), {
      ended: () => child.exitCode !== null || child.signalCode !== null,
      why: () => `"${name}" does not say "${says}":\n${output()}`,
    })
    return output()
  }

  return {
    take: async (step, korean) => {
      const { remark, file, commands, seen } = step
      if (file !== undefined && remark.kind === 'file') {
        mkdirSync(dirname(join(folder, remark.path)), { recursive: true })
        writeFileSync(join(folder, remark.path), here(file))
        return
      }
      const block = here(commands?.[SHELL] ?? '')
      if (remark.kind === 'after stopping') {
        for (const name of remark.names) await stop(name)
        // Windows PowerShell would follow the link and empty what it leads to.
        rmSync(join(folder, '.cali/tutorial/emulator'), { recursive: true, force: true })
      }
      const code = remark.kind === 'ends with' ? remark.code : 0
      const output =
        remark.kind === 'stays running' ? await stay(remark.name, remark.says, block) : await run(block, code)
      if (block.includes('cali --version'))
        session['PATH'] = `${join(folder, 'shortcut')}${delimiter}${session['PATH']}`
      for (const { sets } of statementsOf(block, SHELL)) if (sets !== undefined) session[sets[0]] = sets[1]
      if (!asksOnly(block)) return compare(seen, output)
      await shown(seen, output, () => run(block, code))
      // Lines that are the same in both languages were looked for already, and some come once only.
      const english = new Set(seen.flatMap(({ text }) => text.split('\n')))
      const own = korean.map((one) => ({
        ...one,
        text: one.text
          .split('\n')
          .filter((line) => !english.has(line))
          .join('\n'),
      }))
      if (own.every(({ text }) => text === '')) return
      await shown(own, '', () => run(block, code, { CALI_LANG: 'ko' }))
    },
    makeStreamAndBucket: async () => {
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
      await createStream({ region: 'ap-south-1', endpoint: emulator }, 'cali-log-stream', 1)
      const s3 = new S3Client({ region: 'ap-south-1', endpoint: emulator, forcePathStyle: true, credentials })
      await s3.send(new CreateBucketCommand({ Bucket: 'cali-archive-local' }))
      s3.destroy()
    },
    knock: () => knock(doorPort, readFileSync(join(folder, '.cali/tutorial/kinesis-ca.pem'), 'utf8')),
    close: async () => {
      for (const name of [...running.keys()].reverse()) await stop(name)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/**
 * `npx` takes a second or two to find out what it is to run. The first command of the tutorial goes by the real one, the
 * rest by this, which runs the same file. (Windows, where it would be a batch file, keeps the real one.)
 */
function layShortcut(folder: string): void {
  if (SHELL !== 'bash') return
  mkdirSync(join(folder, 'shortcut'))
  const text = `#!/bin/sh\n[ "$1" = cali ] || exit 127\nshift\nexec '${process.execPath}' bin/cali.js "$@"\n`
  writeFileSync(join(folder, 'shortcut', 'npx'), text, { mode: 0o755 })
}

/** A checkout as a reader has it. What is only read is linked; what is written into, by Terraform, is copied. */
function laySources(folder: string): void {
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(ROOT, name), join(folder, name))
  mkdirSync(join(folder, 'deploy'))
  for (const name of ['bin', 'src', 'docs', 'runbooks', 'web', 'node_modules', 'deploy/fluent-bit', 'deploy/compose'])
    symlinkSync(join(ROOT, name), join(folder, name), 'junction')
  cpSync(join(ROOT, 'deploy/terraform'), join(folder, 'deploy/terraform'), {
    recursive: true,
    filter: (source) => !/[\\/]\.terraform|\.tfstate|\.tfvars$/.test(source.slice(ROOT.length)),
  })
  // The emulator is installed already, by tools/peers-aws.ts; the page says how a reader does it.
  mkdirSync(join(folder, '.cali/tutorial'), { recursive: true })
  symlinkSync(environmentOf('ministack'), join(folder, '.cali/tutorial/emulator'), 'junction')
}

function mirrorSettings(mirror: string | undefined): string {
  if (mirror === undefined || mirror === 'registry') return ''
  return `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`
}

/** Nothing of this user's settings for AWS, Terraform and CALI; this very Node.js first on the PATH. */
function quietEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || /^(?:AWS|TF|CALI|OPENAI|SLACK|npm_|OTEL)_?/i.test(name) || /^(?:path|tz)$/i.test(name)
      ? []
      : [[name, value] as const],
  )
  const path = process.env['PATH'] ?? process.env['Path'] ?? ''
  return {
    ...Object.fromEntries(kept),
    PATH: `${dirname(process.execPath)}${delimiter}${path}`,
    TZ: 'Asia/Seoul',
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}

/** The block, and an end at the first command that fails, as a person would stop there. */
function script(block: string): string {
  if (SHELL === 'bash') return `set -e\n${block}`
  const failed = 'if ($LASTEXITCODE) { exit $LASTEXITCODE }'
  return statementsOf(block, SHELL)
    .map(({ text, sets }) => (sets === undefined ? `${text}\n${failed}` : text))
    .join('\n')
}

function start(cwd: string, text: string, env: Record<string, string>): ChildProcess {
  const [program, args]: [string, string[]] =
    SHELL === 'bash' ? ['bash', ['-c', text]] : ['powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', text]]
  // A group of its own, so that Ctrl-C reaches all of it and nobody else.
  return spawn(program, args, { cwd, env, stdio: 'pipe', detached: SHELL === 'bash' })
}

function collect(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part: string) => {
      text = `${text}${stripVTControlCharacters(part)}`.slice(-400_000)
    })
  return () => text
}

/** Ctrl-C, and a hard end for what does not heed it. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const { pid } = child
  const closed = once(child, 'close')
  const signal = (name: 'SIGINT' | 'SIGKILL'): void => {
    if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' })
    else
      try {
        process.kill(-pid, name)
      } catch {
        // All of the group are gone.
      }
  }
  signal('SIGINT')
  const timer = setTimeout(() => signal('SIGKILL'), STOP_MS)
  await closed
  clearTimeout(timer)
}

async function ready(good: () => boolean, { ended, why }: { ended: () => boolean; why: () => string }): Promise<void> {
  await until(() => good() || ended(), 'what the page starts is ready', READY_MS).catch(() => undefined)
  if (!good()) throw new Error(why())
}

/** Commands of CALI that only look: they may be asked again, in the other language. */
const asksOnly = (block: string): boolean =>
  statementsOf(block, SHELL).every(
    ({ words, sets }) =>
      sets !== undefined ||
      (words[0] === 'npx' &&
        /^(?:stream peek|archive (?:list|query)|doctor|config check|incidents (?:list|show)|kb (?:sync|search)|slack test)\b/.test(
          words.slice(2).join(' '),
        )),
  )

/** What is shown comes at the latest when the consumer has caught up and the archive has closed an object: look again. */
async function shown(seen: Step['seen'], first: string, again: () => Promise<string>): Promise<void> {
  const deadline = performance.now() + CATCH_UP_MS
  for (let output = first === '' ? await again() : first; ; output = await again()) {
    try {
      return compare(seen, output)
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
  }
}

/** Each line that the page shows must have come: numbers may be others, `…` stands for anything. */
function compare(seen: Step['seen'], output: string): void {
  const lines = output.split('\n')
  for (const { text, remark } of seen) {
    if (remark.kind === 'on a terminal') continue
    for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
      const pattern = RegExp(
        line
          .trim()
          .split(/(\d+|…|\s+)/)
          .map((part) =>
            /^\d/.test(part) ? '\\d+' : part === '…' ? '.*' : /^\s/.test(part) ? '\\s+' : RegExp.escape(part),
          )
          .join(''),
      )
      if (!lines.some((one) => pattern.test(one))) throw new Error(`the page shows\n${line}\nbut this came:\n${output}`)
    }
  }
}

function knock(port: number, ca: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, checkServerIdentity: () => undefined }, () => {
      socket.write('GET /_ministack/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    })
    socket.setTimeout(10_000, () => socket.destroy(new Error('the door does not answer')))
    let answer = ''
    socket.setEncoding('utf8').on('data', (part: string) => {
      answer += part
    })
    socket.once('error', reject)
    socket.once('close', () => {
      if (answer.startsWith('HTTP/1.1 200')) resolve()
      else reject(new Error(`the door answered ${JSON.stringify(answer.slice(0, 200))}`))
    })
  })
}
