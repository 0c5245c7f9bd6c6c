/** The manifests of `deploy/kubernetes`, the dashboard, and what the chart holds a copy of. Needs no Helm and no cluster. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkSharing } from '../../src/app/sources.ts'
import { copiedFiles, differing } from '../../tools/kubernetes-manifests.ts'
import { runCali } from '../support/program.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import {
  documentsOf,
  metricNames,
  metricsIn,
  type Pod,
  podFaults,
  podsOf,
  probes,
  secretsOf,
  settingsOf,
  unknownVariables,
} from './kubernetes-documents.ts'

const DEPLOY = new URL('../../deploy/', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, DEPLOY), 'utf8').replaceAll('\r\n', '\n')
const FILES = readdirSync(fileURLToPath(new URL('kubernetes/', DEPLOY))).filter((name) => name.endsWith('.yaml'))
const README = read('kubernetes/README.md')

const documents = FILES.flatMap((name) => documentsOf(read(`kubernetes/${name}`)))
const pods = podsOf(documents)
const podOf = (component: string): Pod => pods.find((pod) => pod.component === component) as Pod

describe('the chart', () => {
  it('holds what its originals hold: dashboard, Fluent Bit, the schema of the settings', () => {
    expect(differing(copiedFiles())).toEqual([])
  })
})

describe('the pods of deploy/kubernetes', () => {
  it('are those of all components and jobs', () => {
    expect(pods.map(({ component, kind }) => `${kind} ${component}`).sort()).toEqual([
      'CronJob archive-compact',
      'CronJob probe',
      'CronJob weekly-report',
      'Deployment api',
      'Deployment worker',
      'Job setup',
      'StatefulSet consumer',
    ])
  })

  it('have no right that they do not need, and the right probes', () => {
    expect(pods.flatMap(podFaults)).toEqual([])
  })

  it('would be found out if they had', () => {
    const { spec, container, ...pod } = podOf('worker')
    const worse: Pod = {
      ...pod,
      annotations: {},
      spec: { ...spec, automountServiceAccountToken: true, volumes: [{ name: 'node', hostPath: {} }] },
      container: { ...container, securityContext: {}, livenessProbe: { httpGet: { path: '/readyz', port: 'web' } } },
    }
    expect(podFaults(worse)).toEqual([
      'cali-worker runs as root',
      'cali-worker keeps capabilities',
      'cali-worker may gain rights',
      'cali-worker may write to its image',
      'cali-worker has a token of the cluster',
      'cali-worker mounts the node',
      'cali-worker sends its own lines to itself',
      'cali-worker does not restart when a setting changes',
      'cali-worker is restarted for others',
      'cali-worker has a probe of a port that it has not',
    ])
  })

  it.each(pods.map((pod) => [pod.component, pod] as const))('%s: the program accepts its settings', (_, pod) => {
    expect(unknownVariables(pod)).toEqual([])
    const config = settingsOf(pod, documents)
    expect(config.server.host).toBe('0.0.0.0')
    expect(config.dataDir).toBe(pod.container.volumeMounts.find(({ name }) => name === 'data')?.mountPath)
    if (pod.container.ports !== undefined) {
      expect(config.server.token).toBeDefined()
      expect(pod.container.ports).toEqual([{ name: 'http', containerPort: config.server.port }])
    }
  })

  it('consumer: may share the stream, under the name of its pod', () => {
    const pod = podOf('consumer')
    const config = settingsOf(pod, documents)
    // By a variable: what "cali doctor" in the pod reads too.
    expect(config.consumer.runner).toBe('kcl')
    expect(pod.container.args).toEqual(['consume', '--no-delivery'])
    expect(() => checkSharing(config)).not.toThrow()
    expect(pod.container.env.find(({ name }) => name === 'CALI_KCL_WORKER_ID')?.valueFrom).toEqual({
      fieldRef: { fieldPath: 'metadata.name' },
    })
    expect(pod.spec.terminationGracePeriodSeconds).toBe(60)
  })

  it.each(pods.map((pod) => [pod.container.args.join(' '), pod.container.args] as const))(
    'the program knows "%s"',
    async (_, args) => {
      const words = args.filter((arg) => !arg.startsWith('--'))
      const help = await runCali([...words, '--help'])
      expect(help.code, help.stderr).toBe(0)
      expect(help.stdout).toContain(`Usage: cali ${words.join(' ')}`)
      for (const flag of args.filter((arg) => arg.startsWith('--'))) expect(help.stdout).toContain(flag)
    },
  )

  it('have the secrets that they need: only the worker has that of Slack', () => {
    const holders = (secret: string) =>
      pods.filter((pod) => secretsOf(pod).includes(secret)).map((pod) => pod.component)
    expect(holders('cali-slack').sort()).toEqual(['weekly-report', 'worker'])
    expect(holders('cali-openai').sort()).toEqual(['setup', 'worker'])
    expect(holders('cali-token').sort()).toEqual(['api', 'consumer', 'worker'])
    expect(secretsOf(podOf('archive-compact'))).toEqual([])
  })

  it('leave messages to the worker', () => {
    expect(podOf('consumer').container.args).toContain('--no-delivery')
    expect(podOf('api').container.args).toContain('--no-delivery')
    expect(podOf('worker').container.args).toEqual(['work'])
  })
})

describe('the address in messages', () => {
  it('is that of the Ingress', () => {
    const [ingress, ...others] = documents.filter(({ kind }) => kind === 'Ingress')
    expect(others).toEqual([])
    for (const pod of pods)
      expect(settingsOf(pod, documents).server.publicUrl).toBe(`https://${ingress?.spec.rules[0].host}`)
  })
})

describe('a server with a token', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ events: 0, config: { server: { token: 'a-token-of-more-than-16-letters' } } })
  })
  afterAll(() => server.stop())

  it('answers the probes of all pods without it, since the kubelet has none', async () => {
    const paths = new Set(pods.flatMap(({ container }) => probes(container)).map(({ httpGet }) => httpGet.path))
    expect([...paths].sort()).toEqual(['/healthz', '/readyz'])
    for (const path of paths) expect([path, (await fetch(server.url + path)).status]).toEqual([path, 200])
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401)
  })
})

describe('the network policies', () => {
  const policies = documents.filter(({ kind }) => kind === 'NetworkPolicy')
  const selects = (policy: (typeof policies)[number], pod: Pod): boolean =>
    Object.entries(policy.spec.podSelector.matchLabels).every(([key, value]) => pod.labels[key] === value)

  it('let nothing into any pod unless another one says so', () => {
    const [closed] = policies.filter(({ spec }) => spec.policyTypes.includes('Egress'))
    expect(closed?.spec.ingress).toEqual([])
    expect(pods.filter((pod) => closed === undefined || !selects(closed, pod))).toEqual([])
  })

  it('open the ports of the engines, and of the metadata address only that of Pod Identity', () => {
    const egress = policies.flatMap(({ spec }) => spec.egress ?? []) as {
      to: { ipBlock?: { cidr: string; except?: string[] } }[]
      ports: { port: number }[]
    }[]
    const open = (cidr: string) =>
      egress
        .filter(({ to }) => to.some(({ ipBlock }) => ipBlock?.cidr === cidr))
        .flatMap(({ ports }) => ports.map(({ port }) => port))
    expect(open('0.0.0.0/0')).toEqual([443, 5432])
    expect(open('169.254.170.23/32')).toEqual([80])
    for (const { to } of egress)
      for (const { ipBlock } of to)
        if (ipBlock?.cidr === '0.0.0.0/0') expect(ipBlock.except).toEqual(['169.254.0.0/16'])
  })
})

const metrics = metricNames()

describe('the alerts', () => {
  interface Rule {
    readonly alert: string
    readonly expr: string
    readonly labels: { readonly severity: string }
    readonly annotations: Readonly<Record<string, string>>
  }
  const rules = documents.find(({ kind }) => kind === 'PrometheusRule')?.spec.groups[0].rules as readonly Rule[]

  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s: asks for metrics that there are', (_, { expr }) => {
    expect(metricsIn(expr).filter((name) => !metrics.has(name))).toEqual([])
    expect(metricsIn(expr).length + (expr.match(/\bup\{/g) ?? []).length).toBeGreaterThan(0)
  })

  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s: says what is, and what to do', (_, rule) => {
    expect(Object.keys(rule.annotations)).toEqual(['summary', 'description', 'runbook'])
    expect(rule.annotations['runbook']).toMatch(/^1\. .+ 2\. .+ 3\. /)
    expect(['warning', 'critical']).toContain(rule.labels.severity)
    expect(read('helm/cali/README.md')).toContain(`| \`${rule.alert}\` |`)
  })

  it('wait for as many pods as there are', () => {
    const missing = rules.find(({ alert }) => alert === 'CaliPodsMissing')?.expr ?? ''
    for (const { kind, metadata, spec } of documents)
      if (kind === 'Deployment' || kind === 'StatefulSet')
        expect(missing).toMatch(new RegExp(`service="${metadata.name}".* < ${spec.replicas}(?:\\s|$)`, 'm'))
  })
})

describe('the dashboard', () => {
  interface Panel {
    readonly id: number
    readonly title: string
    readonly description: string
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
    readonly targets: readonly { readonly expr: string }[]
    readonly fieldConfig: { readonly defaults: { readonly unit: string } }
  }
  const { panels, uid } = JSON.parse(read('grafana/cali.json')) as { panels: readonly Panel[]; uid: string }

  it('asks for metrics that there are, and for each of them', () => {
    const asked = new Set(panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr))))
    expect([...asked].filter((name) => !metrics.has(name))).toEqual([])
    expect([...metrics].filter((name) => !asked.has(name))).toEqual([])
  })

  it('explains each panel, with a unit, and none covers another', () => {
    const cells = new Set<string>()
    for (const { title, description, gridPos, fieldConfig } of panels) {
      expect([title, description, fieldConfig.defaults.unit].filter((text) => text.length === 0)).toEqual([])
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x},${y}`), `${title} at ${x},${y}`).toBe(false)
          cells.add(`${x},${y}`)
        }
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    expect(uid).toBe('cali')
  })
})

describe('the README of deploy/kubernetes', () => {
  it('names every file, and none that is not there', () => {
    const named = [...README.matchAll(/^\| `([a-z-]+\.yaml)` \|/gm)].map(([, name]) => name)
    expect(named.sort()).toEqual([...FILES].sort())
    for (const [, path] of README.matchAll(/-f deploy\/kubernetes\/(\S+)/g)) expect(FILES).toContain(path)
  })

  it('makes every Secret that a pod mounts, with its key', () => {
    const wanted = pods.flatMap(({ spec }) =>
      spec.volumes.flatMap(({ projected }) => projected?.sources ?? []).map(({ secret }) => secret),
    )
    for (const { name, items } of wanted)
      expect(README).toContain(`create secret generic ${name} --from-file=${items[0]?.key}=`)
  })

  it('names what is to be replaced as it stands in the files', () => {
    const rows = README.slice(README.indexOf('## Replace'), README.indexOf('## Apply'))
    const placeholders = [...rows.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? '')
    const all = FILES.map((name) => read(`kubernetes/${name}`)).join('\n')
    for (const text of placeholders.filter((word) => !/\.yaml$|^eks\./.test(word))) expect(all).toContain(text)
    for (const value of new Set(all.match(/[\w./:-]*example[\w./:-]*/g))) expect(rows).toContain(value)
  })
})
