/** What the chart renders, by the schemas of Kubernetes itself. Needs Helm, kubeconform and the schemas. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CHART, findHelm, renderChart } from '../../tools/kubernetes-manifests.ts'

const helm = findHelm()
const kubeconform = process.env['CALI_KUBECONFORM'] ?? 'kubeconform'
/** Folder with _definitions.json, of the Python package kubernetes-validate: kubernetes-json-schema/v1.34.0-local. */
const schemas = process.env['CALI_KUBERNETES_SCHEMAS']
const missing = [
  helm === undefined ? 'Helm 4 (go install helm.sh/helm/v4/cmd/helm@v4.3.1, or CALI_HELM)' : undefined,
  spawnSync(kubeconform, ['-v']).status === 0
    ? undefined
    : 'kubeconform (go install github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0, or CALI_KUBECONFORM)',
  schemas === undefined
    ? 'schemas (pip install kubernetes-validate==1.37.0, CALI_KUBERNETES_SCHEMAS=…/kubernetes_validate/kubernetes-json-schema/v1.34.0-local)'
    : undefined,
].filter((text) => text !== undefined)

/** Resources of others, whose schemas Kubernetes does not have. */
const FOREIGN = ['ServiceMonitor', 'PrometheusRule', 'ScaledObject', 'TriggerAuthentication']

describe.skipIf(missing.length > 0)(
  `the resources, by the schemas of Kubernetes 1.34${missing.length === 0 ? '' : ` (SKIPPED: missing: ${missing.join('; ')})`}`,
  () => {
    it.each(readdirSync(join(CHART, 'ci')))('are valid, and hold no unknown field, with %s', (file) => {
      const { code, stdout } = validate(rendered(file))
      expect(stdout).toContain('Invalid: 0, Errors: 0')
      expect(code).toBe(0)
    })

    it('would be found out', () => {
      const { code, stdout } = validate(
        rendered('minimal-values.yaml').replace('readOnlyRootFilesystem', 'readOnlyRoot'),
      )
      expect(code).toBe(1)
      expect(stdout).toContain("additional properties 'readOnlyRoot' not allowed")
    })
  },
)

const rendered = (file: string): string => renderChart(helm ?? '', join(CHART, 'ci', file)).stdout

function validate(manifests: string): { code: number | null; stdout: string } {
  const folder = mkdtempSync(join(tmpdir(), 'cali-schemas-'))
  try {
    flatten(
      schemas ?? '',
      folder,
      new Set([...manifests.matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind?.toLowerCase() ?? '')),
    )
    const location = `${folder}/{{.ResourceKind}}{{.KindSuffix}}.json`
    const args = ['-strict', '-summary', '-skip', FOREIGN.join(','), '-schema-location', location, '-']
    const { status, stdout, stderr } = spawnSync(kubeconform, args, { input: manifests, encoding: 'utf8' })
    return { code: status, stdout: `${stdout}${stderr}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Each schema with the definitions that it refers to, closed: kubeconform follows no address of that package. */
function flatten(from: string, to: string, kinds: ReadonlySet<string>): void {
  const { $defs } = JSON.parse(readFileSync(join(from, '_definitions.json'), 'utf8')) as {
    $defs: Record<string, object>
  }
  for (const name of readdirSync(from)) {
    if (!kinds.has(name.split('-')[0] ?? '')) continue
    const schema = JSON.parse(readFileSync(join(from, name), 'utf8')) as Record<string, unknown>
    delete schema['$schema']
    const text = JSON.stringify({ ...schema, $defs }, (key, value: unknown) =>
      closed(key === '$ref' && typeof value === 'string' ? value.replace('/api/_definitions.json#', '#') : value),
    )
    writeFileSync(join(to, name), text)
  }
}

function closed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return 'properties' in value &&
    typeof value.properties === 'object' &&
    'type' in value &&
    !('additionalProperties' in value)
    ? { ...value, additionalProperties: false }
    : value
}
