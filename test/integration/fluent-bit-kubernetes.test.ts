/** The manifest of `deploy/fluent-bit` beside the configuration that it carries. */
import { describe, expect, it } from 'vitest'
import { parseAllDocuments, parse as parseYaml } from 'yaml'
import {
  CONTAINER_ID,
  KUBERNETES,
  only,
  readDeployed,
  readPipeline,
  reads,
  seconds,
  setting,
  variablesIn,
} from '../support/fluent-bit.ts'

describe('the Kubernetes manifest', () => {
  interface Mount {
    readonly name: string
    readonly mountPath: string
    readonly readOnly?: boolean
  }
  interface Variable {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } }
  }
  interface Probe {
    readonly httpGet: { readonly path: string; readonly port: string }
  }
  interface PodSpec {
    readonly serviceAccountName: string
    readonly terminationGracePeriodSeconds: number
    readonly containers: readonly {
      readonly args: readonly string[]
      readonly env: readonly Variable[]
      readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
      readonly livenessProbe: Probe
      readonly readinessProbe: Probe
      readonly volumeMounts: readonly Mount[]
    }[]
    readonly volumes: readonly {
      readonly name: string
      readonly hostPath?: { readonly path: string }
      readonly configMap?: { readonly name: string }
    }[]
  }
  interface Manifest {
    readonly kind: string
    readonly metadata: { readonly name: string; readonly namespace?: string }
    readonly rules?: readonly Record<'apiGroups' | 'resources' | 'verbs', readonly string[]>[]
    readonly roleRef?: { readonly name: string }
    readonly subjects?: readonly { readonly name: string; readonly namespace: string }[]
    readonly spec?: {
      readonly template: { readonly metadata: { readonly annotations: Record<string, string> }; readonly spec: PodSpec }
    }
  }
  const documents = parseAllDocuments(readDeployed('kubernetes.yaml')).map((document) => document.toJS() as Manifest)
  const kind = (name: string): Manifest => documents.find((document) => document.kind === name) as Manifest
  const template = kind('DaemonSet').spec?.template
  const pod = template?.spec as PodSpec
  const container = pod.containers[0] as PodSpec['containers'][number]
  const variables = new Map(container.env.map((variable) => [variable.name, variable]))
  const valueIn = (name: string): string => variables.get(name)?.value ?? ''
  /** The mount that a path lies in, and what is mounted there. */
  const mountOf = (path: string) => {
    const mount = container.volumeMounts
      .filter(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`))
      .sort((a, b) => b.mountPath.length - a.mountPath.length)[0]
    return { mount, volume: pod.volumes.find((volume) => volume.name === mount?.name) }
  }

  it.each(KUBERNETES)('sets every variable of %s but those of a local stream', (name) => {
    const local = ['KINESIS_HOST', 'KINESIS_PORT', 'KINESIS_CA_FILE']
    const missing = variablesIn(readDeployed(name)).filter((variable) => !variables.has(variable))
    expect(missing.filter((variable) => !local.includes(variable))).toEqual([])
  })

  it('mounts the logs of the node under their own paths, since they are links', () => {
    for (const path of [valueIn('CONTAINER_LOGS'), '/var/log/pods', '/var/lib/docker/containers']) {
      const { mount, volume } = mountOf(path)
      expect(volume?.hostPath?.path, path).toBe(mount?.mountPath)
      expect(mount?.readOnly, path).toBe(true)
    }
    expect(valueIn('KUBE_TAG_PREFIX')).toBe(`kube.${valueIn('CONTAINER_LOGS').slice(1).replaceAll('/', '.')}.`)
  })

  it('keeps positions and chunks on the node', () => {
    const { mount, volume } = mountOf(valueIn('EDGE_STATE'))
    expect([volume?.hostPath?.path, mount?.readOnly ?? false]).toEqual(['/var/lib/fluent-bit', false])
  })

  it('starts with the file that kustomization.yaml puts into the config map, beside parsers and script', () => {
    const { configMapGenerator } = parseYaml(readDeployed('kustomization.yaml')) as {
      configMapGenerator: { name: string; namespace: string; files: string[] }[]
    }
    const [generated] = configMapGenerator
    expect(generated).toMatchObject({ name: 'fluent-bit', namespace: kind('DaemonSet').metadata.namespace })
    expect(mountOf(valueIn('EDGE_CONF')).volume?.configMap?.name).toBe('fluent-bit')
    expect(generated?.files).toEqual(['fluent-bit.yaml=kubernetes-to-kinesis.yaml', 'parsers.yaml', 'cali.lua'])
    expect(container.args).toEqual(['-c', `${valueIn('EDGE_CONF')}/fluent-bit.yaml`])
  })

  it('lets the account of the pods get, list and watch pods and namespaces, and nothing else', () => {
    expect(kind('ClusterRole').rules).toEqual([
      { apiGroups: [''], resources: ['namespaces', 'pods'], verbs: ['get', 'list', 'watch'] },
    ])
    expect(kind('ClusterRoleBinding').roleRef?.name).toBe(kind('ClusterRole').metadata.name)
    expect(kind('ClusterRoleBinding').subjects).toMatchObject([
      { name: pod.serviceAccountName, namespace: kind('DaemonSet').metadata.namespace },
    ])
    expect(kind('ServiceAccount').metadata.name).toBe(pod.serviceAccountName)
  })

  it('names the node, because the host name in a pod is the pod', () => {
    expect(variables.get('EDGE_NODE')?.valueFrom?.fieldRef?.fieldPath).toBe('spec.nodeName')
  })

  it('is left out of its own logs', () => {
    expect(template?.metadata.annotations['fluentbit.io/exclude']).toBe('true')
    const file = `${kind('DaemonSet').metadata.name}-9xk2p_logging_fluent-bit-${CONTAINER_ID}.log`
    for (const name of KUBERNETES) expect([file].filter(reads(name))).toEqual([])
  })

  it('gives a stopping process longer than its last flush may take', () => {
    const { service, outputs } = readPipeline('kubernetes-to-kinesis.yaml')
    const longest = Number(setting(service, 'grace')) + seconds(setting(only(outputs), 'net.io_timeout'))
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(longest)
  })

  it('is not restarted because an endpoint is away', () => {
    const port = container.ports.find(({ containerPort }) => String(containerPort) === valueIn('EDGE_HTTP_PORT'))?.name
    expect(container.livenessProbe.httpGet).toEqual({ path: '/', port })
    expect(container.readinessProbe.httpGet).toEqual({ path: '/api/v1/health', port })
    expect(valueIn('EDGE_HTTP_LISTEN')).toBe('0.0.0.0')
  })
})
