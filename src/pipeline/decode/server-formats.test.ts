import { describe, expect, it } from 'vitest'
import { AT, type Case, readings, WHOLE } from './format.test-data.ts'

const LINES: readonly Case[] = [
  [
    'klog',
    'E0120 20:00:00.123456       1 reflector.go:138] Failed to watch *v1.Pod: unknown',
    { level: 'ERROR', at: AT, logger: 'reflector.go:138', message: 'Failed to watch *v1.Pod: unknown' },
  ],
  [
    'klog with pairs',
    'E0120 20:00:00.123456       1 pod_workers.go:190] "Error syncing pod" err="failed to \\"Start\\"" pod="shop/a"',
    { level: 'ERROR', message: 'Error syncing pod: failed to "Start"' },
  ],
  [
    'nginx',
    '2026/01/20 20:00:00 [error] 31#31: *17 connect() failed (111: Connection refused) while connecting to upstream',
    { level: 'ERROR', at: WHOLE, message: 'connect() failed (111: Connection refused) while connecting to upstream' },
  ],
  [
    'nginx that cannot start',
    '2026/01/20 20:00:00 [emerg] 1#1: host not found in upstream "api"',
    { level: 'FATAL', at: WHOLE, message: 'host not found in upstream "api"' },
  ],
  [
    'PostgreSQL',
    '2026-01-20 20:00:00.123 KST [77] ERROR:  relation "주문" does not exist',
    { level: 'ERROR', at: AT, message: 'relation "주문" does not exist' },
  ],
  [
    'PostgreSQL with user and database',
    '2026-01-20 11:00:00.123 UTC [77] app@shop FATAL:  password authentication failed',
    { level: 'FATAL', at: AT, message: 'password authentication failed' },
  ],
  [
    'PostgreSQL of Amazon RDS',
    '2026-01-20 11:00:00 UTC:10.0.0.1(52345):app@shop:[77]:ERROR:  deadlock detected',
    { level: 'ERROR', at: WHOLE, message: 'deadlock detected' },
  ],
  [
    'MySQL',
    '2026-01-20T11:00:00.123456Z 8 [ERROR] [MY-010119] [Server] Aborting',
    { level: 'ERROR', at: AT, logger: 'Server', message: 'Aborting' },
  ],
  [
    'Redis',
    "1:M 20 Jan 2026 20:00:00.123 # Can't save in background: fork: Cannot allocate memory",
    { level: 'WARN', at: AT, message: "Can't save in background: fork: Cannot allocate memory" },
  ],
  [
    'Kafka',
    '[2026-01-20 20:00:00,123] ERROR [ReplicaManager broker=1] Error processing append (kafka.server.ReplicaManager)\norg.apache.kafka.common.errors.CorruptRecordException: bad\n\tat kafka.log.Log.append(Log.scala:10)',
    {
      level: 'ERROR',
      at: AT,
      logger: 'kafka.server.ReplicaManager',
      message: 'Error processing append',
      exception: ['org.apache.kafka.common.errors.CorruptRecordException: bad'],
    },
  ],
  [
    'Elasticsearch',
    '[2026-01-20T20:00:00,123][ERROR][o.e.b.Bootstrap          ] [node-1] no space left',
    { level: 'ERROR', at: AT, logger: 'o.e.b.Bootstrap', host: 'node-1', message: 'no space left' },
  ],
  [
    'Envoy',
    '[2026-01-20 20:00:00.123][17][error][upstream] [source/common/upstream/cluster.cc:42] DNS resolution failed',
    { level: 'ERROR', at: AT, logger: 'upstream', message: 'DNS resolution failed' },
  ],
  [
    'syslog',
    'Jan 20 20:00:00 node-1 kubelet[812]: ERROR oops',
    { level: 'ERROR', at: WHOLE, service: 'kubelet', host: 'node-1', message: 'oops' },
  ],
  [
    'syslog with a priority',
    '<11>Jan 20 20:00:00 node-1 orders[812]: 주문 실패',
    { level: 'ERROR', at: WHOLE, service: 'orders', host: 'node-1', message: '주문 실패' },
  ],
  [
    'syslog of RFC 5424',
    '<12>1 2026-01-20T11:00:00.123Z node-1 orders 812 ID47 [x@1 a="b\\]"][y@1 c="d"] 응답이 느립니다',
    { level: 'WARN', at: AT, service: 'orders', host: 'node-1', message: '응답이 느립니다' },
  ],
  [
    'Tomcat',
    '20-Jan-2026 20:00:00.123 SEVERE [main] org.apache.catalina.core.StandardService.startInternal Failed to start',
    { level: 'ERROR', at: AT, thread: 'main', message: 'Failed to start' },
  ],
]

describe('lines of a server', () => {
  it.each(LINES)('of %s are read', (_name, text, wanted) => {
    expect(readings(text)).toMatchObject([[wanted], [wanted], [wanted]])
  })
})
