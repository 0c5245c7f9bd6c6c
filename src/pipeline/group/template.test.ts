import { describe, expect, it } from 'vitest'
import { maskParameters, templateOf } from './template.ts'

/** Message to its template. Each row reads as a sentence in the report. */
const masks = (rows: readonly (readonly [message: string, template: string])[]): void => {
  it.each(rows)('%s => %s', (message, template) => expect(templateOf(message)).toBe(template))
}

describe('numbers, sizes and times are masked', () => {
  masks([
    ['order 12345 failed after 30 attempts', 'order <num> failed after <num> attempts'],
    ['total 12,345.67 below -5', 'total <num> below <num>'],
    ['exit code 137', 'exit code <num>'],
    ['took 30000ms', 'took <duration>'],
    ['waited 1h30m10s of 1.5s', 'waited <duration> of <duration>'],
    ['in 250µs', 'in <duration>'],
    ['used 93% of 10MB', 'used <size> of <size>'],
    ['at 2026-01-20T12:00:00.123Z done', 'at <date> done'],
    ['at 2026-01-20 12:00:00,123 done', 'at <date> done'],
    ['on 2026/01/20', 'on <date>'],
    ['at 12:00:03 sharp', 'at <time> sharp'],
    ['running v1.14.2 now', 'running <version> now'],
    ['$12.50 charged', '$<num> charged'],
  ])
})

describe('ids and addresses are masked', () => {
  masks([
    ['user 3f2504e0-4f89-11d3-9a0c-0305e82c3301 not found', 'user <uuid> not found'],
    ['connect to 10.0.0.12:5432 refused', 'connect to <ip>:<num> refused'],
    ['subnet 10.1.0.0/16 full', 'subnet <ip> full'],
    ['peer fe80::1 gone', 'peer <ip> gone'],
    ['connect to [2001:db8::1]:443 refused', 'connect to [<ip>]:<num> refused'],
    ['peer [2001:db8::1] gone', 'peer [<ip>] gone'],
    ['cannot open /var/lib/app/data.db', 'cannot open <path>'],
    ['cannot open "/etc/app/conf.yaml": denied', 'cannot open "<path>": denied'],
    ['cannot open C:\\Users\\kim\\app.log', 'cannot open <path>'],
    ['cannot open D:\\logs\\2026\\app1.log', 'cannot open <path>'],
    ['GET https://api.example.com/v1/orders/123?x=1 failed', 'GET <url> failed'],
    ['redis://cache:6379/0 down', '<url> down'],
    ['mail to kim.a+test@example.co.kr bounced', 'mail to <email> bounced'],
    ['ptr 0xdeadbeef freed', 'ptr <hex> freed'],
    ['hash d41d8cd98f00b204e9800998ecf8427e differs', 'hash <hex> differs'],
    ['pod payment-service-7d9f8b6c5d-x2k4q evicted', 'pod <pod> evicted'],
    ['Entity com.acme.Order@1f2e3d is detached', 'Entity com.acme.Order@<hex> is detached'],
    ['transaction tx_91bd aborted', 'transaction tx_<id> aborted'],
    ['worker-12 stopped', 'worker-<num> stopped'],
    ['order#991 lost', 'order-<id> lost'],
    ['from [EMAIL:ab12] to [CARD:3f2a]', 'from [EMAIL] to [CARD]'],
  ])

  it('lists of any length are one parameter', () => {
    expect(templateOf('ids: 1, 2, 3, 4')).toBe(templateOf('ids: 77'))
    expect(templateOf('[1, 2, 3]')).toBe('[<num>]')
  })
})

describe('the value of a key', () => {
  masks([
    ['error=timeout user=kim', 'error=timeout user=<*>'],
    ['code=ECONNREFUSED host=db1', 'code=ECONNREFUSED host=<*>'],
    ['reason=quota_exceeded tenant=acme', 'reason=quota_exceeded tenant=<*>'],
    ['topic=orders partition=3 offset=1234', 'topic=orders partition=<num> offset=<num>'],
    ['retry=true count=3', 'retry=<bool> count=<num>'],
    ['userId: 42 id:42', 'userId: <num> id:<num>'],
    ['url=https://shop.example.com/a?b=1 failed', 'url=<url> failed'],
    ['path=/a/b/c missing', 'path=<path> missing'],
    ['코드=E501 고객번호=kim77 결제 실패', '코드=E501 고객번호=<*> 결제 실패'],
    ['사유=한도초과 결제 실패', '사유=한도초과 결제 실패'],
  ])

  it('tells two faults apart by a telling key only', () => {
    expect(templateOf('failed error=timeout')).not.toBe(templateOf('failed error=refused'))
    expect(templateOf('failed user=kim')).toBe(templateOf('failed user=lee'))
  })
})

describe('parameters that are written with blanks or marks inside', () => {
  masks([
    ['since Mon Jan 02 2006 14:04:05 GMT+0900 (Korean Standard Time) it fails', 'since <date> it fails'],
    ['on Jan 18, 2019 and at 12:31 PM', 'on <date> and at <time>'],
    ['at 20060102T150405Z', 'at <date>'],
    ['ratio 12:99 of 2006-01-40', 'ratio <num>:<num> of <num>-<num>-<num>'],
    ['b="0.0.0.0 1 a=True" c=\'x y\'', 'b=<str> c=<str>'],
    ['b="never closed', 'b="never closed'],
    ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 lost', '<traceparent> lost'],
    ['commit a93c7d2 by VdLchF7iDo8sVkg=', 'commit <hex> by <id>'],
  ])

  it('each keeps its place where they are asked for one by one', () => {
    expect(maskParameters('ids 1 2 3 at 12345:6:789')).toBe('ids <num> <num> <num> at <num>:<num>:<num>')
    expect(templateOf('ids 1 2 3')).toBe('ids <num>')
  })
})

describe('what names the fault stays', () => {
  it.each([
    'ORA-12541: TNS:no listener',
    'E11000 duplicate key error',
    'error TS2304: cannot find name',
    'ERR-1001 refused',
    'CVE-2026: found',
    'utf8 decoding failed in s3 for k8s with log4j and md5',
    'java.lang.NullPointerException in orders.v1.created',
    'connection refused',
    '주문을 처리하지 못했습니다',
    '정상 처리 불가: 재고 부족',
    '오류가 발생했습니다',
  ])('%s', (message) => expect(templateOf(message)).toBe(message))

  it('two error codes are two kinds', () => {
    expect(templateOf('ORA-12541: no listener')).not.toBe(templateOf('ORA-12170: no listener'))
  })
})

describe('a message of any size', () => {
  it('has a bounded template', () => {
    const template = templateOf('word '.repeat(100_000))
    expect(template.split(' ')).toHaveLength(61)
    expect(template.endsWith('<*>')).toBe(true)
  })

  it('costs little however it is built', () => {
    const started = performance.now()
    for (const part of ['1', 'a1-', '=', '[', '가1', 'a.', ':0', '/', '님', '-_#'])
      expect(templateOf(part.repeat(100_000)).length).toBeLessThan(12_000)
    expect(performance.now() - started).toBeLessThan(500)
  })

  it('may be empty', () => {
    expect(templateOf('')).toBe('')
    expect(templateOf(' \t ')).toBe('')
  })
})
