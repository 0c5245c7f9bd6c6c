/** The chart, by the real Helm: lint, what is rendered for each file of ci/, and what is refused. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { CHART, differing, findHelm, manifests, renderChart, runHelm } from '../../tools/kubernetes-manifests.ts'
import {
  documentsOf,
  type KubernetesDocument,
  type Pod,
  podFaults,
  podsOf,
  secretsOf,
  settingsOf,
  unknownVariables,
} from './kubernetes-documents.ts'

const found = findHelm()
const helm = found ?? 'helm'
const chart = describe.skipIf(found === undefined)
const title = (text: string): string =>
  found === undefined
    ? `${text} (SKIPPED: no Helm 4. Run "go install helm.sh/helm/v4/cmd/helm@v4.3.1", or name it in CALI_HELM)`
    : text

const CI = readdirSync(join(CHART, 'ci'))
const valuesOf = (name: string): string => join(CHART, 'ci', `${name}-values.yaml`)

function render(name: string, ...set: readonly string[]): readonly KubernetesDocument[] {
  const { code, stdout, stderr } = renderChart(
    helm,
    valuesOf(name),
    set.flatMap((value) => ['--set', value]),
  )
  if (code !== 0) throw new Error(stderr)
  return documentsOf(stdout)
}
const podOf = (documents: readonly KubernetesDocument[], component: string): Pod => {
  const pod = podsOf(documents).find((each) => each.component === component)
  if (pod === undefined) throw new Error(`no pod of ${component}`)
  return pod
}
const one = (documents: readonly KubernetesDocument[], kind: string, name?: string): KubernetesDocument => {
  const document = documents.find((each) => each.kind === kind && (name === undefined || each.metadata.name === name))
  if (document === undefined) throw new Error(`no ${kind}`)
  return document
}

/** Ports that are open to the engines. */
const portsOf = (documents: readonly KubernetesDocument[]): number[] =>
  one(documents, 'NetworkPolicy', 'cali').spec.egress[1].ports.map(({ port }: { port: number }) => port)

chart(title('the chart'), () => {
  it.each(CI)('lints without a warning with %s', (file) => {
    const { code, stdout, stderr } = runHelm(helm, ['lint', '--strict', CHART, '--values', join(CHART, 'ci', file)])
    expect([code, `${stdout}${stderr}`.match(/\[(?:WARNING|ERROR)\].*/g)]).toEqual([0, null])
  })

  it.each(CI)('renders pods with no right too many, and settings that the program accepts, with %s', (file) => {
    const documents = render(file.replace('-values.yaml', ''))
    const pods = podsOf(documents)
    expect(pods.length).toBeGreaterThan(0)
    expect(pods.flatMap(podFaults)).toEqual([])
    expect(pods.flatMap(unknownVariables)).toEqual([])
    for (const pod of pods) expect(settingsOf(pod, documents).server.host).toBe('0.0.0.0')
    const accounts = documents.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name)
    expect(pods.map(({ spec }) => spec.serviceAccountName).filter((name) => !accounts.includes(name))).toEqual([])
  })

  it('is what deploy/kubernetes was rendered from', () => {
    expect(differing(manifests(helm))).toEqual([])
  })

  it('needs each of the minimal values', () => {
    for (const set of ['image.repository=', 'secrets.serverToken.name=', 'secrets.postgresUrl.name='])
      expect(() => render('minimal', set)).toThrow(set.replace('=', ' is empty'))
    const text = readFileSync(valuesOf('minimal'), 'utf8')
    expect(Object.keys(parse(text))).toEqual(['image', 'config', 'secrets'])
  })

  it('is named after its release, and goes to the namespace of that', () => {
    const other = runHelm(helm, ['template', 'prod', CHART, '--namespace', 'logs', '--values', valuesOf('minimal')])
    expect(documentsOf(other.stdout).find(({ kind }) => kind === 'StatefulSet')?.metadata).toMatchObject({
      name: 'prod-cali-consumer',
      namespace: 'logs',
    })
    expect(one(render('minimal'), 'StatefulSet').metadata.name).toBe('cali-consumer')
  })

  it('lets consumer and api send messages where there is no worker, and gives them the secrets for it', () => {
    const documents = render('minimal', 'worker.enabled=false', 'secrets.slackBotToken.name=cali-slack')
    for (const component of ['consumer', 'api']) {
      const pod = podOf(documents, component)
      expect(pod.container.args).not.toContain('--no-delivery')
      expect(secretsOf(pod)).toContain('cali-slack')
    }
  })

  it('keeps one pod with its volume where the state is local', () => {
    const documents = render('single', 'localState.readStream=true', 'config.kinesis.stream=logs')
    expect(
      podsOf(documents)
        .map(({ component }) => component)
        .sort(),
    ).toEqual(['api', 'setup'])
    expect(podOf(documents, 'api').container.args).toEqual(['serve', '--kinesis'])
    expect(one(documents, 'Deployment').spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } })
    expect(one(documents, 'PersistentVolumeClaim').metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' })
  })

  it('gives the setup job everything it needs before anything else is there', () => {
    const documents = render('complete')
    const pod = podOf(documents, 'setup')
    const weight = ({ metadata }: KubernetesDocument): number => Number(metadata.annotations?.['helm.sh/hook-weight'])
    const job = one(documents, 'Job')
    const needs = [
      one(documents, 'ServiceAccount', pod.spec.serviceAccountName),
      one(documents, 'ConfigMap', pod.spec.volumes.find(({ name }) => name === 'config')?.configMap?.name),
    ]
    for (const document of [...needs, job])
      expect(document.metadata.annotations?.['helm.sh/hook']).toBe('pre-install,pre-upgrade')
    for (const document of needs) expect(weight(document)).toBeLessThan(weight(job))
  })

  it('restarts pods when a setting changes, and only then', () => {
    const checksum = (...set: string[]) => podOf(render('minimal', ...set), 'api').annotations['checksum/config']
    expect(checksum('config.lang=ko')).not.toBe(checksum())
    expect(checksum('api.replicas=3')).toBe(checksum())
  })

  it('scales by shards and lag, and leaves the number of pods to KEDA then', () => {
    const documents = render('complete')
    expect(one(documents, 'StatefulSet').spec.replicas).toBeUndefined()
    const { spec } = one(documents, 'ScaledObject')
    // 40 shards, 12 leases: 4 pods read everything, half as many again stand by.
    expect([spec.minReplicaCount, spec.maxReplicaCount, spec.scaleTargetRef.name]).toEqual([2, 6, 'cali-consumer'])
    expect(spec.triggers.map(({ type }: { type: string }) => type)).toEqual(['aws-kinesis-stream', 'prometheus'])
    const cloudwatch = render('complete', 'keda.lag.source=cloudwatch')
    expect(one(cloudwatch, 'ScaledObject').spec.triggers[1].metadata).toMatchObject({
      metricName: 'GetRecords.IteratorAgeMilliseconds',
      targetMetricValue: '120000',
    })
  })

  it('tells of a probe that does not arrive where there is one, by a job or by itself', () => {
    const alerts = (...set: string[]): string[] =>
      one(
        render('minimal', 'monitoring.prometheusRule.enabled=true', ...set),
        'PrometheusRule',
      ).spec.groups[0].rules.map(({ alert }: { alert: string }) => alert)
    expect(alerts()).not.toContain('CaliProbeStale')
    expect(alerts('config.probe.interval=0s')).not.toContain('CaliProbeStale')
    expect(alerts('config.probe.interval=1m')).toContain('CaliProbeStale')
    expect(alerts('jobs.probe.enabled=true')).toContain('CaliProbeStale')
  })

  it('reads /metrics with the token of the Secret', () => {
    expect(one(render('complete'), 'ServiceMonitor').spec.endpoints[0]).toMatchObject({
      path: '/metrics',
      authorization: { type: 'Bearer', credentials: { name: 'cali-token', key: 'token' } },
    })
  })

  it('opens the ports of the engines that are used', () => {
    const ports = (name: string) => portsOf(render(name))
    expect(ports('minimal')).toEqual([443, 5432])
    expect(ports('single')).toEqual([443])
    expect(ports('complete').toSorted((a, b) => a - b)).toEqual([443, 5432, 9200, 19530])
  })

  it.each([
    ['telemetry.tracesUrl', 'http://otel-collector:4318/v1/traces', 4318],
    ['openai.baseUrl', 'http://llm.models.svc/v1', 80],
    ['openai.embeddingUrl', 'http://user@embeddings:8080', 8080],
    ['slack.apiUrl', 'https://proxy.example.com:8443/api/', 8443],
    ['kinesis.endpoint', 'http://emulator:4566', 4566],
    ['aws.endpoint', 'HTTP://[fd00::1]:4567', 4567],
    ['opensearch.url', 'http://[fd00::1]', 80],
  ])('opens the port of config.%s', (key, address, port) => {
    expect(portsOf(render('minimal', `config.${key}=${address}`))).toEqual([443, 5432, port])
    expect(portsOf(render('minimal', `config.${key}=https://other.example.com/path`))).toEqual([443, 5432])
  })

  it('never opens the address at which a node lends its role', () => {
    const documents = render('minimal', 'networkPolicy.egressCidrs={0.0.0.0/0,::/0}')
    expect(one(documents, 'NetworkPolicy', 'cali').spec.egress[1].to).toEqual([
      { ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } },
      { ipBlock: { cidr: '::/0', except: ['fd00:ec2::254/128'] } },
    ])
  })

  it('leads links in messages to the Ingress, unless another address is set', () => {
    const ingress = ['ingress.enabled=true', 'ingress.host=a.example.com', 'ingress.tls.byController=true']
    const from = [...ingress, 'networkPolicy.apiFrom={ingress-nginx}']
    const address = (...set: string[]) => {
      const documents = render('minimal', ...set)
      return settingsOf(podOf(documents, 'worker'), documents).server.publicUrl
    }
    expect(address()).toBeUndefined()
    expect(address('ingress.host=a.example.com')).toBeUndefined()
    expect(address(...from)).toBe('https://a.example.com')
    expect(address(...from, 'config.server.publicUrl=https://b.example.com')).toBe('https://b.example.com')
  })

  it('reads by the KCL, and says so to "cali doctor" in the pod', () => {
    const documents = render('minimal', 'config.consumer.runner=poll')
    expect(settingsOf(podOf(documents, 'consumer'), documents).consumer.runner).toBe('kcl')
  })

  it('says what was installed, how to see it and what to check', () => {
    const notes = (name: string): string =>
      runHelm(helm, [
        'install',
        'cali',
        CHART,
        '--namespace',
        'cali',
        '--values',
        valuesOf(name),
        '--dry-run=client',
      ]).stdout.split('NOTES:')[1] ?? ''
    expect(notes('minimal')).toContain('port-forward svc/cali-api 7070:7070')
    expect(notes('kubernetes')).toContain('exec sts/cali-consumer -- node bin/cali.js doctor')
    expect(notes('complete')).toContain('https://cali.example.com')
    expect(notes('complete')).toContain('helm upgrade --install cali deploy/helm/cali --namespace cali')
    expect(notes('complete')).toContain('--timeout 12m')
    expect(notes('minimal')).toContain('nobody yet: messages are shown on the page /slack')
    expect(notes('single')).toContain('everything on one volume of 20Gi')
  })
})

chart(title('the examples in the README of the chart'), () => {
  const examples = [...readFileSync(join(CHART, 'README.md'), 'utf8').matchAll(/^( *)```yaml\r?\n([\s\S]*?)^ *```/gm)]
  const texts = examples.map(([, indent = '', text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))

  function rendered(text: string, ...set: readonly string[]): readonly KubernetesDocument[] {
    const folder = mkdtempSync(join(tmpdir(), 'cali-readme-'))
    try {
      const file = join(folder, 'values.yaml')
      writeFileSync(file, text)
      const { code, stdout, stderr } = renderChart(helm, file, set)
      if (code !== 0) throw new Error(stderr)
      return documentsOf(stdout)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  it('install as they stand: those for other networks beside the minimal values', () => {
    const [install = '', networks = '', balancer = '', ...others] = texts
    expect(others).toEqual([])
    const documents = rendered(install)
    expect(settingsOf(podOf(documents, 'worker'), documents).server.publicUrl).toBe('https://cali.example.com')
    const { egress } = one(rendered(networks, '--values', valuesOf('minimal')), 'NetworkPolicy', 'cali').spec
    expect(egress.slice(3)).toEqual(parse(networks).networkPolicy.extraEgress)
    const ingress = one(rendered(balancer, '--values', valuesOf('minimal')), 'Ingress')
    expect(ingress.metadata.annotations?.['alb.ingress.kubernetes.io/healthcheck-path']).toBe('/readyz')
  })
})

chart(title('Fluent Bit in the chart'), () => {
  const read = (name: string): string =>
    readFileSync(new URL(`../../deploy/fluent-bit/${name}`, import.meta.url), 'utf8').replaceAll('\r\n', '\n')
  const original = documentsOf(read('kubernetes.yaml'))

  it('is the manifest and the configuration of deploy/fluent-bit, but for names, stream and region', () => {
    const documents = render('complete', 'config.kinesis.region=eu-west-1').filter(
      ({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'fluent-bit',
    )
    const data = one(documents, 'ConfigMap').data ?? {}
    expect(data['fluent-bit.yaml']?.trim()).toBe(read('kubernetes-to-kinesis.yaml').trim())
    expect(data['parsers.yaml']?.trim()).toBe(read('parsers.yaml').trim())
    expect(data['cali.lua']?.trim()).toBe(read('cali.lua').trim())
    const spec = structuredClone(one(documents, 'DaemonSet').spec.template.spec)
    const wanted = structuredClone(one(original, 'DaemonSet').spec.template.spec)
    const variable = (pod: typeof spec, name: string) =>
      pod.containers[0].env.find((each: { name: string }) => each.name === name)
    expect(variable(spec, 'AWS_REGION').value).toBe('eu-west-1')
    variable(wanted, 'AWS_REGION').value = 'eu-west-1'
    wanted.serviceAccountName = 'fluent-bit-cali'
    wanted.volumes[0].configMap.name = 'fluent-bit-cali'
    expect(spec).toEqual(wanted)
    expect(one(documents, 'ClusterRole')).toMatchObject({ rules: one(original, 'ClusterRole').rules })
  })

  it('lives in a namespace of its own, and leaves out its own lines', () => {
    const documents = render('complete')
    const { metadata, spec } = one(documents, 'DaemonSet')
    expect([metadata.namespace, metadata.name]).toEqual(['logging', 'fluent-bit-cali'])
    expect(spec.template.metadata.annotations['fluentbit.io/exclude']).toBe('true')
    expect(spec.selector.matchLabels).toMatchObject({ 'app.kubernetes.io/component': 'fluent-bit' })
    const { labels, annotations } = one(documents, 'Namespace').metadata
    expect(labels?.['pod-security.kubernetes.io/enforce']).toBe('privileged')
    // Others may live in it by the time of an uninstall.
    expect(annotations).toEqual({ 'helm.sh/resource-policy': 'keep' })
    expect(render('complete', 'fluentBit.createNamespace=false').some(({ kind }) => kind === 'Namespace')).toBe(false)
  })
})

describe('the README of the chart', () => {
  const text = readFileSync(join(CHART, 'README.md'), 'utf8')
  const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as Record<string, object>
  const { properties } = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as { properties: object }

  it('explains every key of values.yaml, and the schema knows it', () => {
    const rows = text
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|')[1] ?? '')
    expect(Object.keys(values).filter((key) => !rows.some((row) => row.includes(`\`${key}\``)))).toEqual([])
    expect(Object.keys(properties).sort()).toEqual([...Object.keys(values), 'global'].sort())
  })

  it('names each secret and each job', () => {
    for (const key of [...Object.keys(values['secrets'] ?? {}), ...Object.keys(values['jobs'] ?? {})])
      expect(text).toContain(`\`${key}\``)
  })
})
