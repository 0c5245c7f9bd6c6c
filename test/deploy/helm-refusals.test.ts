/** Values that the chart refuses before anything is installed, with the key and what is accepted. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CHART, findHelm, renderChart, runHelm } from '../../tools/kubernetes-manifests.ts'

const found = findHelm()
const helm = found ?? 'helm'
const MINIMAL = join(CHART, 'ci/minimal-values.yaml')
const missing =
  found === undefined
    ? ' (SKIPPED: no Helm 4. Run "go install helm.sh/helm/v4/cmd/helm@v4.3.1", or name it in CALI_HELM)'
    : ''

describe.skipIf(found === undefined)(`values that cannot work${missing}`, () => {
  const refused: readonly (readonly [string, readonly string[], string | RegExp])[] = [
    ['a negative number of pods', ['consumer.replicas=-1'], "at '/consumer/replicas': minimum: got -1, want 0"],
    ['no worker pods in a worker', ['worker.replicas=0'], "at '/worker/replicas': minimum: got 0, want 1"],
    [
      'a bucket name that is not one',
      ['config.s3.bucket=My_Bucket'],
      /'\/config\/s3\/bucket': 'My_Bucket' does not match pattern/,
    ],
    [
      'more leases than sane',
      ['config.kcl.maxLeases=1000'],
      "at '/config/kcl/maxLeases': maximum: got 1,000, want 200",
    ],
    [
      'resources of a wrong type',
      ['api.resources.limits.memory=true'],
      "at '/api/resources/limits/memory': got boolean",
    ],
    [
      'an amount that is none',
      ['api.resources.limits.memory=lots'],
      "at '/api/resources/limits/memory': 'lots' does not match",
    ],
    ['a key that there is not', ['consumer.replica=3'], "at '/consumer': additional properties 'replica' not allowed"],
    [
      'a setting that there is not',
      ['config.slack.chanel=ops'],
      "at '/config/slack': additional properties 'chanel' not allowed",
    ],
    [
      'a setting of a wrong type',
      ['config.archive.enabled=perhaps'],
      "at '/config/archive/enabled': got string, want boolean",
    ],
    ['a tag in the repository', ['image.repository=registry.example.com/cali@x'], "at '/image/repository'"],
    [
      'a secret in the settings',
      ['config.server.token=0123456789abcdef0'],
      'name an existing Secret in secrets.serverToken',
    ],
    [
      'a secret in the settings, whatever it looks like',
      ['config.slack.botToken=x'],
      'config.slack.botToken is a secret',
    ],
    ['a password in the settings', ['config.postgres.url=postgres://a:b@c/d'], 'config.postgres.url is a secret'],
    [
      'one worker name for all pods',
      ['config.kcl.workerId=a'],
      'config.kcl.workerId is set: all pods would have one name',
    ],
    ['another address to listen on', ['config.server.host=127.0.0.1'], 'config.server.host is "127.0.0.1"'],
    ['two stores of incidents', ['localState.enabled=true'], 'localState.enabled and secrets.postgresUrl are both set'],
    [
      'several pods on one volume',
      ['localState.enabled=true', 'secrets.postgresUrl.name='],
      'localState.enabled with api.replicas 2',
    ],
    [
      'an ingress without a certificate',
      ['ingress.enabled=true', 'ingress.host=a.example.com'],
      'ingress.enabled without ingress.tls.secretName',
    ],
    [
      'an ingress without a name',
      ['ingress.enabled=true', 'ingress.tls.secretName=a'],
      'ingress.enabled without ingress.host',
    ],
    [
      'an ingress that the network policy keeps out',
      ['ingress.enabled=true', 'ingress.host=a.example.com', 'ingress.tls.byController=true'],
      'ingress.enabled without networkPolicy.apiFrom',
    ],
    ['a consumer without a database', ['secrets.postgresUrl.name='], 'secrets.postgresUrl.name is empty'],
    ['a server without a token', ['secrets.serverToken.name='], 'secrets.serverToken.name is empty'],
    ['too little memory for Java', ['consumer.resources.limits.memory=768Mi'], 'At least 1280Mi is accepted'],
    ['too little time to stop', ['consumer.terminationGracePeriodSeconds=10'], 'is 10: archiving what is read'],
    ['too little time to give leases back', ['config.kcl.failover=60s'], '77 to 600 is accepted'],
    ['a failover in minutes, longer than the stop', ['config.kcl.failover=1m'], 'kcl.failover is 1m) takes up to 77 s'],
    [
      'a failover in milliseconds, rounded up',
      ['config.kcl.failover=50001'],
      'kcl.failover is 50001) takes up to 68 s',
    ],
    ['a failover that no pod has time for', ['config.kcl.failover=2h'], 'would take 7217 s'],
    ['a failover that is no duration', ['config.kcl.failover=soon'], 'config.kcl.failover is "soon"'],
    ['a report to nobody', ['jobs.weeklyReport.enabled=true'], 'there is nobody to send it to'],
    ['a knowledge sync to nothing', ['jobs.kbSync.enabled=true'], 'jobs.kbSync.enabled without config.milvus.address'],
    ['a probe that nobody reads', ['jobs.probe.enabled=true', 'consumer.enabled=false'], 'nobody would read the error'],
    [
      'a lag without a Prometheus',
      ['keda.enabled=true', 'keda.lag.source=prometheus'],
      'without keda.lag.prometheusUrl',
    ],
    [
      'more pods at least than at most',
      ['keda.enabled=true', 'keda.minReplicas=9'],
      'keda.minReplicas is 9, above the largest number of pods (2)',
    ],
    [
      'more api pods at least than at most',
      ['api.autoscaling.enabled=true', 'api.autoscaling.minReplicas=9'],
      'api.autoscaling.minReplicas is 9, above api.autoscaling.maxReplicas (6)',
    ],
    [
      'a token that travels unencrypted',
      ['api.service.type=LoadBalancer'],
      "at '/api/service/type': value must be one of 'ClusterIP', 'NodePort'",
    ],
    [
      'Fluent Bit among the restricted pods',
      ['fluentBit.enabled=true', 'fluentBit.namespace=cali'],
      'fluentBit.namespace is "cali"',
    ],
  ]

  it.each(refused)('%s: refused, with the key', (_, set, words) => {
    const { code, stdout, stderr } = renderChart(
      helm,
      MINIMAL,
      set.flatMap((value) => ['--set', value]),
    )
    expect([code === 0, stdout]).toEqual([false, ''])
    expect(stderr).toMatch(words)
  })

  it.each(['500ms', '10s', '0.5m', '43 s', '10000', '43000'])('a failover of %s: accepted with 60 s', (failover) => {
    for (const flag of ['--set', '--set-string'])
      expect(renderChart(helm, MINIMAL, [flag, `config.kcl.failover=${failover}`]).stderr).toBe('')
  })

  it('a failover as a large number in a file of values: refused as it was written', () => {
    const { stderr } = renderChart(helm, MINIMAL, ['--set-json', 'config.kcl={"failover":1000000}'])
    expect(stderr).toContain('config.kcl.failover is 1000000: giving the leases back would take 1017 s')
  })

  it('are all told at once', () => {
    const { stderr } = runHelm(helm, ['template', 'cali', CHART])
    for (const key of [
      'image.repository',
      'secrets.serverToken',
      'secrets.postgresUrl',
      'config.s3.bucket',
      'config.opensearch.url',
      'config.kinesis.stream',
    ])
      expect(stderr).toContain(key)
  })
})
