/**
 * What the chart holds a copy of, and what is rendered from it: the dashboard and Fluent Bit's files, the settings in
 * values.schema.json, the manifests of deploy/kubernetes. Writes them; with --check it only compares, and exits with 1 where
 * one is not what it should be. The manifests need Helm 4: on the PATH, or named by CALI_HELM.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Document, isMap, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { configSchema, SECRET_KEYS } from '../src/app/config.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
export const CHART = join(ROOT, 'deploy/helm/cali')
const SCHEMA = 'deploy/helm/cali/values.schema.json'
/** More than one process reads; above it a typing error is likelier than a plan. */
const MAX_LEASES = 200

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n')

/** Copy in the chart -> its original. Helm reads no file outside of the chart. */
const COPIES: Readonly<Record<string, string>> = {
  'deploy/helm/cali/files/grafana.json': 'deploy/grafana/cali.json',
  ...Object.fromEntries(
    ['kubernetes.yaml', 'kubernetes-to-kinesis.yaml', 'parsers.yaml', 'cali.lua'].map((name) => [
      `deploy/helm/cali/files/fluent-bit/${name}`,
      `deploy/fluent-bit/${name}`,
    ]),
  ),
}

/** Files that need no Helm, with what should stand in them. */
export function copiedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...Object.entries(COPIES).map(([copy, original]) => [copy, read(original)] as const),
    [SCHEMA, schema()],
  ])
}

/** The chart's schema with the settings of this version. Secrets stand in it without a type: the chart refuses them in words. */
function schema(): string {
  const values = JSON.parse(read(SCHEMA)) as { properties: Record<string, unknown>; $defs: Record<string, unknown> }
  const { $defs = {} } = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as unknown as {
    $defs: Record<string, Settings>
  }
  const { CaliConfig, ...others } = $defs
  if (CaliConfig === undefined) throw new Error('the configuration has no schema of its own')
  CaliConfig.properties['kcl'].properties['maxLeases'].maximum = MAX_LEASES
  for (const [area = '', key = ''] of [...SECRET_KEYS].map((path) => path.split('.')))
    CaliConfig.properties[area].properties[key] = {
      description: 'A secret: name an existing Secret in `secrets` instead.',
    }
  return `${JSON.stringify({ ...values, properties: { ...values.properties, config: { $ref: '#/$defs/CaliConfig' } }, $defs: { ...values.$defs, ...others, CaliConfig } }, null, 2)}\n`
}

/** JSON Schema, as far as it is changed here. */
// biome-ignore lint/suspicious/noExplicitAny: a schema has any keys
type Settings = any

/** `helm`, if there is one. */
export function findHelm(): string | undefined {
  const helm = process.env['CALI_HELM'] ?? 'helm'
  const { status, stdout } = spawnSync(helm, ['version', '--short'], { encoding: 'utf8', env: helmEnvironment() })
  return status === 0 && /^v4\./.test(stdout) ? helm : undefined
}

export interface HelmRun {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Reads and writes nothing of the user's own Helm. */
function helmEnvironment(): NodeJS.ProcessEnv {
  const folder = join(tmpdir(), 'cali-helm')
  return { ...process.env, HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder, HELM_DATA_HOME: folder }
}

export function runHelm(helm: string, args: readonly string[]): HelmRun {
  const { status, stdout, stderr, error } = spawnSync(helm, args, {
    encoding: 'utf8',
    env: helmEnvironment(),
    maxBuffer: 64 * 1024 * 1024,
  })
  if (error !== undefined) throw error
  return { code: status, stdout, stderr }
}

/** The chart with one of its ci/ files, or any other file of values. */
export const renderChart = (helm: string, values: string, set: readonly string[] = []): HelmRun =>
  runHelm(helm, ['template', 'cali', CHART, '--namespace', 'cali', '--values', values, ...set])

/** Which file a document goes to, by its component. */
const FILES: Readonly<Record<string, string>> = {
  config: 'config.yaml',
  setup: 'setup.yaml',
  consumer: 'consumer.yaml',
  api: 'api.yaml',
  worker: 'worker.yaml',
  network: 'network-policy.yaml',
  monitoring: 'monitoring.yaml',
  'archive-compact': 'jobs.yaml',
  'weekly-report': 'jobs.yaml',
  probe: 'jobs.yaml',
}

/** What a cluster may not have the controller for is a file of its own. */
const FILES_OF_KINDS: Readonly<Record<string, string>> = { Ingress: 'ingress.yaml' }

const HEAD =
  '# Rendered from deploy/helm/cali with ci/kubernetes-values.yaml by tools/kubernetes-manifests.ts: change it there.\n'

const NAMESPACE = `apiVersion: v1
kind: Namespace
metadata:
  name: cali
  labels:
    # Kubernetes itself refuses a pod that could do more than these.
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/warn: restricted
`

/** The manifests of deploy/kubernetes: what Helm renders, without what only Helm reads. */
export function manifests(helm: string): ReadonlyMap<string, string> {
  const rendered = renderChart(helm, join(CHART, 'ci/kubernetes-values.yaml'))
  if (rendered.code !== 0) throw new Error(rendered.stderr)
  const files = new Map<string, string[]>()
  for (const document of parseAllDocuments(rendered.stdout)) {
    if (!isMap(document.contents)) continue
    withoutHelm(document)
    const component = String(document.getIn(['metadata', 'labels', 'app.kubernetes.io/component']))
    const file = FILES_OF_KINDS[String(document.get('kind'))] ?? FILES[component]
    if (file === undefined) throw new Error(`a document of the component ${component} has no file`)
    const text = document
      .toString({ lineWidth: 0, flowCollectionPadding: false })
      .replace(/^(?:---\n)?# Source: .*\n/m, '')
    files.set(file, [...(files.get(file) ?? []), text.trim()])
  }
  const texts = [...files].map(
    ([file, documents]) => [`deploy/kubernetes/${file}`, `${HEAD}${documents.join('\n---\n')}\n`] as const,
  )
  return new Map([['deploy/kubernetes/namespace.yaml', `${HEAD}${NAMESPACE}`], ...texts])
}

function withoutHelm(document: Document): void {
  const labels = ['metadata', 'labels']
  for (const at of [labels, ['spec', 'template', ...labels], ['spec', 'jobTemplate', 'spec', 'template', ...labels]])
    for (const label of ['helm.sh/chart', 'app.kubernetes.io/managed-by'])
      if (document.hasIn([...at, label])) document.deleteIn([...at, label])
  const annotations = document.getIn(['metadata', 'annotations'])
  if (!isMap(annotations)) return
  annotations.items = annotations.items.filter(({ key }) => !String(key).startsWith('helm.sh/'))
  if (annotations.items.length === 0) document.deleteIn(['metadata', 'annotations'])
}

/** Files that are not what they should be. */
export const differing = (files: ReadonlyMap<string, string>): readonly string[] =>
  [...files].filter(([path, text]) => textOf(path) !== text).map(([path]) => path)

function textOf(path: string): string | undefined {
  try {
    return read(path)
  } catch {
    return undefined
  }
}

function main(check: boolean): number {
  const write = (files: ReadonlyMap<string, string>): void => {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(ROOT, path)), { recursive: true })
      writeFileSync(join(ROOT, path), text)
    }
  }
  const copies = copiedFiles()
  // Before Helm reads them.
  const changed = [...differing(copies)]
  if (!check) write(copies)
  const helm = findHelm()
  if (helm === undefined) {
    console.error('Helm 4 is not there: go install helm.sh/helm/v4/cmd/helm@v4.3.1, or name it in CALI_HELM')
    return 1
  }
  const rendered = manifests(helm)
  changed.push(...differing(rendered))
  if (!check) write(rendered)
  for (const path of changed)
    console.log(check ? `${path}: is not up to date. Run: node tools/kubernetes-manifests.ts` : path)
  return check && changed.length > 0 ? 1 : 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.includes('--check'))
