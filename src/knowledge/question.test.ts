import { describe, expect, it } from 'vitest'
import { cleanQuestion } from './question.ts'

const words = (text: string): string => cleanQuestion(text).replace(/\s+/g, ' ').trim()

describe('a question keeps what tells', () => {
  it('of a Node.js crash: its error, its code and the first frame of own code', () => {
    const crash = [
      'node:events:497',
      '      throw er; // Unhandled event',
      '      ^',
      '',
      'Error: connect ECONNREFUSED 10.0.0.12:5432',
      '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1607:16)',
      '    at placeOrder (/app/src/orders.js:12:3)',
      '    at handle (/app/src/http.js:40:1)',
      "Emitted 'error' event on Client instance at:",
      '    at Socket.emit (node:events:518:28) {',
      '  errno: -111,',
      "  code: 'ECONNREFUSED',",
      "  syscall: 'connect',",
      "  address: '10.0.0.12',",
      '  port: 5432',
      '}',
      '',
      'Node.js v20.20.2',
    ].join('\n')
    expect(words(crash)).toBe("Error: connect ECONNREFUSED : at placeOrder ( : : ) code: 'ECONNREFUSED',")
  })

  it('of a Java stack trace: the exceptions and one own frame', () => {
    const trace = [
      'java.lang.IllegalStateException: no stock',
      '\tat java.util.Optional.orElseThrow(Optional.java:403)',
      '\tat org.springframework.aop.X.y(X.java:1)',
      '\tat com.shop.Stock.take(Stock.java:42)',
      '\tat com.shop.Orders.place(Orders.java:7)',
      'Caused by: java.net.ConnectException: Connection refused',
      '\t... 30 more',
    ].join('\n')
    expect(words(trace)).toBe(
      'java.lang.IllegalStateException: no stock at com.shop.Stock.take(Stock.java: ) Caused by: java.net.ConnectException: Connection refused',
    )
  })

  it('of a Python traceback: not the line of source above the carets', () => {
    const trace = [
      'Traceback (most recent call last):',
      '  File "/usr/lib/python3.12/site-packages/x.py", line 1, in f',
      '  File "/app/shop/orders.py", line 12, in place',
      '    order["coupon"]',
      '    ~~~~~^^^^^^^^^^',
      "KeyError: 'coupon'",
    ].join('\n')
    expect(words(trace)).not.toContain('order[')
    expect(words(trace)).toContain("KeyError: 'coupon'")
  })

  it.each([
    ['2026-01-20T12:00:00.123Z failed', 'failed'],
    ['user 3f2504e0-4f89-11d3-9a0c-0305e82c3301 took 30000ms of 12 GB', 'user took of GB'],
    ['commit 9f8e7d6c5b4a at 0xdeadbeef', 'commit at'],
    ['mail [EMAIL:3f2a] bounced', 'mail bounced'],
    ["cannot open '/app/conf/app.yaml'", "cannot open ' '"],
    ['cannot open /var/run/docker.sock', 'cannot open /var/run/docker.sock'],
    ['주문 12345 처리 실패', '주문 처리 실패'],
  ])('of %j', (text, telling) => expect(words(text)).toBe(telling))

  it('of any size costs little', () => {
    const started = performance.now()
    for (const part of ['/a', '0', 'a/', '1.', ' at ', '\n^', '[A:'])
      expect(cleanQuestion(part.repeat(50_000)).length).toBeLessThanOrEqual(6_000)
    expect(performance.now() - started).toBeLessThan(1_500)
  })
})
