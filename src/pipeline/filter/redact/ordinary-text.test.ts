import { describe, expect, test } from 'vitest'
import { fake, HEX } from './fake-secrets.test-data.ts'
import { createRedactor } from './redactor.ts'

const redactor = createRedactor({ key: new Uint8Array(32) })

describe('ordinary log text survives', () => {
  const lines: Record<string, string> = {
    uuid: 'request 3f2504e0-4f89-41d3-9a0c-0305e82c3301 done',
    'git SHA': 'deployed commit 9a038989604e8da62ecddbe2094b16ce1b778be1 (9a03898)',
    'trace and span id': 'trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7 trace_flags=01',
    'trace id with a phone-like run': 'trace_id=a01012345678f34da6a3ce929d0e0e47 span_id=f0101234567890a7',
    'trace id all digits': 'traceId=12345678901234567890123456789012',
    'ISO timestamp': '2026-01-20T12:34:56.789Z 2026-01-20T12:34:56+09:00 2026-01-20 12:34:56,789',
    'epoch millis': '{"ts":1768912496789,"time":1801013123456,"exp":1768912496}',
    'epoch millis in prose': 'started at 1768912496789 finished at 1768912499999',
    'epoch seconds and nanos': 'now 1768912496 1768912496789123456 1768912496789123',
    'order number': 'order ORD-20260120-000123 failed, retry ORD-20260120-000124',
    'IPv4 with port': 'connect to 10.0.12.34:5432 from 192.168.100.200 failed',
    IPv6: 'peer 2001:0db8:85a3:0000:0000:8a2e:0370:7334 closed',
    versions: 'app 1.42.0-rc.3+build.20260120 node v24.21.0 spring-boot-3.2.1.jar',
    'java frame':
      '\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696) ~[HikariCP-5.0.1.jar:na]',
    'object hash': 'org.example.Foo@1a2b3c com.acme.Token@7d9f8b6c [B@5e2de80c',
    'pod names': 'pod payment-api-7d9f8b6c5-x2k9z on ip-10-0-1-23.ap-northeast-2.compute.internal evicted',
    'image digest':
      'registry.example.com/order-api@sha256:eaaa7b11777babe28e6133a8b19ff71cea687e0d7f05158dee95a71f76ce3d00',
    'container id': 'containerd://4f66ad9a0b2e1c3d5e7f9a1b3c5d7e9f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d',
    'git remote': 'cloning git@github.com:acme/order-api.git',
    'numeric ids': 'userId=4829527689 orderId=1248100998 offset=1768912496 size=9876543210 bytes',
    'snowflake ids': 'tweet 1748912496789123456 user 175928847299117063',
    'kafka position': 'Topic: orders Partition: 3 Offset: 123456789012 key=user-123 groupId=order-workers',
    'words about secrets': 'Invalid password: must contain at least 8 characters. Token expired. secret not found',
    'MySQL access denied': "Access denied for user 'app'@'10.0.0.5' (using password: YES)",
    'kubernetes secret names':
      'MountVolume.SetUp failed for volume "db": secret "prod-db-credentials" not found, secretName: my-app-tls-v2',
    'secret reference': 'secret: default/order-api-credentials-v2 key=/etc/ssl/private.key',
    'token counts': 'usage prompt_tokens=1234 completion_tokens=567 total_tokens=1801 max_tokens: 4096',
    'token word': 'Unexpected token < in JSON at position 0; JsonParseException: Unrecognized token: undefined',
    'token urls': 'token_url=https://auth.example.com/oauth2/token tokenType=Bearer token_type: bearer',
    'environment names': `DB_PASSWORD is not set; export API_KEY=\${API_KEY} password=<redacted> token=****`,
    'working directory': 'PWD=/home/app OLDPWD=/home',
    'author header': 'author=kim authority=api.example.com authenticated=true',
    'spring bean': 'Overriding bean definition for bean authTokenFilter with key tokenAuthenticationProvider',
    'cache keys': 'cache miss key=user:session:123 redis_key="orders:2026-01-20:42" partition_key=abcDEF123456789',
    SQL: "SELECT * FROM users WHERE id = 42 AND name = 'order' LIMIT 10",
    'HTTP line': 'GET /api/v1/orders/1000?page=2&size=20&sort=createdAt,desc HTTP/1.1 200 1534 12ms',
    'objects as text':
      'wtoken = AppWindowToken{9f4ef63 token=Token{a64f992 ActivityRecord} auth=com.acme.AuthToken@7d9f8b6c',
    'session of a coordinator': 'closing session, sessionid: 0x14ede63a5a70002',
    'thread names': '[http-nio-8080-exec-10] [Thread-1234567890] [pool-3-thread-12]',
    'Korean prose': '주문 처리 중 오류가 발생했습니다. 파일 이름: report.xlsx, 서비스 이름=결제서비스, 암호화 실패',
    'Korean rules':
      '비밀번호는 필수입니다. 비밀번호는 8자 이상, 비밀번호를 3회 틀렸습니다, 비밀번호는 POST /login 에서 확인, 이름은 필수입니다. 계좌 잔액 12,345원, 전화번호 형식이 올바르지 않습니다',
    'license text': 'License: Apache-2.0 (see LICENSE) passport strategy loaded',
    'name fields': '{"name":"order-api","container_name":"app","logger_name":"com.acme.Foo","name":"Order Service"}',
    decimals: 'latency 0.01012345678 ratio 3.14159265358979 rate 12.5%',
    'Go duration': 'took 1m30.5s goroutine 1234567 [running]: 0xc0001a2b3c',
    'memory addresses': '0x7ffee4b2c8a0 rip 0x00000000004a1b2c',
    'host and port pairs': 'mongodb://host1:27017,host2:27017/app jdbc:mysql://db:3306/app?useSSL=false',
    'email-like version': 'npm warn deprecated har-validator@5.1.5 @types/node@24.19.2 user@localhost',
    base64: `payload ${'QUJD'.repeat(10)}`,
    'checksums of files': `md5=${fake(32, HEX)} sha256=${fake(64, HEX)} etag="${fake(32, HEX)}"`,
    'request ids': `x-request-id: ${fake(32, HEX)} X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678`,
  }
  test.each(Object.entries(lines))('%s', (_name, line) => {
    expect(redactor.find(line).map(({ rule, start, end }) => `${rule}: ${line.slice(start, end)}`)).toEqual([])
    expect(redactor.redact(line)).toBe(line)
  })
})
