/**
 * Check of the GitHub workflows: rules of this repository, then actionlint. One line per fault; exit code 1 when there is
 * one. `--install` builds actionlint with Go, where it is not there yet; without it that part is a loud skip.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMap, isScalar, type Node, parseDocument } from 'yaml'
import { peersCache } from './python-venv.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const FOLDER = '.github/workflows'
const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly 'working-directory'?: string
}
interface Job {
  readonly uses?: string
  readonly steps?: readonly Step[]
  readonly permissions?: unknown
  readonly 'timeout-minutes'?: unknown
  readonly defaults?: { readonly run?: { readonly 'working-directory'?: string } }
}
interface Workflow {
  readonly on?: unknown
  readonly permissions?: unknown
  readonly concurrency?: unknown
  readonly jobs?: Readonly<Record<string, Job>>
}

/** What a workflow may name: scripts of package.json, files and folders of the repository. */
export interface Repository {
  readonly scripts: readonly string[]
  exists(path: string): boolean
  /** Names of its top folders: text that begins with one of them and a slash is a path. */
  readonly folders: readonly string[]
}

/** Faults of one workflow, each as `file: job: what`. */
export function workflowFaults(file: string, text: string, repository: Repository): string[] {
  const document = parseDocument(text)
  if (document.errors.length > 0) return document.errors.map((error) => `${file}: ${error.message.split('\n')[0]}`)
  const workflow = (document.toJS() ?? {}) as Workflow
  const faults: string[] = []
  const fault = (what: string): void => void faults.push(`${file}: ${what}`)

  if (triggersOf(workflow.on).includes('pull_request_target'))
    fault('pull_request_target runs with rights and secrets on what a stranger wrote: use pull_request')
  if (!isEmptyMap(workflow.permissions))
    fault('permissions at the top must be {}: each job names the rights that it needs')
  if (workflow.concurrency === undefined) fault('concurrency is missing')
  if (/\$\{\{[^}]*\bsecrets\s*[.[]/.test(text))
    fault('a secret is read: use the token of the run (github.token) and OIDC')
  for (const [name, job] of Object.entries(workflow.jobs ?? {})) jobFaults(name, job, repository, fault)
  for (const { value, comment } of usesOf(document.contents)) pinFaults(value, comment, repository, fault)
  return faults
}

function jobFaults(name: string, job: Job, repository: Repository, fault: (what: string) => void): void {
  if (job.permissions === undefined) fault(`${name}: permissions are missing`)
  if (typeof job.permissions === 'string')
    fault(`${name}: permissions are "${job.permissions}": name the rights one by one`)
  // A job that calls another workflow has none of its own: its jobs have.
  if (job.uses === undefined && typeof job['timeout-minutes'] !== 'number')
    fault(`${name}: timeout-minutes is missing: a job that hangs would run for six hours`)
  for (const step of job.steps ?? []) {
    if (/^actions\/checkout@/.test(step.uses ?? '') && step.with?.['persist-credentials'] !== false)
      fault(`${name}: checkout without persist-credentials: false leaves the token to every step behind it`)
    if (step.run === undefined) continue
    const expression = /\$\{\{.*?\}\}/.exec(step.run)?.[0]
    if (expression !== undefined)
      fault(`${name}: ${expression} in run is put into the script as it is: hand it over in env`)
    const folder = step['working-directory'] ?? job.defaults?.run?.['working-directory'] ?? '.'
    for (const what of missingOf(step.run, folder, repository)) fault(`${name}: ${what}`)
  }
}

/** npm scripts, and paths, that a script names and that are not there. */
function missingOf(script: string, folder: string, { scripts, exists, folders }: Repository): string[] {
  const missing: string[] = []
  for (const [, command, named] of script.matchAll(
    /\bnpm (run(?:-script)?\s+(?:--?\S+\s+)*([\w:.-]+)|test\b|start\b)/g,
  )) {
    const name = named ?? command
    if (name !== undefined && !scripts.includes(name)) missing.push(`package.json has no script "${name}"`)
  }
  if (!exists(folder)) return [...missing, `there is no ${folder}`]
  const program = /(?<=^|\s)(?:node|python3?|uv run --no-project python)\s+(?:-m \S+\s+)?([\w./-]+)/gm
  const words = [...script.matchAll(/(?<=^|[\s="'(])([\w.@-]+(?:\/[\w.@*-]+)*\/?)/gm)].map(([, word]) => word ?? '')
  const paths = new Set([
    ...words.filter((word) => folders.some((name) => word.startsWith(`${name}/`))),
    ...[...script.matchAll(program)].map(([, path]) => path ?? '').filter((path) => path.includes('/')),
  ])
  for (const path of paths) {
    // Of a pattern, the folder in which it looks.
    const fixed = path.replace(/(?:^|\/)[^/]*\*.*$/, '').replace(/\/$/, '')
    if (fixed !== '' && !exists(fixed) && !exists(posix.join(folder, fixed))) missing.push(`there is no ${path}`)
  }
  return missing
}

function pinFaults(value: string, comment: string, repository: Repository, fault: (what: string) => void): void {
  if (value.startsWith('./')) {
    if (!repository.exists(value.slice(2))) fault(`there is no ${value}`)
    return
  }
  if (value.startsWith('docker://')) {
    if (!/@sha256:[0-9a-f]{64}$/.test(value)) fault(`${value} is not pinned: name its digest`)
    return
  }
  if (!/^[\w.-]+(?:\/[\w.-]+)+@[0-9a-f]{40}$/.test(value))
    fault(`${value} is not pinned: name the commit, all 40 letters of it, and the version in a comment behind it`)
  else if (!/^\s*v\d+(?:\.\d+)+/.test(comment)) fault(`${value} has no comment with its version, e.g. # v1.2.3`)
}

/** Every `uses`, at any depth, with the comment behind it. */
function usesOf(node: Node | null): { value: string; comment: string }[] {
  if (node === null) return []
  const found: { value: string; comment: string }[] = []
  const walk = (item: unknown): void => {
    if (isMap(item))
      for (const { key, value } of item.items) {
        if (isScalar(key) && key.value === 'uses' && isScalar(value))
          found.push({ value: String(value.value), comment: value.comment ?? '' })
        else walk(value)
      }
    else if (typeof item === 'object' && item !== null && 'items' in item) (item.items as unknown[]).forEach(walk)
  }
  walk(node)
  return found
}

/** One action has one commit, and one commit one version, in all workflows together. */
export function pinsThatDiffer(texts: readonly string[]): string[] {
  const pins = new Map<string, Set<string>>()
  for (const text of texts)
    for (const { value, comment } of usesOf(parseDocument(text).contents)) {
      // github/codeql-action/init and /analyze are one repository.
      const [, repository, commit] = /^([\w.-]+\/[\w.-]+)(?:\/[^@]*)?@(.+)$/.exec(value) ?? []
      if (repository === undefined || value.startsWith('./')) continue
      pins.set(repository, (pins.get(repository) ?? new Set()).add(`${commit} (${comment.trim()})`))
    }
  return [...pins].flatMap(([name, found]) =>
    found.size > 1 ? [`${name} is pinned differently: ${[...found].sort().join(', ')}`] : [],
  )
}

function triggersOf(on: unknown): string[] {
  if (typeof on === 'string') return [on]
  return Array.isArray(on) ? on.map(String) : Object.keys(on ?? {})
}

const isEmptyMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0

/** This repository. */
export function thisRepository(): Repository {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  return {
    scripts: Object.keys(manifest.scripts),
    exists: (path) => existsSync(join(ROOT, path)),
    folders: readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !['node_modules', '.git'].includes(entry.name))
      .map((entry) => entry.name),
  }
}

/** File name to text. */
export function workflowFiles(): ReadonlyMap<string, string> {
  const names = readdirSync(join(ROOT, FOLDER)).filter((name) => /\.ya?ml$/.test(name))
  return new Map(names.sort().map((name) => [`${FOLDER}/${name}`, readFileSync(join(ROOT, FOLDER, name), 'utf8')]))
}

const BUILT = join(peersCache(), ACTIONLINT.replace(/^.*@/, 'actionlint-'))

/** actionlint from the PATH, or the one that `--install` built; undefined where there is none. */
function findActionlint(): string | undefined {
  const built = join(BUILT, process.platform === 'win32' ? 'actionlint.exe' : 'actionlint')
  return [built, 'actionlint'].find((program) => spawnSync(program, ['-version']).status === 0)
}

function installActionlint(): void {
  if (findActionlint() !== undefined) return
  mkdirSync(BUILT, { recursive: true })
  const run = spawnSync('go', ['install', ACTIONLINT], { stdio: 'inherit', env: { ...process.env, GOBIN: BUILT } })
  if (run.status === 0) return
  console.error(
    `actionlint could not be built by "go install ${ACTIONLINT}": ${run.error?.message ?? `exit code ${run.status}`}`,
  )
  process.exitCode = 1
}

function check(): void {
  const files = workflowFiles()
  const repository = thisRepository()
  const faults = [...files].flatMap(([file, text]) => workflowFaults(file, text, repository))
  faults.push(...pinsThatDiffer([...files.values()]))
  for (const line of faults) console.error(line)
  if (faults.length > 0) process.exitCode = 1
  const actionlint = findActionlint()
  if (actionlint === undefined)
    console.warn('SKIPPED: actionlint is not installed; "node tools/workflows.ts --install" builds it where Go is')
  else if (spawnSync(actionlint, ['-no-color', ...files.keys()], { cwd: ROOT, stdio: 'inherit' }).status !== 0)
    process.exitCode = 1
  if (process.exitCode === undefined)
    console.log(`workflows: ${files.size} hold the rules${actionlint === undefined ? '' : ', and those of actionlint'}`)
}

if (import.meta.main) {
  if (process.argv.includes('--install')) installActionlint()
  else check()
}
