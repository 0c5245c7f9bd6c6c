/** Documents of Kubernetes as the tests of chart and manifests read them, and what every pod of CALI must be. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { type Config, configSchema, readConfig, SECRET_KEYS } from '../../src/app/config.ts'
import { configKeys } from '../../src/platform/config/load.ts'

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}

export interface Container {
  readonly image: string
  readonly args: readonly string[]
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly startupProbe?: Probe
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
  readonly resources?: { readonly requests?: object; readonly limits?: { readonly memory?: string } }
  readonly securityContext?: Readonly<Record<string, unknown>>
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[]
}

export interface Volume {
  readonly name: string
  readonly emptyDir?: { readonly sizeLimit?: string }
  readonly configMap?: { readonly name: string }
  readonly hostPath?: object
  readonly persistentVolumeClaim?: object
  readonly projected?: {
    readonly sources: readonly {
      readonly secret: { readonly name: string; readonly items: readonly { key: string; path: string }[] }
    }[]
  }
}

export interface PodSpec {
  readonly serviceAccountName: string
  readonly automountServiceAccountToken?: boolean
  readonly enableServiceLinks?: boolean
  readonly terminationGracePeriodSeconds?: number
  readonly topologySpreadConstraints?: readonly object[]
  readonly priorityClassName?: string
  readonly securityContext?: Readonly<Record<string, unknown>>
  readonly containers: readonly Container[]
  readonly volumes: readonly Volume[]
}

export interface KubernetesDocument {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  // biome-ignore lint/suspicious/noExplicitAny: each kind has another one; tests that read it fail where it is not there
  readonly spec?: any
  readonly data?: Readonly<Record<string, string>>
  readonly automountServiceAccountToken?: boolean
  readonly rules?: unknown
}

export const documentsOf = (text: string): readonly KubernetesDocument[] =>
  parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0]
    const value = document.toJS() as KubernetesDocument | null
    return value === null ? [] : [value]
  })

export interface Pod {
  readonly name: string
  readonly kind: string
  readonly component: string
  readonly annotations: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly spec: PodSpec
  readonly container: Container
}

/** The pods of CALI's own components; Fluent Bit's are those of deploy/fluent-bit, which has tests of its own. */
export function podsOf(documents: readonly KubernetesDocument[]): readonly Pod[] {
  return documents.flatMap(({ kind, metadata, spec }) => {
    const template = spec?.jobTemplate?.spec.template ?? spec?.template
    if (template === undefined || kind === 'DaemonSet') return []
    const component = metadata.labels?.['app.kubernetes.io/component'] ?? ''
    const { annotations = {}, labels = {} } = template.metadata
    return [
      {
        name: metadata.name,
        kind,
        component,
        annotations,
        labels,
        spec: template.spec,
        container: template.spec.containers[0],
      },
    ]
  })
}

const SERVED = new Set(['consumer', 'api', 'worker'])

/** Where a pod is less than it should be: rights, probes, limits, volumes. */
export function podFaults({ name, component, annotations, spec, container }: Pod): readonly string[] {
  const { securityContext: own = {}, volumeMounts } = container
  const limits = container.resources?.limits
  const faults: readonly (readonly [string, boolean])[] = [
    ['runs as root', spec.securityContext?.['runAsNonRoot'] !== true || own['runAsNonRoot'] !== true],
    ['is not the user 65532', spec.securityContext?.['runAsUser'] !== 65532],
    ['has no seccomp profile', !isDeepEqual(spec.securityContext?.['seccompProfile'], { type: 'RuntimeDefault' })],
    ['keeps capabilities', !isDeepEqual(own['capabilities'], { drop: ['ALL'] })],
    ['may gain rights', own['allowPrivilegeEscalation'] !== false],
    ['may write to its image', own['readOnlyRootFilesystem'] !== true],
    ['has a token of the cluster', spec.automountServiceAccountToken !== false],
    ['has variables of Services', spec.enableServiceLinks !== false],
    ['shares an account', !spec.serviceAccountName.endsWith(`-${component}`)],
    ['mounts the node', spec.volumes.some(({ hostPath }) => hostPath !== undefined)],
    [
      'has a folder without bound',
      spec.volumes.some(({ emptyDir }) => emptyDir !== undefined && emptyDir.sizeLimit === undefined),
    ],
    ['has no limit of memory', limits?.memory === undefined],
    ['has no requests', container.resources?.requests === undefined],
    [
      'may change settings or secrets',
      volumeMounts.some((mount) => ['config', 'secrets'].includes(mount.name) && mount.readOnly !== true),
    ],
    ['sends its own lines to itself', annotations['fluentbit.io/exclude'] !== 'true'],
    ['does not restart when a setting changes', annotations['checksum/config'] === undefined],
    ['is started before it answers', SERVED.has(component) && container.startupProbe?.httpGet.path !== '/healthz'],
    ['is restarted for others', SERVED.has(component) && container.livenessProbe?.httpGet.path !== '/healthz'],
    [
      'is asked for readiness and should not be, or the other way round',
      (container.readinessProbe?.httpGet.path === '/readyz') !== (component === 'api'),
    ],
    [
      'has a probe of a port that it has not',
      probes(container).some(({ httpGet }) => !container.ports?.some((port) => port.name === httpGet.port)),
    ],
  ]
  return faults.filter(([, wrong]) => wrong).map(([fault]) => `${name} ${fault}`)
}

export const probes = ({ startupProbe, livenessProbe, readinessProbe }: Container): readonly Probe[] =>
  [startupProbe, livenessProbe, readinessProbe].filter((probe) => probe !== undefined)

const isDeepEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const KEYS = configKeys(configSchema, SECRET_KEYS)
const KNOWN = new Set(KEYS.flatMap(({ variable }) => [variable, `${variable}_FILE`]))
/** Read by the command line itself. */
KNOWN.add('CALI_CONFIG')

/** Variables beginning with CALI_ that the program does not read. */
export const unknownVariables = ({ container }: Pod): readonly string[] =>
  container.env.map(({ name }) => name).filter((name) => name.startsWith('CALI_') && !KNOWN.has(name))

/** What an accepted secret looks like, by setting. */
const SECRETS: Readonly<Record<string, string>> = {
  'server.token': 'a-token-of-more-than-16-letters',
  'postgres.url': 'postgres://cali:password@db.example.com:5432/cali',
  'slack.botToken': 'xoxb-1',
  'slack.appToken': 'xapp-1',
  'slack.webhookUrl': 'https://hooks.example.com/1',
}

/** Reads the settings as the program in this pod would: the file of its config map, its variables, its secrets. */
export function settingsOf(pod: Pod, documents: readonly KubernetesDocument[]): Config {
  const folder = mkdtempSync(join(tmpdir(), 'cali-deploy-'))
  try {
    const name = pod.spec.volumes.find((volume) => volume.name === 'config')?.configMap?.name
    const map = documents.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name)
    writeFileSync(join(folder, 'cali.yaml'), map?.data?.['cali.yaml'] ?? `no config map ${name}`)
    const mounted = pod.spec.volumes
      .flatMap(({ projected }) => projected?.sources ?? [])
      .flatMap(({ secret }) => secret.items.map(({ path }) => path))
    const environment = Object.fromEntries(
      pod.container.env.map(({ name: variable, value }) => {
        if (!variable.endsWith('_FILE')) return [variable, value ?? 'from-the-cluster'] as const
        const file = basename(value ?? '')
        if (!mounted.includes(file)) throw new Error(`${pod.name}: ${variable} names ${file}, which is not mounted`)
        const setting = KEYS.find((key) => `${key.variable}_FILE` === variable)?.path ?? ''
        writeFileSync(join(folder, file), `${SECRETS[setting] ?? 'secret'}\n`)
        return [variable, join(folder, file)] as const
      }),
    )
    return readConfig({ environment, file: join(folder, 'cali.yaml') }).value
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Names of Secrets that a pod mounts. */
export const secretsOf = ({ spec }: Pod): readonly string[] =>
  spec.volumes.flatMap(({ projected }) => projected?.sources ?? []).map(({ secret }) => secret.name)

export const metricsIn = (expression: string): readonly string[] => expression.match(/\bcali_[a-z_]+/g) ?? []

/** Metrics of GET /metrics. */
export function metricNames(): ReadonlySet<string> {
  const source = readFileSync(new URL('../../src/api/routes/metrics.ts', import.meta.url), 'utf8')
  return new Set([...source.matchAll(/'(cali_[a-z_]+)'/g)].map(([, name]) => name ?? ''))
}
